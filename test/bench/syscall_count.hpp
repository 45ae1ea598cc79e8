// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// How many system calls a thread makes, counted by the kernel.

#include "base/fd.hpp"

#include <sys/types.h>

#include <cstdint>
#include <optional>

namespace reapd::test {

class SyscallCount {
public:
    /// `thread` 0: the calling one. Without tracefs or the privilege there is no count.
    explicit SyscallCount(pid_t thread = 0);

    void begin() const;
    /// Since begin(), without the call that asks.
    std::optional<std::uint64_t> end() const;

private:
    bool own_;
    Fd counter_{};
};

} // namespace reapd::test
