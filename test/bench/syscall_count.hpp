// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// How many system calls this thread makes, counted by the kernel.

#include "base/fd.hpp"

#include <cstdint>
#include <optional>

namespace reapd::test {

class SyscallCount {
public:
    /// Without tracefs or the privilege there is no count.
    SyscallCount();

    void begin() const;
    /// Since begin(), without the call that asks.
    std::optional<std::uint64_t> end() const;

private:
    Fd counter_{};
};

} // namespace reapd::test
