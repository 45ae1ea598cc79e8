// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// A cgroup that stands still for a moment, so that what was read of its processes holds. It is
/// marked before: should reapd end meanwhile, whatever thaws the rest thaws this, too. And should
/// only this thread be held up, the Thawer does it in time.

#include "act/thawer.hpp"
#include "base/fd.hpp"

#include <chrono>

namespace reapd {

/// A person sees and hears interruptions from about this on.
constexpr std::chrono::milliseconds longest_standstill{200};

class Standstill {
public:
    /// Freezes `dir`, which is borrowed like `thawer`, and waits until nothing in it moves, at most
    /// for a tenth of a second. Whoever is frozen already, or cannot be, is left as he is.
    Standstill(const Fd& dir, Thawer& thawer) noexcept;
    /// Thaws it, unless a person wants it frozen meanwhile.
    ~Standstill();
    Standstill(const Standstill&) = delete;
    Standstill& operator=(const Standstill&) = delete;

private:
    const Fd& dir_;
    Thawer& thawer_;
    Fd file_;
    bool held_ = false;
};

} // namespace reapd
