// SPDX-License-Identifier: LGPL-2.1-or-later
#include "managed/message.hpp"

#include "managed/descriptions.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace reapd {
namespace {

using Json = nlohmann::json;

// A report has four: the call, its parameters, the list, an entry; and the rules of one.
constexpr int deepest = 8;

/// Whether brackets nest deeper than any message of ours; each level costs the parser memory.
bool too_deep(std::string_view text) noexcept {
    int depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '"')
            quoted = !quoted;
        else if (quoted)
            i += c == '\\' ? 1 : 0;
        else if ((c == '{' || c == '[') && ++depth > deepest)
            return true;
        else if (c == '}' || c == ']')
            --depth;
    }
    return false;
}

std::string to_reply(const Json& json) {
    // Names of methods come back in errors; the parser let only UTF-8 through.
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + '\0';
}

std::string parameters_reply(Json parameters) {
    return to_reply({{"parameters", std::move(parameters)}});
}

std::string error_reply(const char* error, const char* parameter, const std::string& value) {
    return to_reply({{"error", std::string{"org.varlink.service."} + error},
                     {"parameters", {{parameter, value}}}});
}

Answer report(const Json& parameters, std::uint32_t uid) {
    const auto list = parameters.find("cgroups");
    if (list == parameters.end() || !list->is_array())
        return {.reply = error_reply("InvalidParameter", "parameter", "cgroups")};
    return {.entries = read_entries(*list, uid), .reply = parameters_reply(Json::object())};
}

Answer description(const Json& parameters) {
    const auto found = parameters.find("interface");
    const auto* const interface =
        found == parameters.end() ? nullptr : found->get_ptr<const std::string*>();
    if (!interface)
        return {.reply = error_reply("InvalidParameter", "parameter", "interface")};
    for (const auto& [name, text] : descriptions)
        if (name == *interface)
            return {.reply = parameters_reply({{"description", text}})};
    return {.reply = error_reply("InterfaceNotFound", "interface", *interface)};
}

Answer service_info() {
    Json interfaces = Json::array();
    for (const auto& [name, text] : descriptions)
        interfaces.push_back(name);
    return {.reply = parameters_reply({{"vendor", "reapd"},
                                       {"product", "reapd"},
                                       {"version", REAPD_VERSION},
                                       {"url", ""},
                                       {"interfaces", std::move(interfaces)}})};
}

Answer call(const std::string& method, const Json& parameters, std::uint32_t uid) {
    if (method == "io.systemd.oom.ReportManagedOOMCGroups")
        return report(parameters, uid);
    if (method == "org.varlink.service.GetInfo")
        return service_info();
    if (method == "org.varlink.service.GetInterfaceDescription")
        return description(parameters);
    return {.reply = error_reply("MethodNotFound", "method", method)};
}

} // namespace

std::string_view to_text(Refusal refusal) noexcept {
    switch (refusal) {
    case Refusal::NoJson:
        return "a message is not JSON";
    case Refusal::TooDeep:
        return "a message nests too deep";
    case Refusal::NoCall:
        return "a message is no varlink call";
    }
    std::unreachable();
}

std::expected<Answer, Refusal> answer_message(std::string_view text, std::uint32_t uid) {
    if (too_deep(text))
        return std::unexpected(Refusal::TooDeep);
    const Json message = Json::parse(text, nullptr, false);
    if (message.is_discarded())
        return std::unexpected(Refusal::NoJson);
    if (!message.is_object())
        return std::unexpected(Refusal::NoCall);
    const auto method = message.find("method");
    const auto given = message.find("parameters");
    const bool some = given != message.end() && !given->is_null();
    if (method == message.end() || !method->is_string() || (some && !given->is_object()))
        return std::unexpected(Refusal::NoCall);
    const Json none = Json::object();
    Answer answer = call(*method->get_ptr<const std::string*>(), some ? *given : none, uid);
    const auto oneway = message.find("oneway");
    if (oneway != message.end() && *oneway == true)
        answer.reply.clear();
    return answer;
}

} // namespace reapd
