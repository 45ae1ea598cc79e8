// SPDX-License-Identifier: LGPL-2.1-or-later
#include "kill_run.hpp"

#include "base/files.hpp"
#include "process_sum.hpp"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace reapd {
namespace {

/// While memory comes back every hundredth counts; afterwards stall time has to gather first.
constexpr std::chrono::milliseconds releasing_step{10};
constexpr std::chrono::milliseconds measuring_step{50};

/// Under pressure everybody is looked at again every second.
constexpr std::chrono::seconds exempt_remembered{10};

/// After a kill for a rule that only a user asks for, no more is measured before the next kill.
constexpr std::chrono::seconds longest_window_of_users{1};

/// How far down the ranking a victim is looked for before the rule counts as stuck.
constexpr std::size_t most_tried = 8;

std::span<const int> unit_dirs(const Table& table, Slot victim, std::span<int> out) noexcept {
    std::size_t count = 0;
    const std::span<const Row> rows = table.rows();
    for (Slot slot = 0; slot < rows.size() && count < out.size(); ++slot)
        if (rows[slot].id != CgroupId{} && rows[slot].marks.unit && table.within(slot, victim))
            out[count++] = rows[slot].dir;
    return out.first(count);
}

/// The kernel's 15 bytes of name; empty when the process is gone.
void read_name(const Fd& proc, pid_t pid, std::array<char, 16>& name) noexcept {
    std::array<char, 32> path{};
    char* const end = std::to_chars(path.data(), path.data() + 16, pid).ptr;
    std::memcpy(end, "/comm", sizeof "/comm");
    name = {};
    const Result<std::string_view> text = read_at(proc, path.data(), name);
    if (!text)
        name = {};
    else if (text->ends_with('\n'))
        name[text->size() - 1] = '\0';
}

bool was_exempt(const Row& row, TimePoint now) noexcept {
    return row.exempt_at != TimePoint{} && now - row.exempt_at < exempt_remembered;
}

} // namespace

Collected KillRun::collect_process(int dir, Event& event) noexcept {
    std::size_t count = 0;
    for (const pid_t pid : read_pids(dir, pids_.span()))
        if (const Result<ProcessSample> process = read_process(machine_.proc.get(), pid))
            processes_[count++] = *process;
    const std::span<const ProcessSample> processes = processes_.span().first(count);
    const std::optional<std::size_t> chosen = pick_process(processes, nodes_.span().first(count));
    if (!chosen)
        return count == 0 ? Collected::Empty : Collected::Exempt;

    const std::size_t family =
        descendants(processes, nodes_.span().first(count), *chosen, pids_.span());
    const std::span<const pid_t> doomed = pids_.span().first(family);
    event.victim_pid = processes[*chosen].pid;
    read_name(machine_.proc, event.victim_pid, event.victim_name);
    event.promise = nodes_[*chosen].memory;
    chosen_processes_ = family;
    for (std::size_t i = 0; i < family; ++i)
        processes_[i] = read_process(machine_.proc.get(), doomed[i]).value_or(ProcessSample{});
    return executioner_.collect_processes(dir, doomed);
}

Collected KillRun::collect(const Candidate& candidate, const Table& table, Event& event) noexcept {
    const Row& row = table.at(candidate.slot);
    event.victim = row.id;
    event.victim_pid = 0;
    event.promise = candidate.promise;
    chosen_processes_ = 0;
    return candidate.processes ? collect_process(row.dir, event)
                               : executioner_.collect_cgroup(row.dir);
}

StuckReason KillRun::choose(std::span<const Candidate> ranked, Table& table,
                            Event& event) noexcept {
    return choose(ranked, table, event, [](const Row&) { return true; });
}

StuckReason KillRun::choose(std::span<const Candidate> ranked, Table& table, Event& event,
                            Says says, const void* of) noexcept {
    StuckReason reason = StuckReason::NoCandidate;
    const std::size_t tried = std::min(ranked.size(), most_tried);
    for (std::size_t i = 0; i < tried; ++i) {
        Row& row = table.at(ranked[i].slot);
        Collected collected = says(of, row) ? collect(ranked[i], table, event) : Collected::Empty;
        // Who is exempt stays so when there is no time to look. Only root can make anybody exempt.
        if (collected == Collected::Ready && executioner_.late() && was_exempt(row, event.at))
            collected = Collected::Exempt;
        else if (collected == Collected::Exempt && !ranked[i].processes)
            row.exempt_at = event.at;
        if (collected == Collected::Exempt)
            reason = StuckReason::AllProtected;
        if (collected == Collected::Denied && reason == StuckReason::NoCandidate)
            reason = StuckReason::Failed;
        if (collected == Collected::Ready) {
            if (event.victim_pid != 0)
                event.ranking[i].pid = event.victim_pid;
            victim_ = ranked[i].slot;
            return StuckReason::None;
        }
        event.ranking[i].exempt = true;
    }
    executioner_.finish(); // What was collected last is not killed, and must not be in the way.
    event.victim = {};
    event.victim_pid = 0;
    return reason;
}

void KillRun::execute(const Table& table, const Rule& rule, const Watch& watch, TimePoint now,
                      Event& event) noexcept {
    std::array<int, most_units> units;
    const bool whole = chosen_processes_ == 0;
    executioner_.execute(
        {.whole = whole,
         // One process of a scope is not its unit: told otherwise, the manager would stop the rest.
         .unit_dirs = whole ? unit_dirs(table, victim_, units) : std::span<const int>{},
         .release = rule.release});
    event.kill = executioner_.result();
    begin(table, rule, watch, now, event);
}

void KillRun::begin(const Table& table, const Rule& rule, const Watch& watch, TimePoint now,
                    const Event& event) noexcept {
    victim_dir_ = Fd{::fcntl(table.at(victim_).dir, F_DUPFD_CLOEXEC, 0)};
    active_ = true;
    just_back_ = was_measuring_ = false;
    rule_name_ = watch.name;
    full_ = rule.when.pressure_full.has_value();
    // What one user asks for is not to keep everybody else's rules waiting.
    const bool of_user = (table.at(watch.slot).marks.asked >> watch.rule & 1) != 0;
    const Microseconds window =
        of_user ? std::min(longest_window(rule.when), Microseconds{longest_window_of_users})
                : longest_window(rule.when);
    const std::optional<PressureLimit>& limit =
        full_ ? rule.when.pressure_full : rule.when.pressure_some;
    recovery_.begin(
        now, {.promise = event.promise,
              .share = window.count() > 0 ? std::optional{Permyriad{event.pressure}} : std::nullopt,
              .limit = limit ? limit->share : Permyriad{},
              .window = window});
    fresh_ = StallWindow{recovery_.fresh_window()};
    next_step_ = now + releasing_step;
    event_ = event;
}

Remaining KillRun::remaining() noexcept {
    if (chosen_processes_ > 0) {
        Bytes left;
        bool lives = false;
        for (const ProcessSample& known : processes_.span().first(chosen_processes_)) {
            const Result<ProcessSample> now = read_process(machine_.proc.get(), known.pid);
            if (!now || now->started != known.started)
                continue; // Its number may belong to another by now.
            lives = true;
            left = left + now->memory;
        }
        return {.gone = !lives, .populated = lives, .memory = left};
    }
    const Result<Remains> remains = machine_.memory_controller
                                        ? read_remains(victim_dir_.get())
                                        : sum_processes(machine_, victim_dir_.get());
    if (!remains) {
        const int code = remains.error().code;
        const bool gone = code == ENOENT || code == ENODEV;
        return {.gone = gone, .populated = !gone}; // Else unknown, and unknown is not released.
    }
    return {.populated = remains->populated, .memory = remains->memory};
}

bool KillRun::step(TimePoint now, const std::optional<Pressure>& pressure, Event& event) noexcept {
    const Remaining rest = remaining();
    Recovery::Phase phase = recovery_.step(now, rest);
    const bool memory_back = phase != Recovery::Phase::Releasing;
    const bool executed = executioner_.poll(now, memory_back);

    if (memory_back && !was_measuring_) {
        was_measuring_ = just_back_ = true;
    }
    if (memory_back && pressure) {
        fresh_.add(now, full_ ? pressure->full.total : pressure->some.total);
        if (const std::optional<Permyriad> share = fresh_.share()) {
            phase = recovery_.measured(now, share);
            event_.pressure_after = share->value;
        }
    } else if (memory_back) {
        phase = recovery_.measured(now, std::nullopt);
    }
    next_step_ = now + (memory_back ? measuring_step : releasing_step);
    if (phase != Recovery::Phase::Done || !executed)
        return false;

    event_.kill = executioner_.result();
    executioner_.finish();
    active_ = false;
    victim_dir_ = Fd{};
    event_.kind = EventKind::Completed;
    event_.at = now;
    event_.released = recovery_.released();
    event_.until_half = recovery_.until_half().value_or(Microseconds{});
    event_.until_released = recovery_.until_released().value_or(Microseconds{});
    event_.useless = recovery_.useless();
    event = event_;
    return true;
}

} // namespace reapd
