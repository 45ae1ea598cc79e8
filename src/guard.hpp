// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The guard: the thread that must work when nothing else does. One tick is sense, decide, act,
/// post. It sleeps in epoll_wait() while all is well: kernel triggers wake it, the front rings, and
/// a timer runs only under pressure (and three times a minute for the watchdog).
///
/// It allocates nothing after prepare(), takes no lock, and speaks to neither bus nor journal.
/// Plain epoll and not sd-event: with a fixed set of sources the loop is ten lines, and nothing in
/// it has to be trusted not to allocate.

#include "act/executioner.hpp"
#include "base/lazy_array.hpp"
#include "base/notify.hpp"
#include "candidate_pool.hpp"
#include "channel.hpp"
#include "cool_run.hpp"
#include "freeze_run.hpp"
#include "kill_run.hpp"
#include "sense/activity.hpp"
#include "sense/sampler.hpp"
#include "watch.hpp"

#include <optional>

namespace reapd {

struct GuardSettings {
    std::size_t max_cgroups = 16384;
    PoolSettings pool{};
    Microseconds smallest_window{}; ///< of a privileged trigger
    Microseconds watchdog{};        ///< how often it is fed; 0: never
    const char* notify_path = nullptr;
};

class Guard {
public:
    Guard(Channel& channel, const Machine& machine, const GuardSettings& settings);

    /// Makes threads and descriptors. Errors: of epoll_create1(2), epoll_ctl(2), pthread_create(3).
    Result<> prepare() noexcept;

    /// Goes the way of a kill on an empty cgroup of ours, so that its code and stack are in memory.
    Result<> rehearse(int empty_cgroup) noexcept;

    /// The epoll set that triggers join, tagged with TriggerTag (EPOLLPRI | EPOLLET).
    int epoll() const noexcept { return epoll_.get(); }

    /// The thread's body; returns after Request::Stop.
    void run() noexcept;

    /// When that has returned: ends the threads that cool and freeze, which takes seconds at most.
    /// Nobody is frozen after it, unless by a thread that the kernel does not let go.
    void end() noexcept {
        cool_.stop();
        freezer_.stop();
    }

private:
    void wait(TimePoint now) noexcept;
    bool serve_requests(TimePoint now) noexcept;
    void serve(const Request& request, TimePoint now) noexcept;
    void adopt(const PolicyPackage& package, TimePoint now) noexcept;
    void prefault() noexcept;
    void first_reading(TimePoint now) noexcept;
    void triggered(TriggerTag tag, TimePoint now) noexcept;
    bool is_far_away(const Rule& rule) noexcept;
    void trigger_lost(TriggerTag tag, TimePoint now) noexcept;
    void arm(Watch& watch, TimePoint now) noexcept;
    void disarm(Watch& watch, TimePoint now) noexcept;
    void drop(Watch& watch, TimePoint now) noexcept;

    void tick(TimePoint now) noexcept;
    void sample(TimePoint now) noexcept;
    void poll_slowly(Watch& watch, TimePoint now) noexcept;
    void look_at_cgroup(const Watch& watch, const When& when, TimePoint now) noexcept;
    bool rests(const Watch& watch, const Rule& rule, TimePoint now) noexcept;
    void go_on_asking(Watch* watch, TimePoint now) noexcept;
    void go_on_with_kill(TimePoint now) noexcept;
    void consider(TimePoint now) noexcept;
    bool consider(Watch& watch, TimePoint now) noexcept;
    bool useless_nearby(const Watch& watch) noexcept;
    bool still_met(Watch& watch, const Rule& rule, TimePoint now) noexcept;
    bool kill(Watch& watch, const Rule& rule, std::span<const Candidate> ranked, Event& event,
              TimePoint now) noexcept;
    void cool(TimePoint now) noexcept;
    bool cool(Watch& watch, TimePoint now) noexcept;
    void go_on_cooling(TimePoint now) noexcept;
    void end_cooling(TimePoint now) noexcept;
    std::optional<ToCool> whom_to_cool(const Watch& watch, std::span<const Candidate> ranked,
                                       TimePoint now) noexcept;
    bool may_kill_soon() noexcept;
    void look_who_works(TimePoint now) noexcept;
    bool wants_idle(const Watch& watch) const noexcept;
    bool freeze(Watch& watch, const Rule& rule, std::span<const Candidate> ranked, Event& event,
                TimePoint now) noexcept;
    void go_on_with_freeze(TimePoint now) noexcept;
    void count_stall_anew(TimePoint now) noexcept;
    void end_frozen(Frozen& frozen, TimePoint now) noexcept;
    bool kill_frozen(Frozen& frozen, TimePoint now) noexcept;
    void note_killed(const Event& event) noexcept;
    void kill_ordered(const Request& request, TimePoint now) noexcept;
    Candidate sole_candidate(Slot slot, Event& event, TimePoint now) noexcept;
    void refuse_order(OrderRefusal why) noexcept;
    static Ranked ranked_of(const Candidate& candidate) noexcept;
    void stuck(Watch& watch, Event& event, StuckReason reason) noexcept;
    std::optional<Pressure> pressure_of(const Watch& watch) noexcept;
    Event event_for(const Watch& watch, EventKind kind, TimePoint now) const noexcept;
    void fill(Event& event, const Watch& watch, std::span<const Candidate> ranked) const noexcept;
    void show_state() noexcept;
    void show_standing() noexcept;
    void tell_crossing(Watch& watch, bool above, TimePoint now) noexcept;
    void post(const Event& event) noexcept;
    void mention(const Event& event) noexcept;
    void feed_watchdog(TimePoint now) noexcept;

    Measured measured_of(const Watch& watch, const When& when,
                         const std::optional<MemInfo>& memory) const noexcept {
        return measured_by(watch, when, table_.at(watch.slot), memory);
    }

    bool asked_by_user(const Watch& watch) const noexcept {
        return (table_.at(watch.slot).marks.asked >> watch.rule & 1) != 0;
    }

    const Rule& rule_of(const Watch& watch) const noexcept {
        return package_->policy.rules[watch.rule];
    }

    Channel& channel_;
    const Machine& machine_;
    GuardSettings settings_;
    Fd epoll_{};
    NotifySocket notify_{};
    Executioner executioner_{};
    Table table_;
    WatchList watches_{};
    CandidatePool pool_;
    KillRun kill_;
    CoolRun cool_;
    Freezer freezer_{};
    FreezeRun freeze_{freezer_};
    const PolicyPackage* package_ = nullptr;
    std::optional<MemInfo> memory_{};
    Event event_{};           ///< here and not on the stack: it is a kilobyte
    const Rule order_rule_{}; ///< how a kill is done that no rule asks for
    std::uint64_t actions_ = 0;
    TimePoint next_sample_ = TimePoint::max();
    TimePoint next_look_ = TimePoint::max();     ///< a rule waits for a second sample of candidates
    TimePoint next_activity_ = TimePoint::max(); ///< a rule wants to know who is idle
    std::size_t activity_turn_ = 0;              ///< the row that is looked at next
    std::size_t activity_left_ = 0;              ///< so many are looked at before the next pause
    LazyArray<Activity> activities_;             ///< by slot
    TimePoint next_meal_ = TimePoint::max();     ///< of the watchdog
    bool moved_ = false;                         ///< there is something to show
};

} // namespace reapd
