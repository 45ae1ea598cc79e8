// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Something that is done once for all that happens within a short time.

#include "base/sd.hpp"
#include "base/units.hpp"

#include <ctime>
#include <functional>
#include <utility>

namespace reapd {

class Delay {
public:
    Delay(sd_event* loop, Microseconds length, std::function<void()> then)
        : loop_{loop}, length_{length}, then_{std::move(then)} {}
    Delay(const Delay&) = delete;
    Delay& operator=(const Delay&) = delete;

    /// It begins now, unless it has begun already.
    void begin() noexcept {
        if (timer_)
            return;
        sd_event_source* source = nullptr;
        if (sd_event_add_time_relative(loop_, &source, CLOCK_MONOTONIC,
                                       static_cast<std::uint64_t>(length_.count()), 1000, on_end,
                                       this) < 0)
            source = nullptr; // Out of memory: the next begin() tries again.
        timer_.reset(source);
    }

private:
    static int on_end(sd_event_source*, std::uint64_t, void* self) noexcept {
        Delay& delay = *static_cast<Delay*>(self);
        delay.timer_.reset();
        delay.then_();
        return 0;
    }

    sd_event* loop_;
    Microseconds length_;
    std::function<void()> then_;
    sd::EventSource timer_{};
};

} // namespace reapd
