// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/escape.hpp"

#include <charconv>
#include <cstdint>

namespace reapd {
namespace {

/// Length of the well-formed, printable UTF-8 character at the start of `text`; 0 if there is
/// none. Control characters (C0, DEL, C1) and the bidirectional overrides, which reorder what a
/// terminal shows, do not count as printable.
std::size_t printable(std::string_view text) noexcept {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const unsigned char first = byte(0);
    if (first < 0x80)
        return first >= 0x20 && first != 0x7f ? 1 : 0;

    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() < length)
        return 0;
    std::uint32_t point = first & (0xffU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0) != 0x80)
            return 0;
        point = point << 6 | (byte(i) & 0x3f);
    }
    const bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
    const bool surrogate = point >= 0xd800 && point <= 0xdfff;
    const bool control = point < 0xa0;
    const bool reorders = (point >= 0x200e && point <= 0x200f) ||
                          (point >= 0x2028 && point <= 0x202e) ||
                          (point >= 0x2066 && point <= 0x2069);
    return overlong || surrogate || control || reorders || point > 0x10ffff ? 0 : length;
}

} // namespace

std::string escape(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const std::size_t length = text.front() == '\\' ? 0 : printable(text);
        if (length > 0) {
            out += text.substr(0, length);
            text.remove_prefix(length);
        } else {
            const auto byte = static_cast<unsigned char>(text.front());
            out += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
            text.remove_prefix(1);
        }
    }
    return out;
}

std::string unescape(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        std::uint8_t byte = 0;
        const char* const end = text.data() + 4;
        if (text.size() >= 4 && text.starts_with("\\x") &&
            std::from_chars(text.data() + 2, end, byte, 16).ptr == end) {
            out += static_cast<char>(byte);
            text.remove_prefix(4);
        } else {
            out += text.front();
            text.remove_prefix(1);
        }
    }
    return out;
}

} // namespace reapd
