// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings/specifiers.hpp"

#include "base/fd.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/utsname.h>

#include <array>

namespace reapd {
namespace {

// An ID has 32 digits, and in the kernel's form four dashes and a newline.
constexpr std::size_t id_digits = 32;

/// The ID in the file at `path`; empty if there is none, or not one yet ("uninitialized").
std::string read_id(const char* path) {
    const Fd file{::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
    std::array<char, 64> buffer{};
    const ssize_t size = file ? ::read(file.get(), buffer.data(), buffer.size()) : -1;
    std::string id{buffer.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
    std::erase_if(id, [](char c) { return c == '-' || c == '\n'; });
    const bool whole =
        id.size() == id_digits && id.find_first_not_of("0123456789abcdef") == std::string::npos;
    return whole ? id : std::string{};
}

} // namespace

Host this_host() {
    Host host{.machine_id = read_id("/etc/machine-id"),
              .boot_id = read_id("/proc/sys/kernel/random/boot_id")};
    utsname names{};
    if (::uname(&names) == 0) {
        host.name = names.nodename;
        host.kernel = names.release;
    }
    return host;
}

Parsed<std::string> expand_specifiers(std::string_view text, const Host& host) {
    std::string expanded;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') {
            expanded += text[at];
            continue;
        }
        const std::string_view specifier = text.substr(at++, 2);
        const char letter = specifier.size() == 2 ? specifier[1] : '\0';
        std::string value;
        switch (letter) {
        case 'H':
            value = host.name;
            break;
        case 'l':
            value = host.name.substr(0, host.name.find('.'));
            break;
        case 'm':
            value = host.machine_id;
            break;
        case 'b':
            value = host.boot_id;
            break;
        case 'v':
            value = host.kernel;
            break;
        case '%':
            value = "%";
            break;
        default:
            return expected_instead(specifier, "%H, %l, %m, %b or %v, or %% for a percent sign");
        }
        // Without it another glob would be left, which may match what nobody meant.
        if (value.empty())
            return expected_instead(specifier, "a specifier that has a value on this system");
        expanded += value;
    }
    return expanded;
}

} // namespace reapd
