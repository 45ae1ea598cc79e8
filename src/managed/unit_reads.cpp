// SPDX-License-Identifier: LGPL-2.1-or-later
#include "managed/unit_reads.hpp"

#include <string_view>
#include <utility>
#include <vector>

namespace reapd {
namespace {

bool is_active(std::string_view state) noexcept {
    return state == "active" || state == "reloading" || state == "refreshing";
}

bool is_over(std::string_view state) noexcept { return state == "inactive" || state == "failed"; }

} // namespace

// Whatever went on before: a new manager says when its reload has ended only if it knows of it.
void UnitReads::found() { phase_ = Phase::MustList; }

void UnitReads::lost() {
    phase_ = Phase::Lost;
    units_.clear();
    queue_.clear();
    reading_ = 0;
}

void UnitReads::reloading(bool begins) { phase_ = begins ? Phase::Reloading : Phase::MustList; }

void UnitReads::missed() {
    if (phase_ == Phase::Following)
        phase_ = Phase::MustList;
}

bool UnitReads::take_list() {
    if (phase_ != Phase::MustList)
        return false;
    phase_ = Phase::Listing;
    return true;
}

bool UnitReads::listed(const std::set<std::string>& active) {
    if (phase_ != Phase::Listing)
        return false;
    phase_ = Phase::Following;
    std::vector<std::string> over;
    for (const auto& [name, unit] : units_)
        if (!active.contains(name))
            over.push_back(name);
    for (const std::string& name : over)
        forget(name);
    for (const std::string& name : active)
        if (const auto [at, added] = units_.try_emplace(name); added)
            queue_.push_back(name);
        else
            want(name, at->second);
    return true;
}

void UnitReads::list_failed() {
    if (phase_ == Phase::Listing)
        phase_ = Phase::Lost;
}

bool UnitReads::signalled(const std::string& unit, const UnitState& state) {
    if (phase_ != Phase::Following)
        return false;
    if (is_over(state.active))
        return removed(unit);
    if (!is_active(state.active))
        return false;
    const auto [at, added] = units_.try_emplace(unit);
    // A unit tells of itself whenever another one comes to depend on it, too.
    const bool same =
        std::exchange(at->second.since, state.since) == state.since && !added && !at->second.went;
    if (added)
        queue_.push_back(unit);
    else if (!same)
        want(unit, at->second);
    return false;
}

bool UnitReads::removed(const std::string& unit) {
    if (phase_ != Phase::Following)
        return false;
    forget(unit);
    return true;
}

void UnitReads::touched(const std::string& unit) {
    if (const auto at = units_.find(unit); at != units_.end() && !at->second.went)
        want(unit, at->second);
}

std::optional<std::string> UnitReads::next() {
    if (phase_ != Phase::Following || queue_.empty() || reading_ >= at_once_)
        return {};
    std::string name = std::move(queue_.front());
    queue_.pop_front();
    units_[name].stage = Stage::Reading;
    ++reading_;
    return name;
}

bool UnitReads::ended(const std::string& unit, bool answered) {
    const auto at = units_.find(unit);
    if (at == units_.end() || at->second.stage != Stage::Reading)
        return false;
    --reading_;
    const bool counts = answered && !at->second.went;
    if (std::exchange(at->second.again, false)) {
        at->second.went = false;
        at->second.stage = Stage::Waiting;
        queue_.push_back(unit);
    } else if (counts) {
        at->second.stage = Stage::Known;
    } else {
        units_.erase(at); // The next that is heard of it counts as news.
    }
    return counts;
}

void UnitReads::want(const std::string& unit, Unit& known) {
    if (known.stage == Stage::Reading) {
        known.again = true;
    } else if (known.stage == Stage::Known) {
        known.stage = Stage::Waiting;
        queue_.push_back(unit);
    }
}

void UnitReads::forget(const std::string& unit) {
    const auto at = units_.find(unit);
    if (at == units_.end())
        return;
    if (at->second.stage == Stage::Reading) {
        at->second.went = true;
        at->second.again = false;
        return;
    }
    if (at->second.stage == Stage::Waiting)
        std::erase(queue_, unit);
    units_.erase(at);
}

} // namespace reapd
