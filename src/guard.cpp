// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guard.hpp"

#include "act/memory_lock.hpp"
#include "act/precedence.hpp"
#include "decide/pace.hpp"

#include <pthread.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>

namespace reapd {
namespace {

using namespace std::chrono_literals;

/// What the front's eventfd says in the epoll set; no TriggerTag has the top bit clear.
constexpr std::uint64_t front_rings = 0;
/// And what the end of a round of cooling says.
constexpr std::uint64_t round_ended = 1;

TimePoint clock_now() noexcept { return std::chrono::steady_clock::now(); }

/// A removed cgroup's trigger tells first; by then the front has told, too.
constexpr std::chrono::seconds lost_trigger_pause{1};

/// The front empties a full queue in less.
constexpr std::chrono::milliseconds room_after{100};

/// Rules without a window kill at once: after a restart they wait, lest a crash become a loop.
constexpr std::chrono::seconds first_poll_after{1};

} // namespace

Guard::Guard(Channel& channel, const Machine& machine, const GuardSettings& settings)
    : channel_{channel}, machine_{machine}, settings_{settings}, table_{settings.max_cgroups},
      pool_{machine, settings.max_cgroups, Files::Held}, kill_{machine, executioner_},
      activities_{settings.max_cgroups} {}

Result<> Guard::prepare() noexcept {
    epoll_ = Fd{::epoll_create1(EPOLL_CLOEXEC)};
    if (!epoll_)
        return failed("epoll_create1");
    epoll_event rings{.events = EPOLLIN, .data = {.u64 = front_rings}};
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, channel_.to_guard.get(), &rings) != 0)
        return failed("epoll_ctl");
    if (Result<NotifySocket> notify = NotifySocket::open(settings_.notify_path))
        notify_ = std::move(*notify);
    if (const Result<> started = cool_.start(machine_.proc.get()); !started)
        return std::unexpected(started.error());
    // Each end once: a tick may have taken the result before it is told.
    epoll_event ended{.events = EPOLLIN | EPOLLET, .data = {.u64 = round_ended}};
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, cool_.ended(), &ended) != 0)
        return failed("epoll_ctl");
    kill_.prefault();
    if (const Result<> started = freezer_.start(settings_.pool.nice); !started)
        return started;
    return executioner_.start(settings_.pool, machine_.proc.get());
}

Result<> Guard::rehearse(int empty_cgroup) noexcept { return executioner_.rehearse(empty_cgroup); }

void Guard::run() noexcept {
    prefault_stack();
    take_precedence();
    (void)::pthread_setname_np(::pthread_self(), "reapd-guard");
    if (settings_.watchdog > 0us)
        next_meal_ = clock_now();
    for (;;) {
        wait(clock_now());
        if (!serve_requests(clock_now()))
            return;
        tick(clock_now());
        if (std::exchange(moved_, false))
            show_state();
    }
}

void Guard::wait(TimePoint now) noexcept {
    const TimePoint next = kill_.active() ? kill_.next_step() : next_look_;
    TimePoint deadline =
        std::min({next_sample_, next_meal_, next, cool_.next_step(), freeze_.next_step()});
    if (!kill_.active())
        deadline = std::min(deadline, next_activity_);
    for (const Watch& watch : watches_.all()) {
        if (watch.used && watch.polled && !watch.armed)
            deadline = std::min(deadline, watch.next_poll);
        if (owes_crossing(watch))
            deadline = std::min(deadline, now + room_after);
    }

    int timeout = -1;
    if (deadline != TimePoint::max()) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - now);
        timeout = static_cast<int>(std::clamp(left, 0ms, std::chrono::milliseconds{60s}).count());
    }
    std::array<epoll_event, 64> ready;
    const int count =
        ::epoll_wait(epoll_.get(), ready.data(), static_cast<int>(ready.size()), timeout);
    for (int i = 0; i < count; ++i) {
        const epoll_event& event = ready[static_cast<std::size_t>(i)];
        if (event.data.u64 == front_rings)
            hush(channel_.to_guard);
        else if (event.data.u64 == round_ended)
            continue; // The tick takes the result.
        else if ((event.events & EPOLLERR) != 0)
            trigger_lost(TriggerTag::unpacked(event.data.u64), clock_now());
        else
            triggered(TriggerTag::unpacked(event.data.u64), clock_now());
    }
}

bool Guard::serve_requests(TimePoint now) noexcept {
    Request request;
    while (channel_.requests.pop(request)) {
        if (request.kind == Request::Kind::Stop)
            return false;
        serve(request, now);
    }
    return true;
}

void Guard::serve(const Request& request, TimePoint now) noexcept {
    switch (request.kind) {
    case Request::Kind::Add:
        table_.add(request.slot, request.id, request.parent, request.dir, request.marks);
        if (request.born)
            table_.at(request.slot).born = now;
        prefault();
        if (package_ != nullptr && request.marks.watched != 0) {
            if (!watches_.cgroup_added(package_->policy, request.slot, table_.at(request.slot)))
                mention({.kind = EventKind::GuardError,
                         .at = now,
                         .watched = request.id,
                         .error_call = "watch",
                         .error_code = ENOSPC});
            first_reading(now);
        }
        break;
    case Request::Kind::Remove:
        for (Watch& watch : watches_.all())
            if (watch.used && watch.slot == request.slot)
                drop(watch, now);
        freeze_.forget(table_.at(request.slot).id);
        table_.remove(request.slot);
        if (activities_[request.slot].known()) // Writing would take memory that nobody asked for.
            activities_[request.slot] = {};
        break;
    case Request::Kind::Adopt:
        adopt(*request.package, now);
        break;
    case Request::Kind::NoTrigger:
        if (Watch* const watch = watches_.find(request.slot, request.rule)) {
            watch->polled = true;
            watch->next_poll = now;
        }
        break;
    case Request::Kind::Kill:
        kill_ordered(request, now);
        break;
    case Request::Kind::Mark:
        table_.at(request.slot).marks = request.marks;
        break;
    case Request::Kind::Thawed:
        freeze_.forget(request.id);
        break;
    case Request::Kind::Unseen:
        table_.at(request.slot).unseen = request.unseen;
        break;
    case Request::Kind::Stop:
        break;
    }
}

void Guard::adopt(const PolicyPackage& package, TimePoint now) noexcept {
    end_cooling(now); // Told in the words of the policy that it belonged to.
    const std::span<Row> rows = table_.rows();
    for (std::size_t slot = 0; slot < rows.size() && slot < package.marks.size(); ++slot)
        rows[slot].marks = package.marks[slot];
    const bool fits = watches_.adopt(package.policy, table_);
    for (Watch& watch : watches_.all())
        if (watch.used && !watch.current)
            drop(watch, now); // Likewise.
    const PolicyPackage* const old = std::exchange(package_, &package);
    if (!fits)
        mention({.kind = EventKind::GuardError,
                 .at = now,
                 .error_call = "watch",
                 .error_code = ENOSPC});
    first_reading(now);
    cool_.cancel(); // What is cooled may be protected now.
    moved_ = true;  // The rules have other numbers.
    next_activity_ =
        std::ranges::any_of(package.policy.rules, asks_who_is_idle) ? now : TimePoint::max();
    prefault();
    if (old != nullptr)
        post({.kind = EventKind::PolicyDone, .at = now, .generation = old->policy.generation});
}

/// Under pressure there is no time to wait for a page.
void Guard::prefault() noexcept {
    const std::size_t rows = table_.rows().size();
    table_.prefault();
    pool_.prefault(rows);
    if (package_ != nullptr && std::ranges::any_of(package_->policy.rules, asks_who_is_idle))
        activities_.touch(rows);
}

/// A window is full once this reading is as old as the window is long; so nothing dies before a
/// whole window was seen, whatever happened before the start.
void Guard::first_reading(TimePoint now) noexcept {
    for (Watch& watch : watches_.all()) {
        if (!watch.used)
            continue;
        if (amounts_only(rule_of(watch).when) && !watch.polled) {
            watch.polled = true;
            watch.next_poll = now + first_poll_after;
        }
        const When& when = rule_of(watch).when;
        if ((!when.pressure_full || !watch.full.empty()) &&
            (!when.pressure_some || !watch.some.empty()))
            continue;
        if (const std::optional<Pressure> pressure = pressure_of(watch))
            add_reading(watch, now, *pressure);
    }
}

std::optional<Pressure> Guard::pressure_of(const Watch& watch) noexcept {
    const Result<Pressure> pressure = read_pressure(machine_, table_.at(watch.slot));
    if (!pressure)
        return std::nullopt; // Gone, or its owner switched PSI off: unknown, not zero.
    return *pressure;
}

void Guard::triggered(TriggerTag tag, TimePoint now) noexcept {
    Watch* const watch = watches_.find(tag.slot, tag.rule);
    if (watch == nullptr || watch->armed)
        return; // Of a policy or cgroup that is gone; or the samples see it anyway.
    if (is_far_away(rule_of(*watch)))
        return; // It rings again as long as there is pressure.
    const std::optional<Pressure> pressure = pressure_of(*watch);
    if (!pressure)
        return;
    const When& when = rule_of(*watch).when;
    const auto credit = [&](StallWindow& window, const std::optional<PressureLimit>& limit,
                            bool full, Microseconds total) {
        if (!limit)
            return;
        const StallKind kind = full ? StallKind::Full : StallKind::Some;
        const TriggerPlan plan =
            plan_trigger(*limit, kind, settings_.smallest_window, tag.privileged);
        if (full == tag.full)
            window.credit(now, total, plan.stall, plan.window);
        else
            window.add(now, total);
    };
    credit(watch->some, when.pressure_some, false, pressure->some.total);
    credit(watch->full, when.pressure_full, true, pressure->full.total);
    arm(*watch, now);
}

/// A rule that cools acts long before anybody stands still, so that its trigger rings at any burst
/// of work. While there is far more memory than it asks for, nothing needs to be looked at.
bool Guard::is_far_away(const Rule& rule) noexcept {
    if (!cools(rule.action))
        return false;
    const Result<MemInfo> memory = read_meminfo(machine_);
    return memory && !amounts_are_near(rule.when, *memory);
}

/// A removed cgroup answers EPOLLPRI too, together with EPOLLERR: that is no pressure. Usually
/// the front says next that it is gone; but its owner may also have switched PSI off and on
/// again, and then nothing would wake us any more.
void Guard::trigger_lost(TriggerTag tag, TimePoint now) noexcept {
    Watch* const watch = watches_.find(tag.slot, tag.rule);
    if (watch == nullptr)
        return;
    watch->polled = true;
    watch->next_poll = now + lost_trigger_pause;
    mention(event_for(*watch, EventKind::TriggerLost, now));
}

void Guard::arm(Watch& watch, TimePoint now) noexcept {
    watch.armed = true;
    watch.armed_at = watch.restless_at = now;
    for (Row& row : table_.rows())
        row.measurable =
            true; // The manager may have enabled the controller since it was looked at.
    if (wants_idle(watch))
        next_activity_ = std::min(next_activity_, now);
    watch.sampled_at = now;
    // Growth at the decision is that from here on. Who is to be cooled is looked at when it is
    // time.
    if (!cools(rule_of(watch).action))
        pool_.sample(table_, watch, rule_of(watch), memory_, now, Extent::All);
    next_sample_ = std::min(next_sample_, now); // Its limit may be crossed already.
    mention(event_for(watch, EventKind::Armed, now));
}

void Guard::disarm(Watch& watch, TimePoint now) noexcept {
    if (cool_.is_for(watch) && !cool_.busy())
        end_cooling(now);
    if (watch.above)
        tell_crossing(watch, false, now);
    watch.armed = false;
    const bool told_stuck = watch.told_stuck;
    watch.logged = watch.stuck = watch.told_stuck = false;
    watch.met_since = {};
    watch.escalation = pressure_ended(watch.escalation);
    if (told_stuck)
        mention(event_for(watch, EventKind::Unstuck, now));
    mention(event_for(watch, EventKind::Disarmed, now));
    const auto armed = [](const Watch& other) { return other.used && other.armed; };
    if (std::ranges::none_of(watches_.all(), armed))
        table_.close_all_files();
}

/// Its cgroup is gone or its rule is.
void Guard::drop(Watch& watch, TimePoint now) noexcept {
    if (watch.armed)
        disarm(watch, now);
    watch.used = watch.current = false;
}

/// What the front shows as State is the guard's at this moment, whatever events were lost.
void Guard::show_state() noexcept {
    std::uint32_t armed = 0;
    std::uint32_t stuck = 0;
    for (const Watch& watch : watches_.all()) {
        armed += watch.used && watch.armed ? 1 : 0;
        // Where nothing more is to be frozen, rules that kill go on.
        const bool at_an_end = watch.used && watch.stuck;
        stuck += at_an_end && rule_of(watch).action != Action::Freeze ? 1U : 0U;
    }
    channel_.armed.store(armed, std::memory_order_relaxed);
    channel_.stuck.store(stuck, std::memory_order_relaxed);
    channel_.acting.store(kill_.active() || freeze_.active(), std::memory_order_relaxed);
    if (package_ != nullptr)
        show_standing();
    ring(channel_.to_front);
}

/// The rules as they stand after this sample, for whoever asks the front.
void Guard::show_standing() noexcept {
    std::array<std::uint32_t, max_rules> shares{};
    RuleMask above = 0;
    for (const Watch& watch : watches_.all()) {
        if (!watch.used || !watch.armed)
            continue;
        const When& when = rule_of(watch).when;
        const std::uint32_t share = main_share(when, measured_of(watch, when, memory_)).value;
        shares[watch.rule] = std::max(shares[watch.rule], share + 1);
        above |= RuleMask{watch.above} << watch.rule;
    }
    Channel::Standing& standing = channel_.standing;
    const std::uint64_t generation = package_->policy.generation;
    if (standing.generation.load(std::memory_order_relaxed) != generation)
        standing.generation.store(0, std::memory_order_relaxed);
    for (std::size_t rule = 0; rule < max_rules; ++rule)
        standing.shares[rule].store(shares[rule], std::memory_order_release);
    standing.above.store(above, std::memory_order_release);
    standing.generation.store(generation, std::memory_order_release);
}

void Guard::post(const Event& event) noexcept {
    moved_ = true;
    if (!channel_.events.push(event))
        channel_.dropped_events.fetch_add(1, std::memory_order_relaxed);
}

/// Posts what every watch may say in one tick, and others can do without: a kill is to find room
/// in the queue, and who ordered it waits for the answer.
void Guard::mention(const Event& event) noexcept {
    moved_ = true;
    if (channel_.events.has_room())
        post(event);
    else
        channel_.dropped_events.fetch_add(1, std::memory_order_relaxed);
}

void Guard::feed_watchdog(TimePoint now) noexcept {
    if (next_meal_ == TimePoint::max() || now < next_meal_)
        return;
    notify_.send("WATCHDOG=1");
    next_meal_ = now + settings_.watchdog;
}

} // namespace reapd
