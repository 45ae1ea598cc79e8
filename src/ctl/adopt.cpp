// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/adopt.hpp"

#include "base/fd.hpp"
#include "ctl/state_file.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cstring>
#include <span>

namespace reapd {
namespace {

using Make = Step::Make;
using States = std::vector<FoundUnit>;

std::string file_of(const Handover& handover) { return handover.folder + "/adopted.json"; }

std::unexpected<Failure> file_failure(const std::string& path, const char* verb, Error error) {
    const bool denied = error.code == EACCES || error.code == EPERM;
    return failure(fmt::format("{} could not be {}: {}.", path, verb,
                               denied ? "only root may do that" : ::strerror(error.code)));
}

std::expected<std::optional<States>, Failure> recall(const Handover& handover) {
    const std::string path = file_of(handover);
    const auto text = read_state(path);
    if (!text)
        return file_failure(path, "read", text.error());
    const std::optional<std::string>& remembered = *text;
    if (!remembered)
        return std::nullopt;
    auto states = parse_remembered(*remembered);
    if (!states)
        return failure(
            fmt::format("{} is not as reapctl wrote it. Nothing was changed; mend it, or "
                        "remove it to forget what it says.",
                        path));
    return states;
}

std::expected<States, Failure> look(Units& units, std::span<const char* const> names) {
    States states;
    for (const char* name : names) {
        auto state = units.state_of(name);
        if (!state)
            return std::unexpected(state.error());
        states.push_back(std::move(*state));
    }
    return states;
}

bool any_installed(const States& states) {
    return std::ranges::any_of(states, &FoundUnit::installed);
}

/// All that is known before anything is changed.
struct Known {
    std::optional<States> remembered{};
    States theirs{};
    States ours{};
};

std::expected<Known, Failure> look_around(const Handover& handover) {
    auto remembered = recall(handover);
    if (!remembered)
        return std::unexpected(remembered.error());
    auto theirs = look(handover.units, their_units);
    if (!theirs)
        return std::unexpected(theirs.error());
    auto ours = look(handover.units, our_units);
    if (!ours)
        return std::unexpected(ours.error());
    return Known{.remembered = std::move(*remembered),
                 .theirs = std::move(*theirs),
                 .ours = std::move(*ours)};
}

/// "Masked systemd-oomd.service."
std::string line_for(const Step& step) {
    std::string line = fmt::format("{} {}.", word_for(step.make), step.unit);
    line.front() = static_cast<char>(line.front() - 'a' + 'A');
    return line;
}

std::expected<void, Failure> go(const Handover& handover, const std::vector<Step>& steps) {
    for (const Step& step : steps) {
        const auto changed = handover.units.make(step);
        if (!changed)
            return std::unexpected(changed.error());
        if (*changed)
            handover.say(line_for(step));
    }
    return handover.units.settle();
}

/// Whether the socket at `path` is one that nobody listens on any more.
bool is_stale(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        return false;
    path.copy(address.sun_path, path.size());
    const Fd probe{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    return probe &&
           ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) <
               0 &&
           errno == ECONNREFUSED;
}

/// Up to systemd 257 a stopped socket leaves its file, to which users' managers then try to talk.
void remove_stale_sockets(const Handover& handover) {
    for (const char* name : {"io.systemd.ManagedOOM", "io.system.ManagedOOM"}) {
        const std::string path = handover.sockets + "/" + name;
        if (is_stale(path) && ::unlink(path.c_str()) == 0)
            handover.say(fmt::format("Removed {}, on which nobody listened.", path));
    }
}

} // namespace

std::expected<void, Failure> adopt(const Handover& handover) {
    const auto known = look_around(handover);
    if (!known)
        return std::unexpected(known.error());
    const auto& [remembered, theirs, ours] = *known;
    if (!ours.back().installed())
        return failure(fmt::format("{} is not installed. Nothing was changed.", ours.back().name));

    if (!any_installed(theirs)) {
        handover.say("systemd-oomd is not installed.");
    } else if (!remembered) {
        const std::string path = file_of(handover);
        if (const auto kept = write_state(handover.folder, path, remembered_text(theirs)); !kept)
            return file_failure(path, "written", kept.error());
        handover.say(fmt::format("Remembered in {} how systemd-oomd was.", path));
    }
    std::vector<Step> steps = steps_to_adopt(theirs, ours);
    // Between the last of theirs and the first of ours.
    const auto ours_begin = std::ranges::find(steps, Make::Enabled, &Step::make);
    if (auto gone = go(handover, {steps.begin(), ours_begin}); !gone)
        return gone;
    remove_stale_sockets(handover);
    if (auto gone = go(handover, {ours_begin, steps.end()}); !gone)
        return gone;
    handover.say("reapd looks after this machine; \"reapctl release\" hands it back.");
    return {};
}

std::expected<void, Failure> release(const Handover& handover) {
    const auto known = look_around(handover);
    if (!known)
        return std::unexpected(known.error());
    const auto& [remembered, theirs, ours] = *known;

    // What was uninstalled since then cannot come back.
    States back = remembered.value_or(States{});
    std::erase_if(back, [&found = theirs](const FoundUnit& unit) {
        const auto now = std::ranges::find(found, unit.name, &FoundUnit::name);
        return now == found.end() || !now->installed();
    });
    if (auto gone = go(handover, steps_to_release(back, ours)); !gone)
        return gone;
    if (remembered) {
        const std::string path = file_of(handover);
        if (::unlink(path.c_str()) < 0 && errno != ENOENT)
            return file_failure(path, "removed", Error{.code = errno});
        handover.say("systemd-oomd is as it was before \"reapctl adopt\".");
        return {};
    }
    handover.say("Nothing is remembered of systemd-oomd, so it stays as it is:");
    for (const FoundUnit& unit : theirs)
        handover.say(unit.installed()
                         ? fmt::format("  {}: {}, {}", unit.name, unit.file, unit.active)
                         : fmt::format("  {}: not installed", unit.name));
    return {};
}

} // namespace reapd
