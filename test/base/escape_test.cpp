// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/escape.hpp"

#include "catch.hpp"

#include <set>

using namespace reapd;

TEST_CASE("printable names stay as they are") {
    CHECK(escape("app-firefox@1.scope") == "app-firefox@1.scope");
    CHECK(escape("größe-日本-🦀") == "größe-日本-🦀");
}

TEST_CASE("whatever a terminal, a bus or a JSON writer chokes on becomes hexadecimal") {
    CHECK(escape("a\nb") == "a\\x0ab");
    CHECK(escape("\x1b[31m") == "\\x1b[31m");
    CHECK(escape("\xff") == "\\xff");
    CHECK(escape("\xc3") == "\\xc3");                            // cut short
    CHECK(escape("\xc0\xaf") == "\\xc0\\xaf");                   // overlong slash
    CHECK(escape("\xed\xa0\x80") == "\\xed\\xa0\\x80");          // surrogate
    CHECK(escape("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80"); // beyond Unicode
    CHECK(escape("\xe2\x80\xae") == "\\xe2\\x80\\xae");          // right-to-left override
    CHECK(escape("\xc2\x85") == "\\xc2\\x85");                   // C1 control
}

TEST_CASE("every byte comes back and no two names look the same") {
    std::set<std::string> seen;
    for (int first = 0; first < 256; ++first)
        for (int second : {0x00, 0x41, 0x5c, 0x80, 0xbf, 0xff}) {
            const std::string name{static_cast<char>(first), static_cast<char>(second)};
            CHECK(unescape(escape(name)) == name);
            CHECK(seen.insert(escape(name)).second);
        }
    CHECK(escape("\\x41") != escape("A"));
}

TEST_CASE("malformed escapes are left alone") {
    CHECK(unescape("\\x4") == "\\x4");
    CHECK(unescape("\\xzz") == "\\xzz");
    CHECK(unescape("a\\") == "a\\");
}
