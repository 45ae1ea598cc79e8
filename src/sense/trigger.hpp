// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// PSI triggers: the kernel's alarm clock. A descriptor that polls EPOLLPRI when enough stall
/// time has gathered within a window.

#include "base/fd.hpp"
#include "base/result.hpp"
#include "base/units.hpp"

#include <cstdint>

namespace reapd {

enum class StallKind : std::uint8_t { Some, Full };

struct TriggerPlan {
    StallKind kind = StallKind::Full;
    Microseconds stall{};
    Microseconds window{};
    bool operator==(const TriggerPlan&) const = default;
};

/// Opens the trigger. `dir` is the cgroup's directory; with `is_root`, `proc` is /proc and
/// pressure/memory in it is used.
///
/// Errors: EINVAL: a window this kernel or this privilege does not allow; EOPNOTSUPP: PSI off.
/// Source: Documentation/accounting/psi.rst; psi_trigger_create() in kernel/sched/psi.c.
Result<Fd> open_trigger(int dir, bool is_root, const TriggerPlan& plan) noexcept;

} // namespace reapd
