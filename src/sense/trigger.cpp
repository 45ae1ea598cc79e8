// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sense/trigger.hpp"

#include <fcntl.h>

#include <charconv>
#include <cstddef>
#include <string_view>

namespace reapd {
namespace {

// "full ", two numbers of at most 20 characters, a space, a NUL
constexpr std::size_t longest_text = 64;

/// "full 50000 500000" with its NUL into zeroed `text`; the number of bytes.
std::size_t print_plan(const TriggerPlan& plan, char (&text)[longest_text]) noexcept {
    const std::string_view kind = plan.kind == StallKind::Full ? "full " : "some ";
    char* at = text + kind.copy(text, kind.size());
    at = std::to_chars(at, text + 30, plan.stall.count()).ptr;
    *at++ = ' ';
    at = std::to_chars(at, text + 60, plan.window.count()).ptr;
    return static_cast<std::size_t>(at + 1 - text);
}

} // namespace

Result<Fd> open_trigger(int dir, bool is_root, const TriggerPlan& plan) noexcept {
    const char* const name = is_root ? "pressure/memory" : "memory.pressure";
    Fd file{::openat(dir, name, O_RDWR | O_NONBLOCK | O_CLOEXEC)};
    if (!file)
        return failed("openat");

    // The NUL is part of it: /proc/pressure takes the last byte away whatever it is.
    char text[longest_text] = {};
    const std::size_t length = print_plan(plan, text);
    const ssize_t n = ::write(file.get(), text, length);
    if (n < 0)
        return failed("write");
    if (static_cast<std::size_t>(n) != length)
        return failed("write", EIO);
    return file;
}

} // namespace reapd
