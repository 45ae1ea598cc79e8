// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Long text through a pager, by the rules of systemd's own tools.

#include <string>
#include <string_view>
#include <vector>

namespace reapd {

/// What decides about the pager; a variable that is not set is nullptr.
struct PagerWish {
    const char* systemd_pager = nullptr;
    const char* pager = nullptr;
    const char* secure = nullptr; ///< SYSTEMD_PAGERSECURE=
    bool elevated = false;        ///< who runs us is not who sits there, as with sudo
};

struct Pager {
    std::vector<std::string> commands{}; ///< the first that can be run; none: no pager
    bool secure = false;                 ///< it must not be a way to a shell
    bool operator==(const Pager&) const = default;
};

Pager choose_pager(const PagerWish& wish);

/// choose_pager() with what this process' environment says.
Pager pager_here();

/// Shows the text and returns when the reader has had enough.
/// @return whether a pager took it; if not, nothing was printed
bool page(const Pager& pager, std::string_view text);

} // namespace reapd
