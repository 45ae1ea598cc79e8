// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tell/dump.hpp"

#include "base/escape.hpp"
#include "settings/rule_text.hpp"
#include "tell/version.hpp"

#include <nlohmann/json.hpp>

namespace reapd {
namespace {

using nlohmann::json;

/// What a person wrote is raw bytes; everything in a document is printable.
json strings(const std::vector<std::string>& raw) {
    json list = json::array();
    for (const std::string& text : raw)
        list.push_back(escape(text));
    return list;
}

json claimed(const std::vector<Claimed>& cgroups) {
    json list = json::array();
    for (const Claimed& cgroup : cgroups)
        list.push_back({{"cgroup", escape('/' + cgroup.path)}, {"uid", cgroup.owner}});
    return list;
}

json to_json(const std::optional<PressureLimit>& limit) {
    if (!limit)
        return nullptr;
    return {{"share", limit->share.value},
            {"window_usec", limit->window.count()},
            {"text", to_text(*limit)}};
}

json to_json(const std::optional<AmountLimit>& limit) {
    if (!limit)
        return nullptr;
    json object{{"side", limit->side == AmountLimit::Side::Below ? "below" : "above"},
                {"share", nullptr},
                {"bytes", nullptr},
                {"text", to_text(*limit)}};
    if (limit->share)
        object["share"] = limit->share->value;
    else
        object["bytes"] = limit->bytes.value;
    return object;
}

json to_json(const Rule& rule) {
    json order = json::array();
    for (const Order by : rule.victim.order)
        order.push_back(to_text(by));
    return {
        {"name", escape(rule.name)},
        {"file", escape(rule.file)},
        {"description", escape(rule.description)},
        {"watch", strings(rule.watch)},
        {"claimed", claimed(rule.claimed)},
        {"when",
         {{"pressure_some", to_json(rule.when.pressure_some)},
          {"pressure_full", to_json(rule.when.pressure_full)},
          {"memory_available", to_json(rule.when.memory_available)},
          {"swap_free", to_json(rule.when.swap_free)},
          {"swap_used", to_json(rule.when.swap_used)},
          {"memory_current", to_json(rule.when.memory_current)},
          {"memory_growth",
           rule.when.memory_growth ? json(rule.when.memory_growth->value) : json(nullptr)},
          {"refaults", rule.when.refaults ? json(*rule.when.refaults) : json(nullptr)},
          {"lasting_usec", rule.when.lasting.count()}}},
        {"victim",
         {{"among", to_text(rule.victim.among)},
          {"order", std::move(order)},
          {"protect", strings(rule.victim.protect)},
          {"prefer", strings(rule.victim.prefer)},
          {"avoid", strings(rule.victim.avoid)},
          {"users", rule.victim.users},
          {"processes_in", strings(rule.victim.processes_in)},
          {"minimum_size", rule.victim.minimum_size.value}}},
        {"action", to_text(rule.action)},
        {"release", to_text(rule.release)},
        {"grace_usec", rule.grace.count()},
        {"cooldown_usec", rule.cooldown.count()},
        {"max_useless", rule.max_useless},
        {"cooling",
         {{"advice", to_text(rule.cooling.advice)},
          {"budget", rule.cooling.budget.value},
          {"idle_usec", rule.cooling.idle.count()},
          {"interval_usec", rule.cooling.interval.count()},
          {"swappiness", rule.cooling.swappiness ? json(*rule.cooling.swappiness) : json(nullptr)},
          {"freeze", rule.cooling.freeze}}},
        {"freezing",
         {{"longest_usec", rule.freezing.longest.count()}, {"then", to_text(rule.freezing.then)}}}};
}

json to_json(const Config& config) {
    return {{"dry_run", config.dry_run},
            {"reaper_threads", config.reaper_threads},
            {"reaper_cpus", config.reaper_cpus},
            {"reaper_nice", config.reaper_nice},
            {"sample_interval_usec", config.sample_interval.count()},
            {"max_cgroups", config.max_cgroups},
            {"essential", strings(config.essential)},
            {"history_size", config.history_size},
            {"managed_oom", config.managed_oom},
            {"managed_pressure_limit", config.managed_pressure_limit.value},
            {"managed_pressure_duration_usec", config.managed_pressure_duration.count()},
            {"swap_used_limit", config.swap_used_limit.value}};
}

json to_json(const Watched& watched) {
    json object{{"rule", watched.rule},
                {"cgroup", watched.cgroup},
                {"triggered", watched.triggered},
                {"privileged", watched.privileged},
                {"trigger_error", nullptr}};
    if (!watched.trigger_error.empty())
        object["trigger_error"] = watched.trigger_error;
    return object;
}

json to_json(const Diagnostic& diagnostic) {
    return {{"severity", diagnostic.severity == Severity::Error ? "error" : "note"},
            {"file", escape(diagnostic.file)},
            {"line", diagnostic.line},
            {"text", escape(unescape(diagnostic.text))}};
}

json to_json(const HistoryEntry& entry) {
    json object{{"kind", entry.kind},
                {"id", entry.id},
                {"realtime_usec", entry.realtime_usec},
                {"rule", entry.rule},
                {"cgroup", entry.cgroup},
                {"action", entry.action},
                {"sentence", entry.sentence},
                {"promise", entry.promise.value},
                {"released", nullptr}};
    if (entry.end)
        object["released"] = entry.end->released.value;
    return object;
}

template <class List>
json list_of(const List& values) {
    json list = json::array();
    for (const auto& value : values)
        list.push_back(to_json(value));
    return list;
}

} // namespace

std::string dump_json(const Status& status) {
    json document{{"version", version()},
                  {"state", status.state},
                  {"dry_run", false},
                  {"features", status.features},
                  {"kill_count", status.kills},
                  {"released_bytes", status.released_bytes},
                  {"dropped_events", status.dropped_events},
                  {"dropped_entries", status.dropped_entries},
                  {"cgroups", status.cgroups},
                  {"cgroups_left_out", status.cgroups_left_out},
                  {"rivals", status.rivals},
                  {"builtin_rules", status.builtin_rules},
                  {"generation", nullptr},
                  {"config", nullptr},
                  {"rules", json::array()},
                  {"watched", list_of(status.watched)},
                  {"diagnostics", list_of(status.diagnostics)},
                  {"history", list_of(status.history)}};
    if (status.policy) {
        document["dry_run"] = status.policy->config.dry_run;
        document["generation"] = status.policy->generation;
        document["config"] = to_json(status.policy->config);
        document["rules"] = list_of(status.policy->rules);
    }
    return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace reapd
