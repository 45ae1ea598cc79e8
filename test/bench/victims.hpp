// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Victims as people meet them: how much memory in how many processes, and how they get at a CPU.

#include "bench/memory_gauge.hpp"
#include "native/world.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace reapd::test {

struct Load {
    std::size_t processes = 1;
    std::size_t mib = 1024; ///< each
    std::size_t threads = 1;
    bool huge = false;    ///< in huge pages
    bool swapped = false; ///< pushed out into the swap before the kill
};

enum class Plight {
    Quiet,          ///< nobody else wants a CPU
    Busy,           ///< ordinary, beside two busy loops for each CPU
    Nice19,         ///< this and the next on one CPU with a busy loop of ordinary priority
    Idle,           ///< SCHED_IDLE
    Throttled,      ///< cpu.max of 1 %, which a busy loop of its own uses up
    LowWeight,      ///< cpu.weight=1
    BesideRealTime, ///< the busy loop has SCHED_FIFO
};

/// Private memory that is really there, of this process.
void* take_memory(std::size_t mib, bool huge);

std::string name_of(const Load& load);
std::string name_of(Plight plight);

/// Whether the machine has the memory, the swap or the controller that it takes.
bool possible(const Load& load, Plight plight);

class Victims {
public:
    Victims(const Load& load, Plight plight);
    ~Victims();
    Victims(const Victims&) = delete;
    Victims& operator=(const Victims&) = delete;

    const Cgroup& cgroup() const { return cgroup_; }
    const MemoryGauge& gauge() const { return gauge_; }

private:
    class Share;
    friend bool possible(const Load& load, Plight plight);

    Cgroup cgroup_{};
    Cgroup beside_{}; ///< of the busy loops
    MemoryGauge gauge_;
    std::unique_ptr<Share> share_;
    std::vector<Child> children_{};
    bool limited_ = false; ///< whether the share could be set
};

} // namespace reapd::test
