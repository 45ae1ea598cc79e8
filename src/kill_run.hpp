// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// One kill from the choice of a victim that may die to the end of its recovery. The guard asks
/// it to go on at every tick; nothing here waits beyond what the executioner states.

#include "act/executioner.hpp"
#include "base/lazy_array.hpp"
#include "decide/grace.hpp"
#include "decide/pick_process.hpp"
#include "decide/rank.hpp"
#include "decide/recovery.hpp"
#include "decide/stall_window.hpp"
#include "sense/process.hpp"
#include "sense/sampler.hpp"
#include "settings/rule.hpp"
#include "tell/event.hpp"
#include "watch.hpp"

#include <concepts>
#include <span>

namespace reapd {

/// Memory and free swap.
inline std::optional<Bytes> left_of(const std::optional<MemInfo>& memory) noexcept {
    return memory ? std::optional{memory->available + memory->swap_free} : std::nullopt;
}

class KillRun {
public:
    KillRun(const Machine& machine, Executioner& executioner)
        : machine_{machine}, executioner_{executioner}, processes_{most_processes},
          nodes_{most_processes}, pids_{most_processes} {}

    bool active() const noexcept { return active_; }

    /// Goes down the ranking until a victim is found that may die, and collects it; at most the
    /// first eight are tried. Marks in `event` who was passed over. None: found; else why not.
    StuckReason choose(std::span<const Candidate> ranked, Table& table, Event& event) noexcept;
    /// The same, but for somebody who is not to be killed: `fit` says who may be taken at all.
    template <std::predicate<const Row&> Fit>
    StuckReason choose(std::span<const Candidate> ranked, Table& table, Event& event,
                       const Fit& fit) noexcept {
        const auto says = [](const void* of, const Row& row) noexcept -> bool {
            return (*static_cast<const Fit*>(of))(row);
        };
        return choose(ranked, table, event, says, &fit);
    }
    Slot chosen() const noexcept { return victim_; }

    /// Takes all memory that a choice will need.
    void prefault() noexcept {
        processes_.touch(most_processes);
        nodes_.touch(most_processes);
        pids_.touch(most_processes);
    }

    /// Kills what choose() collected. `event` is completed with the victim and the first result.
    void execute(const Table& table, const Rule& rule, const Watch& watch, TimePoint now,
                 Event& event) noexcept;

    /// Sends SIGTERM to what choose() collected. From then on the kill is active() and asking(),
    /// and step() sees the victim end by itself, if it does. Completes `event` like execute().
    void ask(const Table& table, const Rule& rule, const Watch& watch, TimePoint now,
             Event& event) noexcept;
    bool asking() const noexcept { return asking_; }
    /// The asked victim's time, seen at `now`; see Grace.
    bool grace_is_over(TimePoint now, const Plight& plight) noexcept {
        return grace_.is_over(now, plight);
    }

    /// Whether anything of the asked victim is still there.
    bool victim_lives() noexcept;

    /// SIGKILL to the victim that was asked. False when it is not there any more.
    bool insist(const Table& table, const Rule& rule, const Watch& watch, TimePoint now,
                Event& event) noexcept;

    /// The asked victim has ended, or is asked no more: step() goes on as after any kill.
    void stop_asking(TimePoint now) noexcept;
    /// It lives on: look again soon.
    void go_on_asking(TimePoint now) noexcept;
    /// Nothing more will be done about it. `event` is what was told of it last.
    void abandon(Event& event) noexcept;

    /// Looks at the victim again. `pressure` is that of the watched cgroup, if it could be read.
    /// When the recovery has ended, returns true once and `event` is the Completed event.
    bool step(TimePoint now, const std::optional<Pressure>& pressure, Event& event) noexcept;

    /// Whether the memory is back and the stall that counts from now on is new: true once.
    bool memory_just_back() noexcept { return std::exchange(just_back_, false); }

    /// Whether a person asked for it.
    bool ordered() const noexcept { return event_.order != 0; }

    /// What has come back so far.
    Bytes released() const noexcept { return recovery_.released(); }

    /// When step() wants to be called next.
    TimePoint next_step() const noexcept { return next_step_; }

    /// The watch that the kill is for.
    bool is_for(const Watch& watch) const noexcept {
        return watch.used && watch.name == rule_name_ && watch.cgroup == event_.watched;
    }

private:
    static constexpr std::size_t most_processes = 2048;
    static constexpr std::size_t most_units = 256;

    using Says = bool (*)(const void* of, const Row& row) noexcept;
    StuckReason choose(std::span<const Candidate> ranked, Table& table, Event& event, Says says,
                       const void* of) noexcept;
    Collected collect(const Candidate& candidate, const Table& table, Event& event) noexcept;
    Collected collect_process(int dir, Event& event) noexcept;
    Remaining remaining() noexcept;
    void begin(const Table& table, const Rule& rule, const Watch& watch, TimePoint now,
               const Event& event) noexcept;

    const Machine& machine_;
    Executioner& executioner_;
    LazyArray<ProcessSample> processes_;
    LazyArray<ProcessNode> nodes_;
    LazyArray<pid_t> pids_;

    bool active_ = false;
    bool asking_ = false;
    Grace grace_{};
    bool just_back_ = false;
    bool was_measuring_ = false;
    Slot victim_ = no_slot;
    Fd victim_dir_{}; ///< of our own: the guard's may close when the cgroup goes
    std::size_t chosen_processes_ = 0;
    std::uint64_t rule_name_ = 0;
    Recovery recovery_{};
    StallWindow fresh_{};
    bool full_ = true;
    TimePoint next_step_{};
    Event event_{};
};

} // namespace reapd
