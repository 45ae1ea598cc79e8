// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/message_json.hpp"

#include "tell/peers.hpp"

#include <limits>

using namespace reapd;
using nlohmann::json;

namespace {

/// What is read from a message with these arguments.
template <class... Arguments>
json read(const char* types, Arguments... arguments) {
    const Peers peers;
    peers.pump();
    const sd::BusMessage message = peers.call("/", "a.b", "C");
    REQUIRE(sd_bus_message_append(message.get(), types, arguments...) >= 0);
    REQUIRE(sd_bus_message_seal(message.get(), 1, 0) >= 0);
    const auto all = read_arguments(message.get());
    REQUIRE(all);
    return *all;
}

} // namespace

TEST_CASE("every basic type keeps its value") {
    CHECK(read("ybnqiuxtdsog", 1, 1, -2, 3, -4, 5U, std::int64_t{-6},
               std::numeric_limits<std::uint64_t>::max(), 0.25, "text", "/path", "as") ==
          json::parse(R"([1, true, -2, 3, -4, 5, -6, 18446744073709551615, 0.25, "text", "/path",
                          "as"])"));
}

TEST_CASE("dictionaries are objects, variants what is in them, structs lists") {
    CHECK(read("a{sv}", 2, "A", "t", std::uint64_t{7}, "B", "as", 1, "x") ==
          json::parse(R"([{"A": 7, "B": ["x"]}])"));
    CHECK(read("a(ss)as", 1, "a", "b", 0) == json::parse(R"([[["a", "b"]], []])"));
    CHECK(read("a{uv}", 1, 3U, "s", "x") == json::parse(R"([[[3, "x"]]])"));
    CHECK(read("a{sv}", 0) == json::parse("[{}]"));
}

TEST_CASE("what is no number is null, and no argument is null") {
    CHECK(read("d", std::numeric_limits<double>::quiet_NaN())[0].is_null());
    CHECK(read("").empty());
}
