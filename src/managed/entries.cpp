// SPDX-License-Identifier: LGPL-2.1-or-later
#include "managed/entries.hpp"

#include "base/escape.hpp"
#include "managed/managed.hpp"
#include "settings/rule.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <climits>
#include <expected>
#include <limits>

namespace reapd {
namespace {

using Json = nlohmann::json;

// A unit names a handful; each is looked up whenever the settings are put together.
constexpr std::size_t most_rules = 16;

using Fault = std::string;
template <class T>
using Read = std::expected<T, Fault>;

/// The member `name` of `object`; null counts as absent.
const Json* member(const Json& object, const char* name) {
    const auto found = object.find(name);
    return found == object.end() || found->is_null() ? nullptr : &*found;
}

const std::string* text_member(const Json& object, const char* name) {
    const Json* const found = member(object, name);
    return found ? found->get_ptr<const std::string*>() : nullptr;
}

std::string excerpt(std::string_view text) {
    constexpr std::size_t longest = 100;
    return fmt::format("'{}{}'", escape(text.substr(0, longest)), text.size() > longest ? "…" : "");
}

Read<std::uint64_t> read_number(const Json& value, const char* name, std::uint64_t most) {
    const auto* const number = value.get_ptr<const Json::number_unsigned_t*>();
    if (!number || *number > most)
        return std::unexpected(fmt::format("{} is no number from 0 to {}", name, most));
    return *number;
}

Read<std::optional<Permyriad>> read_limit(const Json& entry) {
    const Json* const value = member(entry, "limit");
    if (!value)
        return std::nullopt;
    const Read<std::uint64_t> scale =
        read_number(*value, "limit", std::numeric_limits<std::uint32_t>::max());
    if (!scale)
        return std::unexpected(scale.error());
    if (*scale == 0) // up to systemd 256 for a limit that is not set
        return std::nullopt;
    // What rounds to nothing would always be exceeded.
    return std::max(from_scale(static_cast<std::uint32_t>(*scale)), Permyriad{1});
}

Read<std::optional<Microseconds>> read_duration(const Json& entry) {
    constexpr std::uint64_t forever = std::numeric_limits<std::uint64_t>::max();
    constexpr std::uint64_t shortest = shortest_managed_duration.count();
    constexpr std::uint64_t longest = longest_managed_duration.count();
    const Json* const value = member(entry, "duration");
    if (!value)
        return std::nullopt;
    const Read<std::uint64_t> usec = read_number(*value, "duration", forever);
    if (!usec)
        return std::unexpected(usec.error());
    if (*usec == 0 || *usec == forever) // not set
        return std::nullopt;
    if (*usec < shortest)
        return std::unexpected(Fault{"duration is less than a second"});
    return Microseconds{static_cast<Microseconds::rep>(std::min(*usec, longest))};
}

Read<std::vector<std::string>> read_rules(const Json& entry) {
    const Json* const list = member(entry, "rules");
    if (!list || !list->is_array() || list->empty() || list->size() > most_rules)
        return std::unexpected(fmt::format("rules is no list of 1 to {} names", most_rules));
    std::vector<std::string> rules;
    for (const Json& one : *list) {
        const auto* const name = one.get_ptr<const std::string*>();
        // They name files.
        if (!name || name->empty() || name->size() > NAME_MAX ||
            name->find('/') != std::string::npos)
            return std::unexpected(Fault{"rules has something that cannot be the name of a rule"});
        if (std::ranges::find(rules, *name) == rules.end())
            rules.push_back(*name);
    }
    return rules;
}

std::optional<ManagedProperty> property_named(std::string_view name) {
    if (name == "ManagedOOMSwap")
        return ManagedProperty::Swap;
    if (name == "ManagedOOMMemoryPressure")
        return ManagedProperty::Pressure;
    if (name == "OOMRules")
        return ManagedProperty::Rules;
    return std::nullopt;
}

/// What a property has besides that it is on.
Read<void> read_details(const Json& json, ManagedEntry& entry) {
    if (entry.property == ManagedProperty::Pressure) {
        Read<std::optional<Permyriad>> limit = read_limit(json);
        if (!limit)
            return std::unexpected(std::move(limit.error()));
        Read<std::optional<Microseconds>> duration = read_duration(json);
        if (!duration)
            return std::unexpected(std::move(duration.error()));
        entry.limit = *limit;
        entry.duration = *duration;
    } else if (entry.property == ManagedProperty::Rules) {
        Read<std::vector<std::string>> rules = read_rules(json);
        if (!rules)
            return std::unexpected(std::move(rules.error()));
        entry.rules = std::move(*rules);
    }
    return {};
}

/// Nothing where the entry is about a property that we do not know.
Read<std::optional<ManagedEntry>> read_entry(const Json& json, std::uint32_t uid) {
    if (!json.is_object())
        return std::unexpected(Fault{"it is no object"});
    const std::string* const name = text_member(json, "property");
    if (!name)
        return std::unexpected(Fault{"property is no text"});
    const std::optional<ManagedProperty> property = property_named(*name);
    if (!property)
        return std::nullopt;
    const std::string* const mode = text_member(json, "mode");
    if (!mode || (*mode != "auto" && *mode != "kill"))
        return std::unexpected(Fault{"mode is neither auto nor kill"});
    const std::string* const text = text_member(json, "path");
    if (!text)
        return std::unexpected(Fault{"path is no text"});
    std::optional<std::string> path = reported_path(*text);
    if (!path)
        return std::unexpected(fmt::format("path {} is not normalised", excerpt(*text)));
    if (path->empty() && uid != 0)
        return std::unexpected(Fault{"path is the root, which is not the peer's"});
    ManagedEntry entry{.path = std::move(*path), .property = *property, .kill = *mode == "kill"};
    if (entry.kill)
        if (Read<void> details = read_details(json, entry); !details)
            return std::unexpected(std::move(details.error()));
    return entry;
}

} // namespace

std::optional<std::string> reported_path(std::string_view text) {
    if (text.empty() || text == "/")
        return std::string{};
    if (!text.starts_with('/') || text.size() >= PATH_MAX ||
        text.find('\0') != std::string_view::npos)
        return std::nullopt;
    const std::string_view path = text.substr(1);
    for (std::size_t begin = 0; begin <= path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        const std::string_view part = path.substr(begin, end - begin);
        if (part.empty() || part == "." || part == ".." || part.size() > NAME_MAX)
            return std::nullopt;
        begin = end + 1;
    }
    return std::string{path};
}

Entries read_entries(const Json& cgroups, std::uint32_t uid) {
    Entries entries;
    std::size_t number = 0;
    for (const Json& json : cgroups) {
        ++number;
        const Read<std::optional<ManagedEntry>> read = read_entry(json, uid);
        if (!read && entries.fault.empty())
            entries.fault =
                fmt::format("entry {} of a report is left out: {}", number, read.error());
        const std::optional<ManagedEntry> entry = read.value_or(std::nullopt);
        if (entry)
            entries.good.push_back(*entry);
    }
    return entries;
}

} // namespace reapd
