// SPDX-License-Identifier: LGPL-2.1-or-later
#include "kill_run.hpp"

#include <algorithm>

/// A kill with GraceSec=: SIGTERM, time to end, and then SIGKILL to the same victim.

namespace reapd {
namespace {

/// Pressure must not be left alone for longer.
constexpr std::chrono::milliseconds asking_step{100};

} // namespace

void KillRun::ask(const Table& table, const Rule& rule, const Watch& watch, TimePoint now,
                  Event& event) noexcept {
    executioner_.ask();
    event.grace = rule.grace;
    event.kill = executioner_.result();
    begin(table, rule, watch, now, event);
    asking_ = true;
    grace_.begin(now, rule.grace, {.stall = {event.pressure}, .left = left_of(event.memory)});
    go_on_asking(now);
}

bool KillRun::victim_lives() noexcept {
    const Remaining rest = remaining();
    return !rest.gone && rest.populated;
}

bool KillRun::insist(const Table& table, const Rule& rule, const Watch& watch, TimePoint now,
                     Event& event) noexcept {
    stop_asking(now);
    if (victim_ >= table.rows().size() || table.at(victim_).id != event_.victim)
        return false;
    const int dir = table.at(victim_).dir;
    Collected collected = Collected::Gone;
    if (chosen_processes_ == 0) {
        collected = executioner_.collect_cgroup(dir);
    } else {
        const std::span<const ProcessSample> asked = processes_.span().first(chosen_processes_);
        std::size_t count = 0;
        for (const ProcessSample& process : asked) {
            const Result<ProcessSample> same = read_process(machine_.proc.get(), process.pid);
            if (same && same->started == process.started)
                pids_[count++] = process.pid;
        }
        collected = executioner_.collect_processes(dir, pids_.span().first(count));
    }
    if (collected != Collected::Ready)
        return false;
    event = event_;
    event.at = now;
    event.grace = {};
    execute(table, rule, watch, now, event);
    return true;
}

void KillRun::stop_asking(TimePoint now) noexcept {
    asking_ = false;
    next_step_ = now;
}

void KillRun::go_on_asking(TimePoint now) noexcept {
    next_step_ = std::min(now + asking_step, std::max(grace_.ends(), now));
}

void KillRun::abandon(Event& event) noexcept {
    executioner_.finish();
    asking_ = active_ = false;
    victim_dir_ = Fd{};
    event = event_;
    event.grace = {};
}

} // namespace reapd
