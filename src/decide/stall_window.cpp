// SPDX-License-Identifier: LGPL-2.1-or-later
#include "decide/stall_window.hpp"

#include "decide/scale.hpp"

#include <algorithm>

namespace reapd {
namespace {

Microseconds between(TimePoint earlier, TimePoint later) noexcept {
    return std::chrono::duration_cast<Microseconds>(later - earlier);
}

} // namespace

void StallWindow::add(TimePoint taken, Microseconds total) noexcept {
    if (count_ > 0) {
        Sample& newest = sample(count_ - 1);
        if (total < newest.total) {
            clear();
        } else if (taken <= newest.taken) {
            newest.total = total;
            return;
        }
    }
    append({.taken = taken, .total = total});
    forget_old();
}

void StallWindow::credit(TimePoint taken, Microseconds total, Microseconds stall,
                         Microseconds within) noexcept {
    if (count_ > 0 && stall > Microseconds::zero()) {
        const Sample& last = sample(count_ - 1);
        const Microseconds risen = std::max(total - last.total, Microseconds::zero());
        // The kernel looks ten times a window and we wake a little later, so the same onset has
        // usually gathered more than was asked for. If that is all that rose in the whole sleep,
        // all of it is recent. Half is little enough that credit alone never fills a window.
        const Microseconds recent = risen <= stall + stall / 2 ? risen : stall;
        // plan_trigger() asks for half the rule's share of `within`. Pressure at the rule's limit
        // gathers that in half the time, so it is put there at this rate: spread over all of
        // `within`, pressure of exactly the limit would look weaker and be noticed late. Weaker
        // pressure still stays below the limit: for the rest of the window it is measured.
        const Microseconds half = std::min(within, length_) / 2;
        const TimePoint onset =
            taken - Microseconds{scale(half.count(), recent.count(), stall.count())};
        if (last.taken < onset && last.total <= total)
            append({.taken = onset, .total = total - recent});
    }
    add(taken, total);
}

std::optional<Permyriad> StallWindow::share_of_last(Microseconds span) const noexcept {
    if (count_ == 0)
        return std::nullopt;
    if (span <= Microseconds::zero())
        return Permyriad{};
    const Sample& newest = sample(count_ - 1);
    const TimePoint edge = newest.taken - span;
    if (sample(0).taken > edge)
        return std::nullopt;
    const Microseconds stalled = newest.total - total_at(edge);
    const std::int64_t share = scale(stalled.count(), 10000, span.count());
    // Two reads are never at exactly the same moments as the kernel's own clock, so the counter
    // can rise by a little more than the time between them.
    return Permyriad{static_cast<std::uint32_t>(std::min<std::int64_t>(share, 10000))};
}

/// The ring would run over if the guard sampled fast for long (it does while a kill recovers), so
/// the newest sample moves on until it is far enough from the one before it.
void StallWindow::append(const Sample& newest) noexcept {
    const Microseconds apart = std::max(length_ / 120, Microseconds{1});
    if (count_ >= 2 && sample(count_ - 1).taken - sample(count_ - 2).taken < apart) {
        sample(count_ - 1) = newest;
        return;
    }
    if (count_ == capacity) {
        first_ = (first_ + 1) % capacity;
        --count_;
    }
    sample(count_) = newest;
    ++count_;
}

/// Keeps the youngest sample that is at least `length_` old: the window's edge lies behind it.
void StallWindow::forget_old() noexcept {
    const TimePoint edge = sample(count_ - 1).taken - length_;
    while (count_ >= 2 && sample(1).taken <= edge) {
        first_ = (first_ + 1) % capacity;
        --count_;
    }
}

/// `time` is not before the oldest nor after the newest sample.
Microseconds StallWindow::total_at(TimePoint time) const noexcept {
    std::size_t after = 0;
    while (sample(after).taken < time)
        ++after;
    const Sample& right = sample(after);
    if (right.taken == time)
        return right.total;
    const Sample& left = sample(after - 1);
    const std::int64_t length = between(left.taken, right.taken).count();
    if (length == 0)
        return right.total;
    const std::int64_t risen = (right.total - left.total).count();
    return left.total + Microseconds{scale(risen, between(left.taken, time).count(), length)};
}

} // namespace reapd
