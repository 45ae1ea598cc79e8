// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Names of cgroups and processes are chosen by whoever makes them: any byte but NUL, newline
/// and slash. One non-UTF-8 byte makes a whole sd-bus message fail and a JSON writer throw; an
/// escape sequence takes over a terminal. So every name goes through here on its way out.

#include <string>
#include <string_view>

namespace reapd {

/// `text` with every byte that is not printable UTF-8 as \xHH. A backslash becomes \x5c, so two
/// different names never look the same and unescape() gives the bytes back.
std::string escape(std::string_view text);

/// What escape() was given; malformed sequences stay as they are.
std::string unescape(std::string_view text);

} // namespace reapd
