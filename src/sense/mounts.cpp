// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sense/features.hpp"
#include "sense/lines.hpp"

#include <string_view>

namespace reapd {
namespace {

/// Undoes the \040 that the kernel writes for blanks, tabs, newlines and backslashes.
std::string decode(std::string_view field) {
    std::string out;
    while (!field.empty()) {
        unsigned char byte = 0;
        const char* const digits = field.data() + 1;
        if (field.size() >= 4 && field.front() == '\\' &&
            std::from_chars(digits, digits + 3, byte, 8).ptr == digits + 3) {
            out += static_cast<char>(byte);
            field.remove_prefix(4);
        } else {
            out += field.front();
            field.remove_prefix(1);
        }
    }
    return out;
}

} // namespace

std::string find_unified(const std::string& mounts) {
    std::string found;
    std::string_view text = mounts;
    while (const auto line = take_line(text)) {
        Reader in{*line};
        (void)in.until(' '); // what is mounted: any text
        const std::string place = decode(in.until(' '));
        if (in.until(' ') != "cgroup2" || !in.ok())
            continue;
        // Containers may bring their own; the system's stands at one of two places.
        if (place == "/sys/fs/cgroup" || place == "/sys/fs/cgroup/unified")
            return place;
        if (found.empty())
            found = place;
    }
    return found;
}

} // namespace reapd
