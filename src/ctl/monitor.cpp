// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/monitor.hpp"

#include "base/escape.hpp"
#include "ctl/clock.hpp"
#include "ctl/fit.hpp"
#include "ctl/message_json.hpp"
#include "ctl/output.hpp"
#include "ctl/when.hpp"

#include <fmt/format.h>

#include <cstdlib>

namespace reapd {
namespace {

using nlohmann::json;

constexpr const char* bus_interface = "org.freedesktop.DBus";
constexpr const char* properties_interface = "org.freedesktop.DBus.Properties";

const json& argument(const json& signal, std::size_t index) {
    static const json nothing{};
    const json& all = member_of(signal, "arguments");
    return all.is_array() && index < all.size() ? all[index] : nothing;
}

std::string changed_properties(const json& signal) {
    std::string all;
    const json& changed = argument(signal, 1);
    if (!changed.is_object())
        return all;
    for (const auto& [name, value] : changed.items())
        all += fmt::format("{}{}={}", all.empty() ? "" : " ", escape(name),
                           value.is_string() ? printable(value) : value.dump(-1, ' ', true));
    return all;
}

/// A rule by its name, anything else by its path.
std::string object_name(const std::string& path) {
    char* name = nullptr;
    if (sd_bus_path_decode(path.c_str(), "/org/reapd1/rule", &name) <= 0)
        return path;
    std::string rule = "rule " + escape(name);
    std::free(name);
    return rule;
}

std::string crossing(const json& signal) {
    const json& share = argument(signal, 3);
    const bool above = argument(signal, 2) == true;
    std::string text = fmt::format("{} {} the limit of {}", printable(argument(signal, 1)),
                                   above ? "is above" : "is below", printable(argument(signal, 0)));
    if (share.is_number() && share.get<double>() > 0)
        text += fmt::format(": {:.2f}%", share.get<double>() * 100);
    return text;
}

/// Whether the daemon has come or gone.
std::string owner_change(const json& signal) {
    return printable(argument(signal, 2)).empty() ? "reapd is gone" : "reapd is there";
}

std::string sentence_of(const json& signal) {
    const std::string member = text_of(signal, "member");
    if (member == "Acted")
        return text_of(argument(signal, 4), "Sentence");
    if (member == "Completed")
        return text_of(argument(signal, 1), "Sentence");
    if (member == "Stuck")
        return text_of(argument(signal, 2), "Sentence");
    if (member == "PressureChanged")
        return crossing(signal);
    if (member == "PropertiesChanged")
        return changed_properties(signal);
    if (member == "NameOwnerChanged")
        return owner_change(signal);
    return printable(argument(signal, 0));
}

std::string given(const char* text) { return text ? text : ""; }

struct Printer {
    Options options{};
    Look look{};
    bool failed = false;

    void operator()(sd_bus_message* message) {
        auto arguments = read_arguments(message);
        if (!arguments)
            return; // a signal of a later version
        const json signal{{"time_usec", now_usec()},
                          {"path", given(sd_bus_message_get_path(message))},
                          {"interface", given(sd_bus_message_get_interface(message))},
                          {"member", given(sd_bus_message_get_member(message))},
                          {"arguments", std::move(*arguments)}};
        const std::string text =
            options.json == Json::Off ? signal_line(signal, look) : json_text(signal, options.json);
        failed = print(text) != 0 || failed;
    }
};

// What throws here is memory that cannot be had, and the program ends then.
// NOLINTNEXTLINE(bugprone-exception-escape)
int on_signal(sd_bus_message* message, void* printer, sd_bus_error*) noexcept {
    // The daemon speaks to all. To one alone anybody may send what looks like it.
    if (sd_bus_message_get_destination(message) != nullptr)
        return 0;
    (*static_cast<Printer*>(printer))(message);
    return 0;
}

std::expected<void, Failure> follow(sd_bus* bus, Printer& printer) {
    const std::string from = "type='signal',sender='org.reapd1'";
    const std::string owner = fmt::format("type='signal',sender='{0}',interface='{0}',"
                                          "member='NameOwnerChanged',arg0='org.reapd1'",
                                          bus_interface);
    for (const std::string& match : {from, owner})
        if (const int r = sd_bus_add_match(bus, nullptr, match.c_str(), on_signal, &printer); r < 0)
            return refused("The bus does not let us listen", r);
    return {};
}

} // namespace

std::string signal_line(const json& signal, const Look& look) {
    std::string name = text_of(signal, "member");
    if (text_of(signal, "interface") == properties_interface)
        name = object_name(text_of(signal, "path"));
    const std::string line = fmt::format(
        "{}  {}  {}",
        look.paint(Colour::Faint, date_text(number_of(signal, "time_usec").value_or(0))),
        look.paint(Colour::Bold, fmt::format("{:<16}", name)), sentence_of(signal));
    return (look.screen ? cut(line, look.screen->width, look.utf8 ? "…" : "~") : line) + "\n";
}

std::expected<int, Failure> monitor(const Options& options) {
    const auto bus = connect_to_bus(options.machine);
    if (!bus)
        return std::unexpected(bus.error());
    Printer printer{.options = options, .look = look_of(options)};
    if (const auto following = follow(bus->get(), printer); !following)
        return std::unexpected(following.error());
    while (!printer.failed) {
        int r = sd_bus_process(bus->get(), nullptr);
        if (r == 0)
            r = sd_bus_wait(bus->get(), UINT64_MAX);
        if (r < 0 && r != -EINTR)
            return refused("The bus is gone", r);
    }
    return 1;
}

} // namespace reapd
