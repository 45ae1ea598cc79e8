// SPDX-License-Identifier: LGPL-2.1-or-later
// The sample file and the manual pages say what the tables say.
#include "catch.hpp"
#include "settings/config_file.hpp"
#include "settings/rule_file.hpp"
#include "settings/values.hpp"

#include <fstream>
#include <sstream>

using namespace reapd;

namespace {

std::string read_source(const std::string& name) {
    std::ifstream file{std::string{SOURCE_ROOT "/"} + name, std::ios::binary};
    REQUIRE(file);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
        text.replace(at, from.size(), to);
}

/// What a page says under the heading of `key`, up to the next setting. Empty if there is none.
std::string entry_of(const std::string& page, std::string_view key) {
    const std::size_t begin = page.find(".TP\n.BI " + std::string{key} + "= ");
    if (begin == std::string::npos)
        return {};
    // Settings have .BI headings, the words of their values .B headings.
    const std::size_t end = std::min(page.find(".TP\n.BI ", begin + 1), page.find("\n.SH", begin));
    std::string entry = page.substr(begin, end - begin);
    replace_all(entry, "\\-", "-");
    return entry;
}

void check_page(const std::string& file, std::span<const SettingName> names) {
    const std::string page = read_source(file);
    std::size_t headings = 0;
    for (std::size_t at = 0; (at = page.find(".TP\n.BI ", at)) != std::string::npos; ++at)
        ++headings;
    CHECK(headings == names.size()); // no setting that is not there any more
    for (const SettingName& name : names) {
        CAPTURE(name.key);
        const std::string entry = entry_of(page, name.key);
        REQUIRE_FALSE(entry.empty());
        CHECK((entry.find("\nA list") != std::string::npos) == name.list);
        if (name.fallback.empty()) {
            CHECK(entry.find("\nDefault: none") != std::string::npos);
        } else if (name.list) {
            for (const std::string_view word : split_words(name.fallback))
                CHECK(entry.find('\n' + std::string{word} + '\n') != std::string::npos);
        } else {
            CHECK(entry.find("\nDefault: " + std::string{name.fallback} + '.') !=
                  std::string::npos);
        }
    }
}

/// The sample file as it is when every setting in it is made to count.
std::string uncommented(const std::string& sample) {
    std::istringstream lines{sample};
    std::string all;
    for (std::string line; std::getline(lines, line);) {
        const bool setting = line.size() > 1 && line[0] == '#' && line[1] >= 'A' && line[1] <= 'Z';
        all += (setting ? line.substr(1) : line) + '\n';
    }
    return all;
}

} // namespace

TEST_CASE("reapd.conf(5) has every setting with its default") {
    check_page("man/reapd.conf.5", names_of(config_settings()));
}

TEST_CASE("reapd.rule(5) has every setting with its default") {
    check_page("man/reapd.rule.5", names_of(rule_settings()));
}

TEST_CASE("the sample file changes nothing as it is") {
    const std::string sample = read_source("units/reapd.conf");
    std::vector<Diagnostic> diagnostics;
    const SettingsFile file{.path = "reapd.conf", .text = sample};
    CHECK(make_config({&file, 1}, diagnostics) == default_config());
    CHECK(diagnostics.empty());
    CHECK(parse_ini("reapd.conf", sample, diagnostics).sections.front().entries.empty());
}

TEST_CASE("the sample file has every setting with its default") {
    const std::string text = uncommented(read_source("units/reapd.conf"));
    std::vector<Diagnostic> diagnostics;
    const Ini ini = parse_ini("reapd.conf", text, diagnostics);
    const std::vector<SettingName> names = names_of(config_settings());
    std::vector<bool> seen(names.size());
    for (const NamedEntry& found : find_settings(names, ini, diagnostics)) {
        seen[found.setting] = true;
        if (!names[found.setting].list)
            CHECK(found.entry->value == names[found.setting].fallback);
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
        CAPTURE(names[i].key);
        CHECK(seen[i]);
    }
    const SettingsFile file{.path = "reapd.conf", .text = text};
    CHECK(make_config({&file, 1}, diagnostics) == default_config());
    CHECK(diagnostics.empty());
}

TEST_CASE("the example rule of the manual page works") {
    const std::string page = read_source("man/reapd.rule.5");
    const std::size_t begin = page.find("[Rule]\nDescription=One build");
    REQUIRE(begin != std::string::npos);
    std::string text = page.substr(begin, page.find(".RE", begin) - begin);
    replace_all(text, "\\-", "-");
    const SettingsFile file{.path = "r.rule", .text = text};
    std::vector<Diagnostic> diagnostics;
    CHECK(make_rule("r", {&file, 1}, diagnostics));
    CHECK(diagnostics.empty());
}
