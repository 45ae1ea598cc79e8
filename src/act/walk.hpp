// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The directories of a cgroup and of all below it, nearest first. Neither depth nor the length
/// of names is limited, since every step opens relative to a descriptor; only the number of
/// directories waiting at one time is.

#include "base/fd.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace reapd {

class Walk {
public:
    struct Step {
        const Fd* dir = nullptr;  ///< nullptr: the walk is over; valid until the next step
        std::uint32_t number = 0; ///< counted from 0, the root of the walk
        std::uint32_t parent = 0; ///< number of the directory above; the root's is its own
    };

    /// Begins at `root`, whose file position is left alone. 0 or errno of openat(2).
    int begin(const Fd& root) noexcept;

    Step next() noexcept;

    /// False when directories were left out because too many were waiting or descriptors ran out.
    bool complete() const noexcept { return complete_; }

    /// Closes what is open.
    void end() noexcept;

private:
    struct Waiting {
        Fd dir{};
        std::uint32_t parent = 0;
    };

    void queue_children() noexcept;
    void queue_child(const char* name) noexcept;

    static constexpr std::size_t capacity = 1024; ///< descriptors held at most
    std::array<Waiting, capacity> waiting_{};     ///< a ring
    std::size_t first_ = 0;
    std::size_t count_ = 0;
    Fd current_{};
    std::uint32_t number_ = 0; ///< of the current directory
    std::uint32_t steps_ = 0;
    bool complete_ = true;
    // Names of cgroups have up to 4095 bytes; a smaller buffer would be refused.
    alignas(8) std::array<char, 32768> entries_{};
};

} // namespace reapd
