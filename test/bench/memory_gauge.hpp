// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// How much memory of a cgroup is back, from the best that this machine has: memory.current (and
/// what is in the swap), the memory controller of the old hierarchy, or MemAvailable of the whole
/// machine.
///
/// Not the resident size of the process: it reads 0 as soon as the process has detached its
/// memory, long before the memory is free.

#include "native/world.hpp"

#include <cstdint>
#include <string>

namespace reapd::test {

class MemoryGauge {
public:
    explicit MemoryGauge(const Cgroup& cgroup);
    ~MemoryGauge();
    MemoryGauge(const MemoryGauge&) = delete;
    MemoryGauge& operator=(const MemoryGauge&) = delete;

    /// Called by the victim before it uses memory.
    void enter() const;

    /// What given_back() compares with: in MiB, used or available.
    std::uint64_t begin() const { return read(); }

    /// MiB given back since begin().
    std::uint64_t given_back(std::uint64_t since) const;

    static const char* source();

private:
    std::uint64_t read() const;

    std::string old_{}; ///< our cgroup in the old hierarchy; empty: not used
    std::string file_{};
    std::string swap_file_{}; ///< what is swapped out counts, too
};

/// Whether this is a virtual machine of the tests.
bool is_guest();

} // namespace reapd::test
