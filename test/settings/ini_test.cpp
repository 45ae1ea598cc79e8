// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings/ini.hpp"

#include "catch.hpp"
#include "settings/complaint.hpp"
#include "settings/glob.hpp"

#include <array>

using namespace reapd;
using namespace reapd::test;

namespace {

struct Outcome {
    Ini ini{};
    std::vector<Diagnostic> diagnostics{};
};

Outcome parse(std::string_view text) {
    Outcome outcome;
    outcome.ini = parse_ini("f", text, outcome.diagnostics);
    return outcome;
}

/// The messages, one a line.
std::string complaints(std::string_view text) {
    std::string all;
    for (const Diagnostic& diagnostic : parse(text).diagnostics)
        all += to_text(diagnostic) + '\n';
    return all;
}

} // namespace

TEST_CASE("a settings file is sections of keys with their lines") {
    const Outcome outcome = parse("# first\n"
                                  "\n"
                                  "[Rule]\n"
                                  "Description = two  words \n"
                                  "  ; indented comment\n"
                                  "Watch=/\n"
                                  "[When]\n"
                                  "Empty=\n"
                                  "Equals=a=b # no comment\n");
    CHECK(outcome.diagnostics.empty());
    CHECK(outcome.ini == Ini{"f",
                             {{"Rule", 3, {{"Description", "two  words", 4}, {"Watch", "/", 6}}},
                              {"When", 7, {{"Empty", "", 8}, {"Equals", "a=b # no comment", 9}}}}});
}

TEST_CASE("a backslash at the end of a line goes on in the next, comments between are skipped") {
    const Outcome outcome = parse("[A]\nKey=one \\\n# not this\n   two\\\n\\\nthree\nNext=1\n");
    CHECK(outcome.diagnostics.empty());
    REQUIRE(outcome.ini.sections.size() == 1);
    CHECK(outcome.ini.sections[0].entries ==
          std::vector<IniEntry>{{"Key", "one     two  three", 2}, {"Next", "1", 7}});
}

TEST_CASE("only a single backslash at the very end goes on") {
    const Outcome outcome = parse("[A]\nKey=one\\\\\nNext=two\\ \nLast=three\n");
    CHECK(outcome.diagnostics.empty());
    REQUIRE(outcome.ini.sections.size() == 1);
    CHECK(outcome.ini.sections[0].entries ==
          std::vector<IniEntry>{{"Key", "one\\\\", 2}, {"Next", "two\\", 3}, {"Last", "three", 4}});
}

TEST_CASE("what is not understood is said with its line, and the rest still counts") {
    CHECK(complaints("Key=1\n") == "f:1: error: found 'Key=1' outside a section, expected "
                                   "[Section] before it\n");
    CHECK(complaints("[A]\nnonsense\n") ==
          "f:2: error: found 'nonsense', expected Key=Value or [Section]\n");
    CHECK(complaints("[A]\n =1\n") == "f:2: error: found no key before '=', expected Key=Value\n");
    CHECK(complaints("[A\nKey=1\n") ==
          "f:1: error: found '[A', expected [Section] alone on its line\n");
    CHECK(complaints("[A] # comment\n") ==
          "f:1: error: found '[A] # comment', expected [Section] alone on its line\n");
    CHECK(complaints("[]\n") == "f:1: error: found '[]', expected [Section] alone on its line\n");
    CHECK(complaints("[A]\nKey=1\\\n") ==
          "f:2: error: found the end of the file after a backslash, expected another line\n");

    const Outcome outcome = parse("[A]\nnonsense\nKey=1\n");
    REQUIRE(outcome.ini.sections.size() == 1);
    CHECK(outcome.ini.sections[0].entries == std::vector<IniEntry>{{"Key", "1", 3}});
}

TEST_CASE("a file that is no text of ours is refused whole and says what was found") {
    using namespace std::string_view_literals;
    CHECK(complaints("\xef\xbb\xbf[A]\n") ==
          "f:1: error: found a byte order mark, expected text without one\n");
    CHECK_THAT(complaints("\xff\xfe[\0"sv), contains_text("found UTF-16"));
    CHECK(complaints("[A]\nKey=\0\n"sv) == "f:2: error: found a NUL byte, expected text\n");
    CHECK(complaints("[A]\nKey=1\r\n") == "f:2: error: found a carriage return (a line end of "
                                          "DOS), expected a newline alone\n");
    CHECK(complaints(std::string(max_settings_file + 1, '\n')) ==
          "f: error: found more than 1048576 bytes, expected at most 1048576\n");
    CHECK(complaints(std::string(max_settings_file, '\n')).empty());
    CHECK(parse("[A]\nKey=1\r\n").ini == Ini{"f", {}});
}

TEST_CASE("a line that is too long is left out") {
    const std::string longest = "Key=" + std::string(max_settings_line - 4, 'x') + '\n';
    CHECK(complaints("[A]\n" + longest).empty());
    CHECK(complaints("[A]\nx" + longest) ==
          "f:2: error: found a line of 4097 bytes, expected at most 4096\n");
}

TEST_CASE("a last line without newline may have been cut, so it is noted") {
    CHECK(complaints("[A]\nKey=1") ==
          "f: note: found no newline at the end; the file may have been cut short\n");
    CHECK(complaints("").empty());
}

TEST_CASE("a file of nothing but errors does not fill the journal") {
    std::string text;
    for (int i = 0; i < 10'000; ++i)
        text += "x\n";
    const Outcome outcome = parse(text);
    CHECK(outcome.diagnostics.size() == max_complaints + 1);
    CHECK_THAT(outcome.diagnostics.back().text, contains_text("9968 more errors"));
}

TEST_CASE("messages are printable whatever the file holds") {
    CHECK(complaints("[A]\n\x1b[2J\xff\n") ==
          "f:2: error: found '\\x1b[2J\\xff', expected Key=Value or [Section]\n");
    CHECK(quote(std::string(200, 'x')) == "'" + std::string(80, 'x') + "…'");
}

TEST_CASE("the nearest name is found for slips, and none for other words") {
    constexpr std::array<std::string_view, 4> names{"Watch", "MemoryPressureFull",
                                                    "MemoryPressureSome", "Do"};
    CHECK(nearest("watch", names) == "Watch");
    CHECK(nearest("Wacth", names) == "Watch");
    CHECK(nearest("Whatch", names) == "Watch");
    CHECK(nearest("MemoryPresureFull", names) == "MemoryPressureFull");
    CHECK(nearest("MemPressureSome", names) == "MemoryPressureSome");
    CHECK(nearest("Colour", names).empty());
    CHECK(nearest("", names).empty());
    CHECK(nearest(std::string(1'000'000, 'W'), names).empty());
    CHECK(edit_distance("ab", "ba") == 1);
    CHECK(edit_distance("", "abc") == 3);
}

TEST_CASE("globs cover what they match and everything in it") {
    const std::vector<std::string> globs{"system.slice/db*.service", "tmp-*.scope"};
    CHECK(covers(globs, "system.slice/db1.service"));
    CHECK(covers(globs, "system.slice/db1.service/worker/1"));
    CHECK(covers(globs, "machine.slice/tmp-1.scope/inner"));
    CHECK_FALSE(covers(globs, "system.slice"));
    CHECK_FALSE(covers(globs, "system.slice/web.service/db1.service"));
    const std::vector<std::string> root{"/"};
    CHECK(covers(root, ""));
    CHECK_FALSE(covers(root, "system.slice"));
}

TEST_CASE("a glob matches whole paths, component by component") {
    CHECK(matches("/", ""));
    CHECK_FALSE(matches("/", "system.slice"));
    CHECK_FALSE(matches("*", ""));
    CHECK(matches("*.slice", "system.slice"));
    CHECK(matches("/system.slice", "system.slice"));
    CHECK_FALSE(matches("*.slice", "system.slice/system-getty.slice"));
    CHECK_FALSE(matches("*", "system.slice/a.service"));
    CHECK(matches("user.slice/user-*.slice/user@*.service/app.slice",
                  "user.slice/user-1000.slice/user@1000.service/app.slice"));
    CHECK(matches("system.slice/dev-disk\\x2d1.swap", "system.slice/dev-disk\\x2d1.swap"));
    CHECK(matches("?b\xff*", "a"
                             "b\xff\n c"));
    CHECK(matches(".*", ".hidden"));
}

TEST_CASE("a bare name matches anywhere, but not where users choose the names") {
    const std::string name = "dbus.service";
    CHECK(matches(name, "system.slice/dbus.service", true));
    CHECK_FALSE(matches(name, "system.slice/dbus.service", false));
    CHECK(matches(name, "system.slice/a.slice/dbus.service", true));
    CHECK_FALSE(
        matches(name, "user.slice/user-1000.slice/user@1000.service/app.slice/dbus.service", true));
    CHECK(matches("user@1000.service", "user.slice/user-1000.slice/user@1000.service", true));
    CHECK(matches("session-*.scope", "user.slice/user-1000.slice/session-3.scope", true));
    CHECK_FALSE(matches("/dbus.service", "system.slice/dbus.service", true));
}

TEST_CASE("a glob of many stars ends soon") {
    std::string glob;
    for (int i = 0; i < 60; ++i)
        glob += "a*";
    CHECK_FALSE(matches(glob + "b", std::string(250, 'a')));
}
