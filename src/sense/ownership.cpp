// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sense/ownership.hpp"

#include <sys/stat.h>
#include <sys/xattr.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace reapd {
namespace {

/// Whether an attribute is there and says yes, as service managers write it.
bool says_yes(int dir, const char* name) noexcept {
    std::array<char, 8> text{};
    const ssize_t length = ::fgetxattr(dir, name, text.data(), text.size());
    if (length <= 0)
        return false;
    constexpr std::array<std::string_view, 4> yes{"1", "yes", "true", "on"};
    return std::ranges::find(
               yes, std::string_view{text.data(), static_cast<std::size_t>(length)}) != yes.end();
}

} // namespace

Ownership read_ownership(int dir) noexcept {
    Ownership ownership;
    struct stat status{};
    if (::fstat(dir, &status) == 0)
        ownership.owner = status.st_uid;
    if (says_yes(dir, "user.oomd_omit"))
        ownership.wish = Wish::Omit;
    else if (says_yes(dir, "user.oomd_avoid"))
        ownership.wish = Wish::Avoid;
    return ownership;
}

} // namespace reapd
