// SPDX-License-Identifier: LGPL-2.1-or-later
#include "notify/bulletin.hpp"

#include "base/escape.hpp"
#include "settings/rule_text.hpp"

#include <fmt/format.h>

namespace reapd {
namespace {

/// Notification servers read the body as markup, some of them whether they say so or not.
std::string without_markup(const std::string& text) {
    std::string plain;
    for (const char c : text) {
        switch (c) {
        case '&':
            plain += "&amp;";
            break;
        case '<':
            plain += "&lt;";
            break;
        case '>':
            plain += "&gt;";
            break;
        default:
            plain += c;
        }
    }
    return plain;
}

std::string shortage(bool has_pressure, Permyriad pressure) {
    if (!has_pressure)
        return "Memory had run short.";
    return fmt::format("Memory had run so short that work stood still {}% of the time.",
                       (pressure.value + 50) / 100);
}

std::string reason(const Kill& kill) {
    if (!kill.requester.empty())
        return fmt::format("{} asked for it: {}.", kill.requester,
                           kill.reason.empty() ? "no reason given" : kill.reason);
    return shortage(kill.has_pressure, kill.pressure);
}

std::string gain(const Kill& kill) {
    if (kill.released)
        return fmt::format("{} of memory came back.", size_text(*kill.released));
    return fmt::format("{} of memory should come back.", size_text(kill.expected));
}

} // namespace

Bulletin bulletin_of(const Kill& kill, const std::string& name) {
    const std::string shown = escape(name);
    const char* const loss = kill.asked ? "It has a moment to save what it is working on."
                                        : "It did not crash; what was not saved is lost.";
    // An answer to SIGTERM is an end like any other.
    const bool over = !kill.asked || kill.released;
    const bool by_rule = kill.requester.empty();
    return {.title = fmt::format("{} was {}{}", shown, over ? "closed" : "asked to close",
                                 by_rule ? " to free memory" : ""),
            .body = without_markup(fmt::format("{} {}\n{}{}", reason(kill), gain(kill),
                                               over && kill.asked ? "It was asked to close." : loss,
                                               by_rule ? "\nRule: " + kill.rule : ""))};
}

Bulletin bulletin_of(const Freeze& freeze, const std::string& name) {
    const std::string out =
        freeze.paged_out ? size_text(*freeze.paged_out) + " of it is in swap. " : std::string{};
    return {.title = escape(name) + " was stopped to free memory",
            .body = without_markup(fmt::format(
                "{} {}Nothing of it is lost: close what you do not need, and let it go on. "
                "In {} it {}.\nRule: {}",
                shortage(freeze.has_pressure, freeze.pressure), out, span_text(freeze.longest),
                freeze.killed_then ? "is closed" : "goes on by itself", freeze.rule)),
            .asks = true};
}

} // namespace reapd
