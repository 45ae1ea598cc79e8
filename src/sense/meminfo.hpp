// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Memory of the whole machine.

#include "base/result.hpp"
#include "base/units.hpp"

#include <string_view>

namespace reapd {

struct MemInfo {
    Bytes total{};
    Bytes available{}; ///< the kernel's estimate of what new work can have without swapping
    Bytes swap_total{};
    Bytes swap_free{};

    bool operator==(const MemInfo&) const = default;
};

/// Parses the text of /proc/meminfo. Lines it does not know are skipped: every kernel adds some.
///
/// Errors: EBADMSG if one of the four lines is missing, repeated or not a number of kB.
/// Source: Documentation/filesystems/proc.rst; meminfo_proc_show() in fs/proc/meminfo.c.
Result<MemInfo> parse_meminfo(std::string_view text) noexcept;

} // namespace reapd
