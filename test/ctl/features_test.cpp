// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/features.hpp"

#include "catch.hpp"
#include "sense/features.hpp"

using namespace reapd;
using nlohmann::json;

namespace {

View view_of(std::vector<std::string> names) { return {.dump = {{"features", std::move(names)}}}; }

} // namespace

TEST_CASE("every feature that the daemon can have is told what it gives") {
    std::vector<std::string> names = known_features();
    const Features window{.smallest_window = std::chrono::milliseconds{500}};
    for (const std::string& name : feature_names(window))
        names.push_back(name);
    REQUIRE(names.back() == "psi-window-500ms");
    const View view = view_of(names);
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
    std::vector<std::string> names = known_features();
    std::erase_if(names, [](const std::string& name) {
        return name == "mrelease" || name == "swap" || name == "cap-setuid";
    });
    CHECK(missing_features(view_of(names)) == "mrelease cap-setuid");
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
