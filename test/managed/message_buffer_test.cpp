// SPDX-License-Identifier: LGPL-2.1-or-later
#include "managed/message_buffer.hpp"

#include "catch.hpp"

#include <vector>

using namespace reapd;
using namespace std::string_literals;

namespace {

std::vector<std::string> take(MessageBuffer& buffer) {
    std::vector<std::string> all;
    while (const auto message = buffer.next())
        all.emplace_back(*message);
    return all;
}

using Messages = std::vector<std::string>;

} // namespace

TEST_CASE("messages come out whole, however the bytes come in") {
    const std::string bytes = "one\0two\0\0three\0"s;
    for (std::size_t step = 1; step <= bytes.size(); ++step) {
        CAPTURE(step);
        MessageBuffer buffer{10};
        Messages all;
        for (std::size_t at = 0; at < bytes.size(); at += step) {
            buffer.append(std::string_view{bytes}.substr(at, step));
            for (std::string& message : take(buffer))
                all.push_back(std::move(message));
        }
        CHECK(all == Messages{"one", "two", "", "three"});
        CHECK_FALSE(buffer.too_long());
    }
}

TEST_CASE("what has not ended is kept") {
    MessageBuffer buffer{10};
    buffer.append("one\0tw"s);
    CHECK(take(buffer) == Messages{"one"});
    buffer.append("o\0"s);
    CHECK(take(buffer) == Messages{"two"});
}

TEST_CASE("a message of the greatest length is taken, a longer one ends it") {
    MessageBuffer buffer{4};
    buffer.append("four\0"s);
    CHECK(take(buffer) == Messages{"four"});
    buffer.append("a\0fives\0b\0"s);
    CHECK(take(buffer) == Messages{"a"});
    CHECK(buffer.too_long());
    CHECK(take(buffer).empty());
}

TEST_CASE("a message without an end is too long in the end") {
    MessageBuffer buffer{4};
    buffer.append("four"s);
    CHECK(take(buffer).empty());
    CHECK_FALSE(buffer.too_long());
    buffer.append("xx"s);
    CHECK(take(buffer).empty());
    CHECK(buffer.too_long());
}
