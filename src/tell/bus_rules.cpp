// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings/rule_text.hpp"
#include "tell/bus_state.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <span>

/// org.reapd1.Rule: an object for every rule in force, and the news of them.

namespace reapd {
namespace {

const RuleObject& object_of(void* userdata) { return *static_cast<const RuleObject*>(userdata); }

template <class Limit>
std::string text_of(const std::optional<Limit>& limit) {
    return limit ? to_text(*limit) : std::string{};
}

/// A property that is one text: what the rule's file would say.
struct TextField {
    std::string_view name;
    std::string (*text)(const Rule&);
};

constexpr std::array text_fields = std::to_array<TextField>({
    {"Name", [](const Rule& rule) { return escape(rule.name); }},
    {"File", [](const Rule& rule) { return escape(rule.file); }},
    {"Description", [](const Rule& rule) { return escape(rule.description); }},
    {"MemoryPressureFull", [](const Rule& rule) { return text_of(rule.when.pressure_full); }},
    {"MemoryPressureSome", [](const Rule& rule) { return text_of(rule.when.pressure_some); }},
    {"MemoryAvailable", [](const Rule& rule) { return text_of(rule.when.memory_available); }},
    {"SwapFree", [](const Rule& rule) { return text_of(rule.when.swap_free); }},
    {"SwapUsed", [](const Rule& rule) { return text_of(rule.when.swap_used); }},
    {"MemoryCurrent", [](const Rule& rule) { return text_of(rule.when.memory_current); }},
    {"MemoryGrowth",
     [](const Rule& rule) {
         return rule.when.memory_growth ? to_text(AmountLimit{.side = AmountLimit::Side::Above,
                                                              .bytes = *rule.when.memory_growth})
                                        : std::string{};
     }},
    {"Refaults",
     [](const Rule& rule) {
         return rule.when.refaults ? '>' + std::to_string(*rule.when.refaults) : std::string{};
     }},
    {"LastingSec", [](const Rule& rule) { return span_text(rule.when.lasting); }},
    {"Among", [](const Rule& rule) { return to_text(rule.victim.among); }},
    {"Do", [](const Rule& rule) { return to_text(rule.action); }},
    {"GraceSec", [](const Rule& rule) { return span_text(rule.grace); }},
    {"Release", [](const Rule& rule) { return to_text(rule.release); }},
    {"CooldownSec", [](const Rule& rule) { return span_text(rule.cooldown); }},
    {"Advice", [](const Rule& rule) { return to_text(rule.cooling.advice); }},
    {"Idle", [](const Rule& rule) { return span_text(rule.cooling.idle); }},
    {"IntervalSec", [](const Rule& rule) { return span_text(rule.cooling.interval); }},
    {"Swappiness",
     [](const Rule& rule) {
         return rule.cooling.swappiness ? std::to_string(*rule.cooling.swappiness) : std::string{};
     }},
    {"FreezeMaxSec", [](const Rule& rule) { return span_text(rule.freezing.longest); }},
    {"FreezeThen", [](const Rule& rule) { return to_text(rule.freezing.then); }},
});

/// A property that is a list of globs.
struct GlobField {
    std::string_view name;
    const std::vector<std::string>& (*globs)(const Rule&);
};

constexpr std::array glob_fields = std::to_array<GlobField>({
    {"Watch", [](const Rule& rule) -> auto& { return rule.watch; }},
    {"Prefer", [](const Rule& rule) -> auto& { return rule.victim.prefer; }},
    {"Avoid", [](const Rule& rule) -> auto& { return rule.victim.avoid; }},
    {"Protect", [](const Rule& rule) -> auto& { return rule.victim.protect; }},
    {"ProcessesIn", [](const Rule& rule) -> auto& { return rule.victim.processes_in; }},
});

int get_text(sd_bus*, const char*, const char*, const char* property, sd_bus_message* reply,
             void* userdata, sd_bus_error*) noexcept {
    const auto* const field = std::ranges::find(text_fields, property, &TextField::name);
    return sd_bus_message_append(reply, "s", field->text(object_of(userdata).rule).c_str());
}

int get_globs(sd_bus*, const char*, const char*, const char* property, sd_bus_message* reply,
              void* userdata, sd_bus_error*) noexcept {
    const auto* const field = std::ranges::find(glob_fields, property, &GlobField::name);
    std::vector<std::string> globs;
    for (const std::string& glob : field->globs(object_of(userdata).rule))
        globs.push_back(escape(glob));
    return append_strings(reply, globs);
}

int get_order(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply, void* userdata,
              sd_bus_error*) noexcept {
    std::vector<std::string> order;
    for (const Order by : object_of(userdata).rule.victim.order)
        order.push_back(to_text(by));
    return append_strings(reply, order);
}

int get_users(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply, void* userdata,
              sd_bus_error*) noexcept {
    const std::vector<std::uint32_t>& users = object_of(userdata).rule.victim.users;
    return sd_bus_message_append_array(reply, 'u', users.data(), users.size() * sizeof users[0]);
}

int get_claimed(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply,
                void* userdata, sd_bus_error*) noexcept {
    int r = sd_bus_message_open_container(reply, SD_BUS_TYPE_ARRAY, "(su)");
    for (const Claimed& claimed : object_of(userdata).rule.claimed)
        if (r >= 0)
            r = sd_bus_message_append(reply, "(su)", escape('/' + claimed.path).c_str(),
                                      claimed.owner);
    return r < 0 ? r : sd_bus_message_close_container(reply);
}

int get_budget(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply,
               void* userdata, sd_bus_error*) noexcept {
    return sd_bus_message_append(reply, "t", object_of(userdata).rule.cooling.budget.value);
}

int get_freeze(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply,
               void* userdata, sd_bus_error*) noexcept {
    return sd_bus_message_append(reply, "b", object_of(userdata).rule.cooling.freeze ? 1 : 0);
}

int get_minimum_size(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply,
                     void* userdata, sd_bus_error*) noexcept {
    return sd_bus_message_append(reply, "t", object_of(userdata).rule.victim.minimum_size.value);
}

int get_max_useless(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply,
                    void* userdata, sd_bus_error*) noexcept {
    return sd_bus_message_append(reply, "u", object_of(userdata).rule.max_useless);
}

/// What it has done and how it stands; nothing yet for a rule that has done nothing.
RuleNumbers numbers_of(const RuleObject& object) {
    const auto& all = object.face->status.rule_numbers;
    const auto found = all.find(object.rule.name);
    return found == all.end() ? RuleNumbers{} : found->second;
}

int get_above(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply, void* userdata,
              sd_bus_error*) noexcept {
    return sd_bus_message_append(reply, "b", numbers_of(object_of(userdata)).above ? 1 : 0);
}

int get_share(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply, void* userdata,
              sd_bus_error*) noexcept {
    const RuleObject& object = object_of(userdata);
    std::optional<Permyriad> share;
    if (object.face->callbacks.share_of_rule)
        share = object.face->callbacks.share_of_rule(object.rule);
    return sd_bus_message_append(
        reply, "d", share ? share->value / 10000.0 : std::numeric_limits<double>::quiet_NaN());
}

int get_last_acted(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply,
                   void* userdata, sd_bus_error*) noexcept {
    return sd_bus_message_append(reply, "t", numbers_of(object_of(userdata)).last_acted_usec);
}

int get_acted_count(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply,
                    void* userdata, sd_bus_error*) noexcept {
    return sd_bus_message_append(reply, "t", numbers_of(object_of(userdata)).acted);
}

constexpr std::uint64_t fixed = SD_BUS_VTABLE_PROPERTY_CONST;
constexpr std::uint64_t moves = SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE;

// In the order of reapd.rule(5).
constexpr sd_bus_vtable vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_PROPERTY("Name", "s", get_text, 0, fixed),
    SD_BUS_PROPERTY("File", "s", get_text, 0, moves),
    SD_BUS_PROPERTY("Description", "s", get_text, 0, moves),
    SD_BUS_PROPERTY("Watch", "as", get_globs, 0, moves),
    SD_BUS_PROPERTY("Claimed", "a(su)", get_claimed, 0, moves),
    SD_BUS_PROPERTY("MemoryPressureFull", "s", get_text, 0, moves),
    SD_BUS_PROPERTY("MemoryPressureSome", "s", get_text, 0, moves),
    SD_BUS_PROPERTY("MemoryAvailable", "s", get_text, 0, moves),
    SD_BUS_PROPERTY("SwapFree", "s", get_text, 0, moves),
    SD_BUS_PROPERTY("SwapUsed", "s", get_text, 0, moves),
    SD_BUS_PROPERTY("MemoryCurrent", "s", get_text, 0, moves),
    SD_BUS_PROPERTY("MemoryGrowth", "s", get_text, 0, moves),
    SD_BUS_PROPERTY("Refaults", "s", get_text, 0, moves),
    SD_BUS_PROPERTY("LastingSec", "s", get_text, 0, moves),
    SD_BUS_PROPERTY("Among", "s", get_text, 0, moves),
    SD_BUS_PROPERTY("Order", "as", get_order, 0, moves),
    SD_BUS_PROPERTY("Prefer", "as", get_globs, 0, moves),
    SD_BUS_PROPERTY("Avoid", "as", get_globs, 0, moves),
    SD_BUS_PROPERTY("User", "au", get_users, 0, moves),
    SD_BUS_PROPERTY("Protect", "as", get_globs, 0, moves),
    SD_BUS_PROPERTY("ProcessesIn", "as", get_globs, 0, moves),
    SD_BUS_PROPERTY("MinimumSize", "t", get_minimum_size, 0, moves),
    SD_BUS_PROPERTY("Do", "s", get_text, 0, moves),
    SD_BUS_PROPERTY("GraceSec", "s", get_text, 0, moves),
    SD_BUS_PROPERTY("Release", "s", get_text, 0, moves),
    SD_BUS_PROPERTY("CooldownSec", "s", get_text, 0, moves),
    SD_BUS_PROPERTY("MaxUseless", "u", get_max_useless, 0, moves),
    SD_BUS_PROPERTY("Advice", "s", get_text, 0, moves),
    SD_BUS_PROPERTY("Budget", "t", get_budget, 0, moves),
    SD_BUS_PROPERTY("Idle", "s", get_text, 0, moves),
    SD_BUS_PROPERTY("IntervalSec", "s", get_text, 0, moves),
    SD_BUS_PROPERTY("Swappiness", "s", get_text, 0, moves),
    SD_BUS_PROPERTY("Freeze", "b", get_freeze, 0, moves),
    SD_BUS_PROPERTY("FreezeMaxSec", "s", get_text, 0, moves),
    SD_BUS_PROPERTY("FreezeThen", "s", get_text, 0, moves),
    SD_BUS_PROPERTY("Above", "b", get_above, 0, moves),
    SD_BUS_PROPERTY("Share", "d", get_share, 0, 0),
    SD_BUS_PROPERTY("LastActed", "t", get_last_acted, 0, moves),
    SD_BUS_PROPERTY("ActedCount", "t", get_acted_count, 0, moves),
    SD_BUS_VTABLE_END,
};

/// All that a file says, for when another file says something else.
std::vector<char*> settings_of_file() {
    std::vector<char*> names;
    for (const sd_bus_vtable& entry : std::span{vtable})
        if (entry.type == _SD_BUS_VTABLE_PROPERTY && (entry.flags & moves) != 0 &&
            entry.x.property.get != get_above && entry.x.property.get != get_last_acted &&
            entry.x.property.get != get_acted_count)
            names.push_back(const_cast<char*>(entry.x.property.member));
    names.push_back(nullptr);
    return names;
}

int find(sd_bus*, const char* path, const char*, void* userdata, void** found,
         sd_bus_error*) noexcept {
    FaceState& face = *static_cast<FaceState*>(userdata);
    const auto object = face.rules.find(path);
    if (object == face.rules.end())
        return 0;
    *found = &object->second;
    return 1;
}

/// libsystemd frees the list and each text in it.
int enumerate(sd_bus*, const char*, void* userdata, char*** nodes, sd_bus_error*) noexcept {
    const FaceState& face = *static_cast<const FaceState*>(userdata);
    char** const list = static_cast<char**>(std::calloc(face.rules.size() + 1, sizeof(char*)));
    if (list == nullptr)
        return -ENOMEM;
    std::size_t count = 0;
    for (const auto& [path, object] : face.rules) {
        list[count] = ::strdup(path.c_str());
        if (list[count] != nullptr)
            ++count;
    }
    *nodes = list;
    return 1;
}

} // namespace

std::string rule_path(const std::string& name) {
    char* path = nullptr;
    std::string text;
    if (sd_bus_path_encode(bus_name::rule_prefix, escape(name).c_str(), &path) >= 0)
        text = path;
    std::free(path);
    return text;
}

Result<> FaceState::offer_rules(sd_bus* to) noexcept {
    take_rules();
    sd_bus_slot* slot = nullptr;
    int r = sd_bus_add_fallback_vtable(to, &slot, bus_name::rule_prefix, bus_name::rule, vtable,
                                       find, this);
    if (r < 0)
        return failed("sd_bus_add_fallback_vtable", -r);
    rules_slot.reset(slot);
    r = sd_bus_add_node_enumerator(to, &slot, bus_name::rule_prefix, enumerate, this);
    if (r < 0)
        return failed("sd_bus_add_node_enumerator", -r);
    nodes_slot.reset(slot);
    r = sd_bus_add_object_manager(to, &slot, bus_name::path);
    if (r < 0)
        return failed("sd_bus_add_object_manager", -r);
    object_manager_slot.reset(slot);
    return {};
}

std::map<std::string, RuleObject> FaceState::take_rules() {
    std::map<std::string, RuleObject> now;
    if (status.policy)
        for (const Rule& rule : status.policy->rules)
            now.emplace(rule_path(rule.name), RuleObject{.face = this, .rule = rule});
    return std::exchange(rules, std::move(now));
}

void BusFace::rules_changed() noexcept {
    const std::map<std::string, RuleObject> before = state_->take_rules();
    const auto& now = state_->rules;
    sd_bus* const bus = state_->bus;
    const auto note = [&](int r) {
        if (r < 0)
            ++state_->lost;
    };
    for (const auto& [path, object] : before)
        if (!now.contains(path) && state_->may_send(bus))
            note(sd_bus_emit_interfaces_removed(bus, path.c_str(), bus_name::rule, nullptr));
    for (const auto& [path, object] : now) {
        const auto same = before.find(path);
        const bool is_new = same == before.end();
        if ((!is_new && same->second.rule == object.rule) || !state_->may_send(bus))
            continue;
        note(is_new ? sd_bus_emit_interfaces_added(bus, path.c_str(), bus_name::rule, nullptr)
                    : sd_bus_emit_properties_changed_strv(bus, path.c_str(), bus_name::rule,
                                                          settings_of_file().data()));
    }
}

void BusFace::rule_moved(const std::string& name, const char* property) noexcept {
    const std::string path = rule_path(name);
    if (state_->rules.contains(path) && state_->may_send(state_->bus) &&
        sd_bus_emit_properties_changed(state_->bus, path.c_str(), bus_name::rule, property,
                                       nullptr) < 0)
        ++state_->lost;
}

} // namespace reapd
