// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings/values.hpp"

#include <pwd.h>

#include <string>

namespace reapd {
namespace {

// (uid_t)-1 stands for "no user" in every system call, and 65535 for the same of 16 bits.
constexpr Range uids{0, 0xfffffffe};
constexpr std::int64_t no_user_of_16_bits = 65535;

} // namespace

Parsed<std::uint32_t> parse_user(std::string_view text) {
    if (!text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos) {
        const Parsed<std::int64_t> uid = parse_integer(text, uids);
        if (!uid)
            return std::unexpected(uid.error());
        if (*uid == no_user_of_16_bits)
            return expected_instead(text, "the number of a user; this one stands for none");
        return static_cast<std::uint32_t>(*uid);
    }
    // One name and no more: of the entry only the number counts, and getpwnam(3) takes any size.
    const passwd* const found = ::getpwnam(std::string{text}.c_str());
    if (found == nullptr)
        return expected_instead(text, "the name of a user of this machine, or a number");
    return found->pw_uid;
}

} // namespace reapd
