// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/features.hpp"

#include "ctl/columns.hpp"

#include <algorithm>
#include <array>

namespace reapd {
namespace {

using nlohmann::json;

struct Row {
    std::string_view name{};
    bool needed = true; ///< its absence costs something; else it is as good either way
    std::string_view gives{};
};

constexpr bool either_way = false;

constexpr std::array table{
    Row{"unified", true, "cgroups to watch and to choose from"},
    Row{"memory-controller", true, "how much memory each cgroup has"},
    Row{"psi", true, "the pressure of the machine"},
    Row{"cgroup-psi", true, "the pressure of each cgroup"},
    Row{"privileged-triggers", true, "waking up within a second of pressure"},
    Row{"meminfo", true, "what is available"},
    Row{"cgroup-kill", true, "killing a cgroup in one step"},
    Row{"mrelease", true, "memory back before the dead have cleaned up"},
    Row{"mrelease-bounded", either_way, "the same in pieces (Release=bounded)"},
    Row{"mrelease-reap-kill", either_way, "the same and the kill in one, never too late"},
    Row{"kill-expedite", either_way, "kills after which the kernel takes memory back by itself"},
    Row{"process-madvise", either_way, "hints about single processes"},
    Row{"memory-reclaim", either_way, "asking the kernel to reclaim a cgroup"},
    Row{"reclaim-swappiness", either_way, "the same, files or swap first (Swappiness=)"},
    Row{"swap", either_way, "there is swap"},
    Row{"zram", either_way, "swap that is compressed memory"},
    Row{"cap-kill", true, "killing other users' processes"},
    Row{"cap-dac-override", true, "cgroups whose owner took the permissions off"},
    Row{"cap-sys-nice", true, "not waiting for a processor"},
    Row{"cap-setuid", true, "a copy of a kill in the user's own journal"},
    Row{"cap-sys-ptrace", either_way, "hints about other users' processes"},
    Row{"locked-memory", true, "not waiting for its own pages"},
    Row{"lru-gen-min-ttl", either_way, "the kernel kills by itself, too: not a good thing"},
};

/// Before the smallest window of a trigger, which is measured.
constexpr std::string_view window_prefix = "psi-window-";

bool has(const View& view, std::string_view name) {
    const json& list = member_of(view.dump, "features");
    return list.is_array() && std::ranges::find(list, json(name)) != list.end();
}

} // namespace

json features_json(const View& view) {
    json all = json::array();
    for (const Row& row : table)
        all.push_back(
            {{"feature", row.name}, {"present", has(view, row.name)}, {"gives", row.gives}});
    for (const json& item : member_of(view.dump, "features")) {
        const auto* const name = item.get_ptr<const std::string*>();
        if (!name || std::ranges::find(table, *name, &Row::name) != table.end())
            continue;
        const bool window = name->starts_with(window_prefix);
        all.push_back(
            {{"feature", *name},
             {"present", true},
             {"gives", window ? "the shortest time over which pressure can wake it" : ""}});
    }
    return all;
}

std::string show_features(const View& view, const Look& look) {
    Columns columns{{"FEATURE", "HERE", "WHAT IT GIVES"}};
    for (const json& row : features_json(view)) {
        const bool present = flag_of(row, "present");
        columns.add({text_of(row, "feature"), present ? "yes" : "no", text_of(row, "gives")});
    }
    return columns.listing(look.paint, look.legend, "feature");
}

std::string missing_features(const View& view) {
    std::string all;
    for (const Row& row : table)
        if (row.needed && !has(view, row.name)) {
            all += all.empty() ? "" : " ";
            all += row.name;
        }
    return all;
}

} // namespace reapd
