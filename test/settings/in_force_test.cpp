// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings/in_force.hpp"

#include "catch.hpp"
#include "settings/rule_file.hpp"

using namespace reapd;

namespace {

/// "FILE:LINE KEY=VALUE" of what is left.
std::vector<std::string> left(std::initializer_list<std::string> texts) {
    std::vector<SettingsFile> files;
    for (const std::string& text : texts)
        files.push_back(
            {.path = std::string(1, static_cast<char>('a' + files.size())), .text = text});
    std::vector<std::string> lines;
    for (const Ini& ini : in_force(files, names_of(rule_settings())))
        for (const IniSection& section : ini.sections)
            for (const IniEntry& entry : section.entries)
                lines.push_back(ini.file + ":" + std::to_string(entry.line) + " " + entry.key +
                                "=" + entry.value);
    return lines;
}

using Lines = std::vector<std::string>;

} // namespace

TEST_CASE("of a key with one value the last one counts, wherever it stands") {
    CHECK(left({"[Action]\nRelease=no\nRelease=yes\n"}) == Lines{"a:3 Release=yes"});
    CHECK(left({"[Action]\nRelease=no\n", "[Action]\nRelease=yes\n"}) == Lines{"b:2 Release=yes"});
    CHECK(left({"[Action]\nRelease=no\n", "[Action]\nRelease=\n"}).empty());
}

TEST_CASE("of a list everything after the last empty value counts") {
    CHECK(left({"[Rule]\nWatch=a\nWatch=b\n", "[Rule]\nWatch=c\n"}) ==
          Lines{"a:2 Watch=a", "a:3 Watch=b", "b:2 Watch=c"});
    CHECK(left({"[Rule]\nWatch=a\n[When]\n[Rule]\nWatch=\nWatch=b\n", "[Rule]\nWatch=c\n"}) ==
          Lines{"a:6 Watch=b", "b:2 Watch=c"});
}

TEST_CASE("what is no setting is left out") {
    CHECK(left({"[Rule]\nWotch=a\nWatch=b\n"}) == Lines{"a:3 Watch=b"});
}
