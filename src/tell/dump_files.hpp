// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The files that Dump() answers with. Anyone may call it and keep what he is given open, and the
/// memory behind it is charged to us: so who asks for the same text gets the same file, and of
/// different ones only the newest few keep their content.

#include "base/fd.hpp"

#include <array>
#include <string>

namespace reapd {

class DumpFiles {
public:
    /// A read-only descriptor at the beginning of a file in memory with `text`. Neither the bus's
    /// limit on messages nor its check for UTF-8 applies to it. Empty on failure.
    Fd file_with(std::string text);

    static constexpr std::size_t kept = 16;

private:
    std::array<Fd, kept> files_{};
    std::size_t newest_ = 0;
    std::string text_{}; ///< of the newest
};

} // namespace reapd
