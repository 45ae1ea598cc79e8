// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/features.hpp"

#include "catch.hpp"
#include "sense/features.hpp"

using namespace reapd;
using nlohmann::json;

namespace {

Features everything() {
    Features all;
    for (bool Features::* const member :
         {&Features::unified, &Features::memory_controller, &Features::psi, &Features::cgroup_psi,
          &Features::privileged_triggers, &Features::meminfo, &Features::cgroup_kill,
          &Features::mrelease, &Features::mrelease_bounded, &Features::process_madvise,
          &Features::memory_reclaim, &Features::swap, &Features::zram, &Features::can_signal,
          &Features::can_override, &Features::can_nice, &Features::can_lock,
          &Features::lru_gen_min_ttl})
        all.*member = true;
    return all;
}

View view_of(const Features& features) { return {.dump = {{"features", feature_names(features)}}}; }

} // namespace

TEST_CASE("every feature that the daemon can have is told what it gives") {
    const View view = view_of(everything());
    const json rows = features_json(view);
    CHECK(rows.size() == view.dump["features"].size());
    for (const json& row : rows) {
        CAPTURE(row);
        CHECK(row["present"] == true);
        CHECK_FALSE(row["gives"].get<std::string>().empty());
    }
    CHECK(missing_features(view).empty());
}

TEST_CASE("what costs something by its absence is missing, no swap is not") {
    Features features = everything();
    features.mrelease = features.swap = features.can_nice = false;
    CHECK(missing_features(view_of(features)) == "mrelease cap-sys-nice");
}

TEST_CASE("the table says yes and no, and shows what it does not know") {
    View view{.dump = {{"features", {"psi", "psi-window-500ms", "\x1b[2J", 3}}}};
    const std::string text = show_features(view, {});
    CHECK(text.starts_with("FEATURE              HERE  WHAT IT GIVES\n"
                           "unified              no    cgroups to watch and to choose from\n"));
    CHECK(text.find("psi                  yes ") != std::string::npos);
    CHECK(text.find("psi-window-500ms     yes ") != std::string::npos);
    CHECK(text.find('\x1b') == std::string::npos);
}
