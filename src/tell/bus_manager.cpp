// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tell/bus_state.hpp"
#include "tell/version.hpp"

#include <fmt/format.h>

#include <limits>

namespace reapd {
namespace {

const FaceState& state_of(void* userdata) { return *static_cast<const FaceState*>(userdata); }

int get_version(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply, void*,
                sd_bus_error*) noexcept {
    return sd_bus_message_append(reply, "s", version());
}

int get_state(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply, void* userdata,
              sd_bus_error*) noexcept {
    return sd_bus_message_append(reply, "s", sayable(state_of(userdata).status.state).c_str());
}

int get_dry_run(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply,
                void* userdata, sd_bus_error*) noexcept {
    const auto& policy = state_of(userdata).status.policy;
    return sd_bus_message_append(reply, "b", policy && policy->config.dry_run ? 1 : 0);
}

int get_features(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply,
                 void* userdata, sd_bus_error*) noexcept {
    return append_strings(reply, state_of(userdata).status.features);
}

int get_essential(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply,
                  void* userdata, sd_bus_error*) noexcept {
    std::vector<std::string> globs;
    if (const auto& policy = state_of(userdata).status.policy)
        for (const std::string& glob : policy->config.essential)
            globs.push_back(escape(glob));
    return append_strings(reply, globs);
}

/// All counters, told apart by their name.
int get_count(sd_bus*, const char*, const char*, const char* property, sd_bus_message* reply,
              void* userdata, sd_bus_error*) noexcept {
    const FaceState& state = state_of(userdata);
    const std::string_view name = property;
    std::uint64_t count = 0;
    if (name == "KillCount")
        count = state.status.kills;
    else if (name == "ReleasedBytes")
        count = state.status.released_bytes;
    else if (name == "DroppedEvents")
        count = state.status.dropped_events;
    else if (name == "DroppedEntries")
        count = state.journal.dropped();
    else if (name == "DroppedSignals")
        count = state.lost;
    return sd_bus_message_append(reply, "t", count);
}

int get_pressure(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply,
                 void* userdata, sd_bus_error*) noexcept {
    const FaceState& state = state_of(userdata);
    std::array<double, 6> p{};
    if (state.callbacks.pressure)
        p = state.callbacks.pressure();
    return sd_bus_message_append(reply, "(dddddd)", p[0], p[1], p[2], p[3], p[4], p[5]);
}

int append_rule(sd_bus_message* reply, const std::string& name) {
    return sd_bus_message_append(reply, "(so)", escape(name).c_str(), rule_path(name).c_str());
}

/// The reply to `call`, empty.
sd::BusMessage reply_to(sd_bus_message* call) {
    sd_bus_message* message = nullptr;
    return sd_bus_message_new_method_return(call, &message) < 0 ? nullptr : sd::BusMessage{message};
}

int list_rules(sd_bus_message* call, void* userdata, sd_bus_error*) noexcept {
    const sd::BusMessage reply = reply_to(call);
    if (!reply)
        return -ENOMEM;
    int r = sd_bus_message_open_container(reply.get(), SD_BUS_TYPE_ARRAY, "(so)");
    if (const auto& policy = state_of(userdata).status.policy)
        for (const Rule& rule : policy->rules)
            if (r >= 0)
                r = append_rule(reply.get(), rule.name);
    if (r >= 0)
        r = sd_bus_message_close_container(reply.get());
    return r < 0 ? r : sd_bus_send(nullptr, reply.get(), nullptr);
}

int append_watched(sd_bus_message* reply, const FaceState& state, const Watched& watched) {
    std::optional<Permyriad> share;
    if (state.callbacks.share_of)
        share = state.callbacks.share_of(watched);
    const double number = share ? share->value / 10000.0 : std::numeric_limits<double>::quiet_NaN();

    return sd_bus_message_append(reply, "(sosd)", sayable(watched.rule).c_str(),
                                 rule_path(unescape(watched.rule)).c_str(),
                                 sayable(watched.cgroup).c_str(), number);
}

int list_watched(sd_bus_message* call, void* userdata, sd_bus_error* error) noexcept {
    const FaceState& state = state_of(userdata);
    std::size_t size = 0;
    for (const Watched& watched : state.status.watched)
        size += 4 * watched.rule.size() + watched.cgroup.size() + 64;
    if (!has_room(sd_bus_message_get_bus(call), size))
        return sd_bus_error_set(error, SD_BUS_ERROR_LIMITS_EXCEEDED, no_room_text);
    const sd::BusMessage reply = reply_to(call);
    if (!reply)
        return -ENOMEM;
    int r = sd_bus_message_open_container(reply.get(), SD_BUS_TYPE_ARRAY, "(sosd)");
    for (const Watched& watched : state.status.watched)
        if (r >= 0)
            r = append_watched(reply.get(), state, watched);
    if (r >= 0)
        r = sd_bus_message_close_container(reply.get());
    return r < 0 ? r : sd_bus_send(nullptr, reply.get(), nullptr);
}

/// Passes a call with one text to `ask`, which answers it some time.
int pass_on(sd_bus_message* call, const std::function<void(Call, std::string)>& ask) {
    const char* text = nullptr;
    if (const int r = sd_bus_message_read(call, "s", &text); r < 0)
        return r;
    if (is_too_long(text))
        return -EINVAL;
    if (!ask)
        return -EOPNOTSUPP;
    ask(Call{call}, unescape(text));
    return 1;
}

int list_candidates(sd_bus_message* call, void* userdata, sd_bus_error*) noexcept {
    return pass_on(call, state_of(userdata).callbacks.candidates);
}

int explain(sd_bus_message* call, void* userdata, sd_bus_error*) noexcept {
    return pass_on(call, state_of(userdata).callbacks.explain);
}

int dump(sd_bus_message* call, void* userdata, sd_bus_error* error) noexcept {
    FaceState& state = *static_cast<FaceState*>(userdata);
    const Fd file = state.dumps.file_with(state.callbacks.dump ? state.callbacks.dump() : "{}");
    if (!file)
        return sd_bus_error_set(error, bus_error::dump_failed,
                                "The dump could not be written to a file in memory.");
    return sd_bus_reply_method_return(call, "h", file.get());
}

constexpr std::uint64_t fixed = SD_BUS_VTABLE_PROPERTY_CONST;
constexpr std::uint64_t moves = SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE;
constexpr std::uint64_t anyone = SD_BUS_VTABLE_UNPRIVILEGED;

// All of them are unprivileged to libsystemd, which would ask for CAP_SYS_ADMIN or uid 0, and wait
// for the bus to say who calls. Authority asks for those that not everybody may call.
constexpr sd_bus_vtable vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_PROPERTY("Version", "s", get_version, 0, fixed),
    SD_BUS_PROPERTY("State", "s", get_state, 0, moves),
    SD_BUS_PROPERTY("DryRun", "b", get_dry_run, 0, moves),
    SD_BUS_PROPERTY("Features", "as", get_features, 0, fixed),
    SD_BUS_PROPERTY("KillCount", "t", get_count, 0, moves),
    SD_BUS_PROPERTY("ReleasedBytes", "t", get_count, 0, moves),
    SD_BUS_PROPERTY("DroppedEvents", "t", get_count, 0, 0),
    SD_BUS_PROPERTY("DroppedEntries", "t", get_count, 0, 0),
    SD_BUS_PROPERTY("DroppedSignals", "t", get_count, 0, 0),
    SD_BUS_PROPERTY("Essential", "as", get_essential, 0, moves),
    SD_BUS_PROPERTY("Pressure", "(dddddd)", get_pressure, 0, 0),
    SD_BUS_METHOD_WITH_ARGS("ListRules", SD_BUS_NO_ARGS, SD_BUS_RESULT("a(so)", rules), list_rules,
                            anyone),
    SD_BUS_METHOD_WITH_ARGS("ListWatched", SD_BUS_NO_ARGS, SD_BUS_RESULT("a(sosd)", watched),
                            list_watched, anyone),
    SD_BUS_METHOD_WITH_ARGS("ListCandidates", SD_BUS_ARGS("s", rule),
                            SD_BUS_RESULT("aa{sv}", candidates), list_candidates, anyone),
    SD_BUS_METHOD_WITH_ARGS("Explain", SD_BUS_ARGS("s", cgroup),
                            SD_BUS_RESULT("a{sv}", explanation), explain, anyone),
    SD_BUS_METHOD_WITH_ARGS("ListEvents", SD_BUS_ARGS("t", since, "u", max),
                            SD_BUS_RESULT("aa{sv}", events), list_events, anyone),
    SD_BUS_METHOD_WITH_ARGS("Kill", SD_BUS_ARGS("s", cgroup, "s", reason, "a{sv}", options),
                            SD_BUS_RESULT("t", id), kill_cgroup, anyone),
    SD_BUS_METHOD_WITH_ARGS("Freeze", SD_BUS_ARGS("s", cgroup), SD_BUS_NO_RESULT, freeze_cgroup,
                            anyone),
    SD_BUS_METHOD_WITH_ARGS("Thaw", SD_BUS_ARGS("s", cgroup), SD_BUS_NO_RESULT, thaw_cgroup,
                            anyone),
    SD_BUS_METHOD_WITH_ARGS("Reload", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, reload_settings, anyone),
    SD_BUS_METHOD_WITH_ARGS("Dump", SD_BUS_NO_ARGS, SD_BUS_RESULT("h", json), dump, anyone),
    SD_BUS_SIGNAL_WITH_ARGS(
        "Acted", SD_BUS_ARGS("t", id, "s", action, "s", cgroup, "s", rule, "a{sv}", details), 0),
    SD_BUS_SIGNAL_WITH_ARGS("Completed", SD_BUS_ARGS("t", id, "a{sv}", details), 0),
    SD_BUS_SIGNAL_WITH_ARGS("PressureChanged",
                            SD_BUS_ARGS("s", rule, "s", cgroup, "b", above, "d", share), 0),
    SD_BUS_SIGNAL_WITH_ARGS("Stuck", SD_BUS_ARGS("s", rule, "s", cgroup, "a{sv}", details), 0),
    SD_BUS_VTABLE_END,
};

} // namespace

int append_strings(sd_bus_message* reply, const std::vector<std::string>& texts) {
    int r = sd_bus_message_open_container(reply, SD_BUS_TYPE_ARRAY, "s");
    for (const std::string& text : texts)
        if (r >= 0)
            r = sd_bus_message_append(reply, "s", text.c_str());
    return r < 0 ? r : sd_bus_message_close_container(reply);
}

const sd_bus_vtable* const manager_vtable = vtable;

} // namespace reapd
