// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings/values.hpp"

#include "catch.hpp"
#include "settings/rule_text.hpp"

using namespace reapd;
using namespace reapd::test;
using namespace std::chrono_literals;

namespace {

template <class T>
std::string complaint(const Parsed<T>& parsed) {
    return parsed ? std::string{"accepted"} : parsed.error();
}

/// What was parsed; the test ends where nothing was.
template <class T>
T value_of(const Parsed<T>& parsed) {
    REQUIRE(parsed.has_value());
    return *parsed;
}

} // namespace

TEST_CASE("a share is a percentage with up to two decimals") {
    CHECK(value_of(parse_share("0%")) == Permyriad{0});
    CHECK(value_of(parse_share("40%")) == Permyriad{4000});
    CHECK(value_of(parse_share("12.5%")) == Permyriad{1250});
    CHECK(value_of(parse_share("12.34%")) == Permyriad{1234});
    CHECK(value_of(parse_share("0.01%")) == Permyriad{1});
    CHECK(value_of(parse_share("100%")) == Permyriad{10000});
    CHECK(value_of(parse_share("100.00%")) == Permyriad{10000});

    for (const char* const text : {"",          "%",
                                   "40",        "40 %",
                                   "40%%",      "-5%",
                                   "+5%",       "100.01%",
                                   "101%",      "1e1%",
                                   "0x10%",     "nan%",
                                   "inf%",      "12,5%",
                                   "12.%",      ".5%",
                                   "12.345%",   "40% ",
                                   "40%x",      "99999999999999999999%",
                                   "\xd9\xa9%", "400\xe2\x80\xb0"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_share(text));
    }
    CHECK(complaint(parse_share("40")) ==
          "found '40', expected a percentage with at most two decimals, as 40% or 12.5%");
    CHECK(complaint(parse_share("101%")) == "found '101%', expected at most 100%");
    CHECK_THAT(complaint(parse_share("")), contains_text("found nothing, expected"));
}

TEST_CASE("a size is in bytes or has a suffix of base 1024") {
    CHECK(value_of(parse_size("0")) == Bytes{0});
    CHECK(value_of(parse_size("52428800")) == mib(50));
    CHECK(value_of(parse_size("52428800B")) == mib(50));
    CHECK(value_of(parse_size("50M")) == mib(50));
    CHECK(value_of(parse_size("1.5G")) == mib(1536));
    CHECK(value_of(parse_size("0.5K")) == Bytes{512});
    CHECK(value_of(parse_size("7.999999E")) == Bytes{9223370883933271201});

    for (const char* const text : {"",
                                   "M",
                                   "50m",
                                   "50MB",
                                   "50MiB",
                                   "50 M",
                                   "-1",
                                   "1.5",
                                   "1.5B",
                                   "1.G",
                                   ".5G",
                                   "1,5G",
                                   "8E",
                                   "9223372036854775808",
                                   "99999999999999999999",
                                   "9007199254740992K",
                                   "1e309",
                                   "0x10",
                                   "infinity",
                                   "1.1234567G",
                                   "5%"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_size(text));
    }
}

TEST_CASE("a time span is written as for systemd") {
    CHECK(value_of(parse_span("2")) == Microseconds{2s});
    CHECK(value_of(parse_span("0")) == 0us);
    CHECK(value_of(parse_span("1.5")) == Microseconds{1500ms});
    CHECK(value_of(parse_span("2s")) == Microseconds{2s});
    CHECK(value_of(parse_span("2 s")) == Microseconds{2s});
    CHECK(value_of(parse_span("500ms")) == Microseconds{500ms});
    CHECK(value_of(parse_span("1min 30s")) == Microseconds{90s});
    CHECK(value_of(parse_span("1min30s")) == Microseconds{90s});
    CHECK(value_of(parse_span("1.5min")) == Microseconds{90s});
    CHECK(value_of(parse_span("2 hours")) == Microseconds{2h});
    CHECK(value_of(parse_span("1d")) == Microseconds{24h});
    CHECK(value_of(parse_span("100us")) == 100us);
    CHECK(value_of(parse_span("100\xc2\xb5s")) == 100us);

    for (const char* const text :
         {"", " ", "s", "-1s", "+1s", "2S", "2sek", "2s,", "1:30", "infinity", "1min 30", "30 1min",
          "1.s", "1..5s", "1e3s", "99999999999h", "9223372036854775807s", "0x10", "2s x"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_span(text));
    }
    CHECK(complaint(parse_span("10ms", 20ms, 5s)) ==
          "found '10ms', expected a time span from 20ms to 5s");
    CHECK(value_of(parse_span("20ms", 20ms, 5s)) == Microseconds{20ms});
    CHECK(value_of(parse_span("5s", 20ms, 5s)) == Microseconds{5s});
    CHECK_FALSE(parse_span("5s 1us", 20ms, 5s));
}

TEST_CASE("a pressure limit is a share above zero over half a second to ten minutes") {
    CHECK(value_of(parse_pressure_limit("40% 2s")) == PressureLimit{{4000}, 2s});
    CHECK(value_of(parse_pressure_limit("0.01%\t500ms")) == PressureLimit{{1}, 500ms});
    CHECK(value_of(parse_pressure_limit("100%  10min")) == PressureLimit{{10000}, 10min});
    CHECK(value_of(parse_pressure_limit("40% 1min 30s")) == PressureLimit{{4000}, 90s});

    for (const char* const text : {"", "40%", "2s", "40 2s", "0% 2s", "40% 499ms", "40% 10min 1us",
                                   "40%2s", "2s 40%", "40% 2s 1", "40% -2s", "40%/2s"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_pressure_limit(text));
    }
    CHECK(complaint(parse_pressure_limit("40%")) ==
          "found '40%', expected a share and a window, as 40% 2s");
    CHECK(complaint(parse_pressure_limit("40% 1ms")) ==
          "found '1ms', expected a time span from 500ms to 10min");
}

TEST_CASE("an amount limit has a side, and must be reachable") {
    using Side = AmountLimit::Side;
    CHECK(value_of(parse_amount_limit("<10%")) == AmountLimit{Side::Below, Permyriad{1000}, {}});
    CHECK(value_of(parse_amount_limit("< 10%")) == AmountLimit{Side::Below, Permyriad{1000}, {}});
    CHECK(value_of(parse_amount_limit(">2G")) == AmountLimit{Side::Above, std::nullopt, mib(2048)});
    CHECK(value_of(parse_amount_limit(">0")) == AmountLimit{Side::Above, std::nullopt, {}});
    CHECK(value_of(parse_amount_limit("<100%")) == AmountLimit{Side::Below, Permyriad{10000}, {}});

    for (const char* const text : {"", "<", ">", "10%", "<0%", "<0", "<0K", ">100%", "<101%",
                                   "<=10%", "=10%", "<-1", "<<1", "<10% 2s", "10%<", "<ten"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_amount_limit(text));
    }
    CHECK(complaint(parse_amount_limit("10%")) ==
          "found '10%', expected '<' or '>' and an amount, as <10% or >2G");
    CHECK_THAT(complaint(parse_amount_limit("<0%")), contains_text("no amount is below zero"));
    CHECK_THAT(complaint(parse_amount_limit(">100%")),
               contains_text("no amount is above the whole"));
}

TEST_CASE("words are taken as they are written, and a slip is named") {
    CHECK(value_of(parse_among("children")) == Among::Children);
    CHECK(value_of(parse_action("log")) == Action::Log);
    CHECK(value_of(parse_release("no")) == Release::No);
    CHECK(value_of(parse_release("bounded")) == Release::Bounded);
    CHECK(value_of(parse_order("growth size")) == std::vector{Order::Growth, Order::Size});
    CHECK(value_of(parse_order("swap")) == std::vector{Order::Swap});

    CHECK(complaint(parse_among("leafs")) == "found 'leafs', expected leaves, children, self or "
                                             "processes; did you mean 'leaves'?");
    CHECK(complaint(parse_release("half")) == "found 'half', expected yes, bounded or no");
    CHECK(value_of(parse_action("hint")) == Action::Hint);
    CHECK(value_of(parse_action("reclaim")) == Action::Reclaim);
    CHECK(complaint(parse_action("burn")) ==
          "found 'burn', expected log, hint, reclaim, freeze or kill");
    CHECK(value_of(parse_advice("pageout")) == Advice::Pageout);
    CHECK(complaint(parse_advice("hot")) == "found 'hot', expected auto, cold or pageout");
    CHECK(complaint(parse_order("size, growth")) ==
          "found 'size,', expected growth, size, swap, pressure, reclaim, "
          "refaults, oldest or newest; did you mean 'size'?");
    CHECK_FALSE(parse_order(""));
    CHECK_FALSE(parse_order("size size"));
    CHECK_FALSE(parse_among("Leaves"));
    CHECK_FALSE(parse_among("leaves children"));
}

TEST_CASE("switches and whole numbers are taken without guessing") {
    for (const char* const text : {"yes", "true", "on", "1", "y", "t"})
        CHECK(value_of(parse_bool(text)) == true);
    for (const char* const text : {"no", "false", "off", "0", "n", "f"})
        CHECK(value_of(parse_bool(text)) == false);
    for (const char* const text : {"", "2", "yes please", "nope", "0x1"})
        CHECK_FALSE(parse_bool(text));

    CHECK(value_of(parse_integer("-20", {-20, 19})) == -20);
    CHECK(value_of(parse_integer("19", {-20, 19})) == 19);
    for (const char* const text :
         {"", "-21", "20", "1.0", "0x1", "1 ", "+1", "1e1", "99999999999999999999", "1_000"})
        CHECK_FALSE(parse_integer(text, {-20, 19}));
    CHECK(complaint(parse_integer("20", {-20, 19})) ==
          "found '20', expected a whole number from -20 to 19");
}

TEST_CASE("CPUs are numbers and ranges") {
    using List = std::vector<std::uint16_t>;
    CHECK(value_of(parse_cpus("")).empty());
    CHECK(value_of(parse_cpus("3")) == List{3});
    CHECK(value_of(parse_cpus("0-3,5 7,2")) == List{0, 1, 2, 3, 5, 7});
    CHECK(value_of(parse_cpus("8191")) == List{8191});
    for (const char* const text : {"-", "3-", "-3", "3-1", "8192", "a", "0-3-5", "1;2", "65536"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_cpus(text));
    }
}

TEST_CASE("a glob is a cgroup path") {
    CHECK(value_of(parse_glob("/")) == "/");
    CHECK(value_of(parse_glob("/a.slice")) == "a.slice");
    CHECK(value_of(parse_glob("user.slice/user-*.slice")) == "user.slice/user-*.slice");
    CHECK(value_of(parse_glob("a[bc]?")) == "a[bc]?");
    CHECK(value_of(parse_glob("a..b/.hidden")) == "a..b/.hidden");
    CHECK(parse_glob(std::string(4095, 'a')));
    for (const char* const text : {"", "//", "//a", "a//b", "a/", "/a/", ".", "..", "a/../b", "./a",
                                   "a/.", "a[b", "a[b/c]", "#", "#comment", ";"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_glob(text));
    }
    CHECK_FALSE(parse_glob(std::string(4096, 'a')));
    CHECK(complaint(parse_glob("a/../b")) ==
          "found 'a/../b', expected a path without '.' and '..'");
}

TEST_CASE("values are written as people write them") {
    CHECK(share_text({4000}) == "40%");
    CHECK(share_text({1250}) == "12.5%");
    CHECK(share_text({1234}) == "12.34%");
    CHECK(share_text({1}) == "0.01%");
    CHECK(size_text({0}) == "0B");
    CHECK(size_text({1023}) == "1023B");
    CHECK(size_text(mib(1536)) == "1.5G");
    CHECK(size_text(mib(50)) == "50M");
    CHECK(size_text({mib(1024).value - 1}) == "1023.9M");
    CHECK(size_text({~std::uint64_t{0}}) == "15.9E");
    CHECK(span_text(90s) == "1min 30s");
    CHECK(span_text(1500ms) == "1s 500ms");
    CHECK(span_text(0us) == "0");
    CHECK(to_text(PressureLimit{{4000}, 2s}) == "40% 2s");
    CHECK(to_text(AmountLimit{AmountLimit::Side::Above, std::nullopt, {1025}}) == ">1025");
}

TEST_CASE("what was read is written so that it reads the same again") {
    for (const std::string text : {"0.01% 500ms", "12.5% 1min 30s", "100% 10min", "33.33% 1s 1us"})
        CHECK(to_text(*parse_pressure_limit(text)) == text);
    for (const std::string text : {"<10%", ">0.5%", "<1537M", ">1234567", ">0"})
        CHECK(to_text(*parse_amount_limit(text)) == text);
    for (const std::string text : {"leaves", "children", "self", "processes"})
        CHECK(to_text(*parse_among(text)) == text);
    for (const std::string text : {"growth", "size", "swap"})
        CHECK(to_text(parse_order(text)->front()) == text);
    for (const std::string text : {"log", "hint", "reclaim", "kill"})
        CHECK(to_text(*parse_action(text)) == text);
    for (const std::string text : {"auto", "cold", "pageout"})
        CHECK(to_text(*parse_advice(text)) == text);
    for (const std::string text : {"yes", "no"})
        CHECK(to_text(*parse_release(text)) == text);
}

TEST_CASE("a user is a name of this machine or a number") {
    CHECK(parse_user("root").value() == 0);
    CHECK(parse_user("1000").value() == 1000);
    CHECK(parse_user("4294967294").value() == 4294967294);
    for (const char* const wrong : {"4294967295", "65535", "-1", "no such user", "", "1000x"})
        CHECK_FALSE(parse_user(wrong));
    CHECK(parse_user("rooot").error() ==
          "found 'rooot', expected the name of a user of this machine, or a number");
}

TEST_CASE("rates are written with '>'") {
    CHECK(parse_growth_limit(">100M").value() == mib(100));
    CHECK(parse_growth_limit("> 1.5G").value() == mib(1536));
    CHECK(parse_rate_limit(">1000").value() == 1000);
    for (const char* const wrong : {"", ">", "100M", "<100M", ">10%", ">x"})
        CHECK_FALSE(parse_growth_limit(wrong));
    for (const char* const wrong : {"", ">", "1000", "<5", ">-1", ">1k", ">1000000001"})
        CHECK_FALSE(parse_rate_limit(wrong));
    CHECK(complaint(parse_rate_limit("5")) ==
          "found '5', expected '>' and a number of pages a second, as >1000");
}
