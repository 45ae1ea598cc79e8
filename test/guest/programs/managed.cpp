// SPDX-License-Identifier: LGPL-2.1-or-later

/// Follows the units of the system's manager and prints what they say, a line for each change:
///
///   PATH: swap pressure 15.00% 3000000us avoid
///   PATH: nothing
///   PATH: gone
///
/// Units that never said anything are left out.

#include "managed/unit_properties.hpp"
#include "tell/bus.hpp"

#include <cstdio>

using namespace reapd;

namespace {

std::string text_of(const UnitSays& said) {
    std::string text;
    const auto word = [&text](const std::string& next) { text += ' ' + next; };
    if (said.unit.swap)
        word("swap");
    if (said.unit.pressure)
        word("pressure");
    if (const auto limit = said.unit.limit) {
        char number[16];
        (void)std::snprintf(number, sizeof number, "%u.%02u%%", limit->value / 100,
                            limit->value % 100);
        word(number);
    }
    if (const auto duration = said.unit.duration)
        word(std::to_string(duration->count()) + "us");
    for (const std::string& rule : said.unit.rules)
        word(rule);
    if (said.wish != Wish::None)
        word(said.wish == Wish::Omit ? "omit" : "avoid");
    return text.empty() ? " nothing" : text;
}

void print_changes(const UnitsByPath& before, const UnitsByPath& after) {
    for (const auto& [path, said] : before)
        if (!after.contains(path) && said.anything())
            std::printf("/%s: gone\n", path.c_str());
    for (const auto& [path, said] : after) {
        const auto known = before.find(path);
        if (known == before.end() ? said.anything() : known->second != said)
            std::printf("/%s:%s\n", path.c_str(), text_of(said).c_str());
    }
    (void)std::fflush(stdout);
}

} // namespace

int main() {
    sd_event* made = nullptr;
    if (sd_event_default(&made) < 0)
        return 1;
    const sd::Event loop{made};
    UnitsByPath before;
    UnitProperties* followed = nullptr;
    UnitProperties properties{made, [&] {
                                  print_changes(before, followed->units());
                                  before = followed->units();
                              }};
    followed = &properties;
    if (properties.problem())
        return 1;

    const Status status{};
    Journal journal{"/run/systemd/journal/socket"};
    BusFace face{status, journal, {}};
    BusLink link{made, face, journal,
                 BusGuest{.up = [&](sd_bus* bus) { properties.follow(bus); },
                          .down = [&] { properties.lose(); }}};
    link.start();
    return sd_event_loop(made) < 0 ? 1 : 0;
}
