// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tell/rivals.hpp"

#include "tell/message_ids.hpp"

#include <fmt/format.h>
#include <syslog.h>

#include <algorithm>
#include <array>

namespace reapd {
namespace {

/// "oomd" is Meta's; thrash-protect stops processes instead of killing them.
constexpr std::array<std::string_view, 8> known{
    systemd_oomd,   "earlyoom.service", "nohang.service",         "nohang-desktop.service",
    "oomd.service", "bustd.service",    "thrash-protect.service", "lmkd.service",
};

} // namespace

std::string_view rival_at(std::string_view path) noexcept {
    while (true) {
        const std::size_t slash = path.find('/');
        if (slash == std::string_view::npos)
            break;
        if (!path.substr(0, slash).ends_with(".slice"))
            return {};
        path.remove_prefix(slash + 1);
    }
    const auto found = std::ranges::find(known, path);
    return found == known.end() ? std::string_view{} : *found;
}

Entry rival_entry(std::string_view unit, RivalNews news) {
    const bool came = news == RivalNews::Came;
    std::string text = fmt::format("The other killer {} has ended.", unit);
    if (came)
        text = fmt::format("Another killer is active: {}. Both act on the same pressure; {}.", unit,
                           unit == systemd_oomd ? "\"reapctl adopt\" takes over from it"
                                                : "stop and disable one of them");
    Entry entry{came ? LOG_WARNING : LOG_NOTICE, text};
    entry.add(field::message_id, came ? message_id::rival_came : message_id::rival_went);
    entry.add(field::event, came ? "rival-came" : "rival-went");
    entry.add(field::rival, unit);
    entry.add(field::object_unit, unit);
    return entry;
}

} // namespace reapd
