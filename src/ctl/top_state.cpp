// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/top_state.hpp"

#include <algorithm>

namespace reapd {
namespace {

using nlohmann::json;

void push(Past& past, double share) {
    past.push_back(std::clamp(share, 0.0, 1.0));
    while (past.size() > past_kept)
        past.pop_front();
}

Past past_of(const TopState& state, const TopWatch& watch) {
    for (const TopWatch& old : state.watched)
        if (old.rule == watch.rule && old.cgroup == watch.cgroup)
            return old.past;
    return {};
}

json amount(const std::optional<MemInfo>& memory, Bytes MemInfo::* member) {
    return memory ? json(((*memory).*member).value) : json{};
}

} // namespace

void take_view(TopState& state, const View& view) {
    state.version = text_of(view.dump, "version");
    state.state = text_of(view.dump, "state");
    state.dry_run = flag_of(view.dump, "dry_run");
    state.kills = number_of(view.dump, "kill_count").value_or(0);
    state.released = {number_of(view.dump, "released_bytes").value_or(0)};
    state.history = member_of(view.dump, "history");
    push(state.some, view.pressure[0] / 100);
    push(state.full, view.pressure[3] / 100);

    std::vector<TopWatch> watched;
    for (const json& row : member_of(view.dump, "watched")) {
        TopWatch watch{.rule = text_of(row, "rule"), .cgroup = text_of(row, "cgroup")};
        watch.past = past_of(state, watch);
        const json& share = member_of(row, "share");
        if (share.is_number())
            push(watch.past, share.get<double>());
        else
            watch.past.clear();
        watched.push_back(std::move(watch));
    }
    state.watched = std::move(watched);
}

std::string most_pressed_rule(const TopState& state) {
    const TopWatch* most = nullptr;
    const auto now = [](const TopWatch& watch) {
        return watch.past.empty() ? -1.0 : watch.past.back();
    };
    for (const TopWatch& watch : state.watched)
        if (!most || now(watch) > now(*most))
            most = &watch;
    return most ? most->rule : "";
}

json top_json(const TopState& state) {
    json watched = json::array();
    for (const TopWatch& watch : state.watched)
        watched.push_back({{"rule", watch.rule},
                           {"cgroup", watch.cgroup},
                           {"share", watch.past.empty() ? json{} : json(watch.past.back())}});
    return {{"time_usec", state.time_usec},
            {"failure", state.failure.empty() ? json{} : json(state.failure)},
            {"state", state.state},
            {"dry_run", state.dry_run},
            {"kill_count", state.kills},
            {"released_bytes", state.released.value},
            {"memory_total", amount(state.memory, &MemInfo::total)},
            {"memory_available", amount(state.memory, &MemInfo::available)},
            {"swap_total", amount(state.memory, &MemInfo::swap_total)},
            {"swap_free", amount(state.memory, &MemInfo::swap_free)},
            {"some", state.some.empty() ? json{} : json(state.some.back())},
            {"full", state.full.empty() ? json{} : json(state.full.back())},
            {"watched", std::move(watched)},
            {"rule", state.rule},
            {"candidates", state.candidates},
            {"history", state.history}};
}

} // namespace reapd
