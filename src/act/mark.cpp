// SPDX-License-Identifier: LGPL-2.1-or-later
#include "act/work.hpp"
#include "base/text.hpp"

#include <sys/stat.h>
#include <sys/xattr.h>

#include <array>
#include <charconv>
#include <cstring>
#include <span>
#include <string_view>

namespace reapd {
namespace {

// The two numbers that service managers know: how often, and how many processes. They are
// systemd-oomd's; its sources and systemd.exec(5) ("oom-kill") define them.
constexpr const char* ooms = "user.oomd_ooms";
constexpr const char* kills = "user.oomd_kill";

using Number = std::array<char, 24>;

std::string_view read_number(const Fd& dir, const char* name, Number& text) noexcept {
    const ssize_t n = ::fgetxattr(dir.get(), name, text.data(), text.size());
    return {text.data(), n < 0 ? 0 : static_cast<std::size_t>(n)};
}

/// 0 or errno. Anybody who owns the cgroup can have written anything: what is no number counts
/// as 0, and the sum stops at the largest number that readers take.
int add_to(const Fd& dir, const char* name, std::uint64_t more) noexcept {
    Number text{};
    Reader in{read_number(dir, name, text)};
    std::uint64_t value = in.number();
    value = in.ok() && in.done() && value < INT64_MAX - more ? value + more : more;
    const char* const end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    const auto length = static_cast<std::size_t>(end - text.data());
    return ::fsetxattr(dir.get(), name, text.data(), length, 0) == 0 ? 0 : errno;
}

std::span<Unit> units_of(Affair& affair) noexcept {
    return std::span{affair.units}.first(affair.unit_count);
}

/// Whether the place numbered `at` is `unit` or below it.
bool within(const Affair& affair, std::uint32_t at, CgroupId unit) noexcept {
    while (at < affair.place_count) {
        if (affair.places[at].id == unit)
            return true;
        if (at == 0)
            return false;
        at = affair.places[at].parent;
    }
    return false;
}

std::uint32_t victims_of(const Affair& affair, const Unit& unit) noexcept {
    // The victim may be a part of the unit: then all its processes are the unit's.
    if (affair.unit_count == 1)
        return affair.processes();
    struct stat status{};
    if (!affair.collected_done() || ::fstat(unit.dir.get(), &status) != 0)
        return 0;
    std::uint32_t count = 0;
    for (const VictimProcess& victim : affair.victims.all())
        count += within(affair, victim.cgroup, CgroupId{status.st_ino}) ? 1u : 0u;
    return count;
}

} // namespace

void mark_units(Affair& affair) noexcept {
    for (Unit& unit : units_of(affair)) {
        Number text{};
        const std::string_view before = read_number(unit.dir, ooms, text);
        unit.before = text;
        unit.before_length = before.empty() ? -1 : static_cast<int>(before.size());
        const int error = add_to(unit.dir, ooms, 1);
        unit.marked = error == 0;
        if (error != 0)
            affair.counters.xattr_error.store(error, std::memory_order_relaxed);
    }
    affair.marked.set(1);
}

void count_units(Affair& affair) noexcept {
    for (const Unit& unit : units_of(affair))
        if (const std::uint32_t count = victims_of(affair, unit); count > 0)
            (void)add_to(unit.dir, kills, count); // The unit may be gone by now.
}

void unmark_units(Affair& affair) noexcept {
    for (const Unit& unit : units_of(affair)) {
        if (!unit.marked)
            continue;
        if (unit.before_length < 0)
            ::fremovexattr(unit.dir.get(), ooms);
        else
            ::fsetxattr(unit.dir.get(), ooms, unit.before.data(),
                        static_cast<std::size_t>(unit.before_length), 0);
    }
}

} // namespace reapd
