// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Reading the kernel for the guard: pressure of watched cgroups, memory of candidates. Every
/// buffer exists from the start; nothing here allocates. Files stay open only of a row that wants
/// it.

#include "base/fd.hpp"
#include "base/result.hpp"
#include "sense/activity.hpp"
#include "sense/meminfo.hpp"
#include "sense/psi.hpp"
#include "sense/table.hpp"

#include <optional>

namespace reapd {

/// Open directories and files of the whole machine.
struct Machine {
    Fd proc{};                     ///< /proc
    Fd blocks{};                   ///< /sys/block; closed: no zram
    Fd cgroups{};                  ///< the root of the unified hierarchy
    bool memory_controller = true; ///< false: cgroups have no memory.* files at all
};

/// Whether anything of the machine is in swap. Of a cgroup nothing is where there is nothing at
/// all.
enum class Swapped : std::uint8_t { None, Some };

/// memory.pressure of the cgroup, or /proc/pressure/memory for the root (whose own file does not
/// exist on every kernel).
/// Errors: ENOENT, ENODEV: gone, or its owner switched PSI off.
Result<Pressure> read_pressure(const Machine& machine, const Row& row) noexcept;

/// /proc/meminfo. With swap on zram (and `blocks`), its free part counts only as far as memory is
/// left to hold it.
Result<MemInfo> read_meminfo(const Machine& machine) noexcept;

/// memory.current and memory.swap.current of one row; the old usage becomes `earlier`. When
/// memory.current cannot be read, `measurable` is cleared and nothing is known any more; when it
/// can be read again, it is set again. A shortage of our own (descriptors, memory) says nothing
/// about the cgroup: the row then stays as it is. Swap is not asked for where `swapped` is none.
void measure(Row& row, TimePoint now, Swapped swapped = Swapped::Some) noexcept;

/// memory.stat, added to the row's newest usage. What is said here and below of a closeup is so of
/// rows that have one; nothing is read of others.
void measure_closely(Row& row) noexcept;

/// The stall of `slot`, added to its closeup. Whose owner switched PSI off is judged by what
/// the nearest ancestor knows: that is never less, so nobody gains by it.
void measure_stall(const Machine& machine, Table& table, Slot slot) noexcept;

/// Whether memory.oom.group is 1; false when it cannot be read.
bool read_one_unit(const Row& row) noexcept;

/// Reads how often the cgroup ran into its own memory.high or memory.max: memory.events.local,
/// since 5.2. Nothing to do when that was read at `now` already; unknown when it cannot be read.
void measure_own_limit(Row& row, TimePoint now) noexcept;

/// The same for it and everything below it together: memory.events. What was counted in cgroups
/// that are gone stays counted.
void measure_limits_within(Row& row, TimePoint now) noexcept;

/// Reads what the cgroup has done: cpu.stat, which every cgroup has, and the refaults in
/// memory.stat.
void measure_activity(const Row& row, Activity& activity, TimePoint now) noexcept;

/// memory.current without what memory.min and memory.low protect, the cgroup's own and that of
/// every cgroup around it; nothing when memory.current cannot be read.
std::optional<Bytes> read_unprotected(const Table& table, Slot slot) noexcept;

/// How often the cgroup has read pages again that it had lost, and how long all of it that had work
/// has waited for memory, since its beginning.
struct Cost {
    std::uint64_t refaults = 0; ///< pages
    Microseconds stalled{};
    bool operator==(const Cost&) const = default;
};
std::optional<Cost> read_cost(int dir) noexcept;

/// What is left of a victim: anonymous + swap, and whether anything still lives in it.
struct Remains {
    Bytes memory{};
    bool populated = false;
};

/// Errors: ENOENT, ENODEV when the cgroup itself is gone.
Result<Remains> read_remains(int dir) noexcept;

} // namespace reapd
