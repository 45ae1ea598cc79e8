// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/explain.hpp"

#include "base/escape.hpp"
#include "ctl/daemon.hpp"
#include "ctl/message_json.hpp"
#include "ctl/orders.hpp"
#include "ctl/output.hpp"

namespace reapd {
namespace {

using nlohmann::json;

/// For each rule its candidates.
std::expected<json, Failure> ask_all(const Service& service) {
    const auto view = ask_daemon(service);
    if (!view)
        return std::unexpected(view.error());
    json all = json::object();
    for (const json& rule : member_of(view->dump, "rules")) {
        const std::string name = text_of(rule, "name");
        auto rows = ask_candidates(service, name);
        if (!rows)
            return rows;
        all[name] = std::move(*rows);
    }
    return all;
}

std::string show_all(const json& candidates, const Look& look) {
    std::string text;
    for (const auto& [rule, rows] : candidates.items())
        text += (text.empty() ? "" : "\n") + show_candidates(escape(unescape(rule)), rows, look);
    return text.empty() ? "There are no rules.\n" : text;
}

} // namespace

std::expected<json, Failure> ask_candidates(const Service& service, const std::string& rule) {
    const auto answer = call_manager(service, "ListCandidates", "s", rule.c_str());
    if (!answer)
        return std::unexpected(answer.error());
    return read_argument(answer->get());
}

std::expected<json, Failure> ask_explanation(const Service& service, const std::string& cgroup) {
    const auto answer = call_manager(service, "Explain", "s", cgroup.c_str());
    if (!answer)
        return std::unexpected(answer.error());
    return read_argument(answer->get());
}

Outcome run_explain(const Command& command) {
    const auto bus = connect_to_bus(command.options.machine);
    if (!bus)
        return std::unexpected(bus.error());
    const Service service{.bus = bus->get()};
    const std::string asked = command.arguments.empty() ? "" : command.arguments.front();
    const bool is_cgroup = asked.find('/') != std::string::npos; // no rule has one in its name
    const std::string rule = escape(unescape(asked));
    const auto answer =
        asked.empty() ? ask_all(service)
        : is_cgroup   ? ask_explanation(
                          service, cgroup_argument(asked, cgroup_exists(service, command.options)))
                    : ask_candidates(service, rule);
    if (!answer)
        return std::unexpected(asked.empty() ? answer.error() : with_advice(answer.error(), asked));
    if (command.options.json != Json::Off)
        return print_long(json_text(*answer, command.options.json), command.options);
    const Look look = look_of(command.options);
    return print_long(asked.empty() ? show_all(*answer, look)
                      : is_cgroup   ? show_explanation(*answer, look)
                                    : show_candidates(rule, *answer, look),
                      command.options);
}

} // namespace reapd
