// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/orders.hpp"

#include "base/escape.hpp"
#include "ctl/explain.hpp"
#include "ctl/message_json.hpp"
#include "ctl/output.hpp"
#include "ctl/polkit_agent.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>

namespace reapd {
namespace {

/// A person needs longer for a password than a program for an answer.
constexpr std::uint64_t patience_usec = 120'000'000;

struct Person {
    sd::Bus bus{};
    std::unique_ptr<PolkitAgent> agent{};
};

/// polkit asks the person at the terminal, where there is one.
std::expected<Person, Failure> connect_as_person(const Options& options) {
    auto bus = connect_to_bus(options.machine);
    if (!bus)
        return std::unexpected(bus.error());
    Person person{.bus = std::move(*bus)};
    if (!options.ask_password || ::isatty(STDIN_FILENO) != 1)
        return person;
    (void)sd_bus_set_allow_interactive_authorization(person.bus.get(), 1); // else it refuses
    (void)sd_bus_set_method_call_timeout(person.bus.get(), patience_usec); // else it gives up early
    // Root is not asked, and the polkit of a container does not know our processes.
    if (::geteuid() != 0 && options.machine.empty())
        person.agent = std::make_unique<PolkitAgent>();
    return person;
}

Outcome order_all(const Command& command, const char* member) {
    const auto person = connect_as_person(command.options);
    if (!person)
        return std::unexpected(person.error());
    const Service service{.bus = person->bus.get()};
    const Exists exists = cgroup_exists(service, command.options);
    int status = 0;
    for (const std::string& text : command.arguments) {
        const auto done = order(service, member, cgroup_argument(text, exists));
        if (done)
            continue;
        std::fprintf(stderr, "reapctl: %s\n", with_advice(done.error(), text).text.c_str());
        status = status == 0 ? done.error().status : status;
    }
    return status;
}

} // namespace

Exists cgroup_exists(const Service& service, const Options& options) {
    if (options.machine.empty())
        return [](const std::string& path) {
            return ::access(("/sys/fs/cgroup" + path).c_str(), F_OK) == 0;
        };
    return [service](const std::string& path) {
        return ask_explanation(service, escape(path)).has_value();
    };
}

std::string cgroup_argument(const std::string& text, const Exists& exists) {
    std::string path = text.starts_with('/') ? text : "/" + text;
    path.resize(path.find_last_not_of('/') + 1);
    if (path.empty())
        return "/";
    // systemd's own names have sequences like ours: "dev-disk-by\\x2did.swap".
    const std::string meant = unescape(path);
    return escape(meant == path || exists(path) ? path : meant);
}

Failure with_advice(Failure refusal, const std::string& text) {
    if (refusal.status == 1 && text.find('/') == std::string::npos)
        refusal.text += " A cgroup is named by its path, beginning with /, as /system.slice/" +
                        escape(text) + ".";
    return refusal;
}

std::expected<std::uint64_t, Failure> order_kill(const Service& service, const std::string& cgroup,
                                                 const std::string& reason) {
    const auto answer = call_manager(service, "Kill", "ssa{sv}", cgroup.c_str(), reason.c_str(), 0);
    if (!answer)
        return std::unexpected(answer.error());
    std::uint64_t id = 0;
    if (const int r = sd_bus_message_read(answer->get(), "t", &id); r < 0)
        return refused("reapd's answer cannot be read", r);
    return id;
}

bool was_dry_run(const Service& service, std::uint64_t id) {
    const auto answer =
        call_manager(service, "ListEvents", "tu", std::uint64_t{0}, std::uint32_t{0});
    const auto events = answer ? read_argument(answer->get()) : std::unexpected(answer.error());
    return events && std::ranges::any_of(*events, [&](const nlohmann::json& event) {
               return number_of(event, "Id") == id && text_of(event, "Action") == "dry-run";
           });
}

std::expected<void, Failure> order(const Service& service, const char* member,
                                   const std::string& cgroup) {
    const auto answer = call_manager(service, member, "s", cgroup.c_str());
    if (!answer)
        return std::unexpected(answer.error());
    return {};
}

Outcome run_kill(const Command& command) {
    const auto person = connect_as_person(command.options);
    if (!person)
        return std::unexpected(person.error());
    const Service service{.bus = person->bus.get()};
    const std::string cgroup =
        cgroup_argument(command.arguments.front(), cgroup_exists(service, command.options));
    const auto id = order_kill(service, cgroup, escape(command.options.reason));
    if (!id)
        return std::unexpected(with_advice(id.error(), command.arguments.front()));
    if (command.options.json != Json::Off)
        return print(json_text({{"id", *id}, {"cgroup", cgroup}}, command.options.json));
    if (was_dry_run(service, *id))
        return print(fmt::format("Dry run: nothing was done to {}; \"reapctl history {}\" tells "
                                 "what would have been.\n",
                                 cgroup, *id));
    return print(fmt::format("Killed {} (event {}); \"reapctl history {}\" tells what that gave.\n",
                             cgroup, *id, *id));
}

Outcome run_freeze(const Command& command) { return order_all(command, "Freeze"); }
Outcome run_thaw(const Command& command) { return order_all(command, "Thaw"); }

} // namespace reapd
