// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Single values of settings: text in; a value in its unit, or a sentence "found X, expected Y".
/// Integers only and no locale: a comma is never a decimal point, only ASCII digits are digits.

#include "settings/rule.hpp"

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace reapd {

/// A value, or what is wrong with the text it was to be made from.
template <class T>
class [[nodiscard]] Parsed : public std::expected<T, std::string> {
    using std::expected<T, std::string>::expected;
};

/// "found 'TEXT', expected WHAT".
std::unexpected<std::string> expected_instead(std::string_view text, std::string_view what);

struct Range {
    std::int64_t least;
    std::int64_t most;
};

Parsed<bool> parse_bool(std::string_view text);
Parsed<std::int64_t> parse_integer(std::string_view text, Range range);

/// "40%", "12.5%" or "12.34%"; 0 to 100 %.
Parsed<Permyriad> parse_share(std::string_view text);

/// parse_share(), or "600‰" or "6000‱", as systemd's own files may have it.
Parsed<Permyriad> parse_fraction(std::string_view text);

/// "52428800", "50M", "1.5G"; base 1024; K, M, G, T, P, E, or B for bytes.
Parsed<Bytes> parse_size(std::string_view text);

/// "2s", "500ms", "1min 30s"; a number alone is seconds. The units are those of systemd.time(7)
/// up to days.
Parsed<Microseconds> parse_span(std::string_view text);

/// parse_span() between `least` and `most`.
Parsed<Microseconds> parse_span(std::string_view text, Microseconds least, Microseconds most);

/// "40% 2s": a share above zero over 500 ms to 10 min.
Parsed<PressureLimit> parse_pressure_limit(std::string_view text);

/// "<10%" or ">2G". Limits that nothing can be below or above are refused.
Parsed<AmountLimit> parse_amount_limit(std::string_view text);

/// ">100M": bytes a second.
Parsed<Bytes> parse_growth_limit(std::string_view text);

/// ">1000": times a second.
Parsed<std::uint64_t> parse_rate_limit(std::string_view text);

Parsed<Among> parse_among(std::string_view text);
Parsed<std::vector<Order>> parse_order(std::string_view text); ///< words, none twice
Parsed<Action> parse_action(std::string_view text);
Parsed<Advice> parse_advice(std::string_view text);
Parsed<FreezeThen> parse_freeze_then(std::string_view text);
Parsed<Release> parse_release(std::string_view text);
Parsed<OomdRule::Kill> parse_oomd_kill(std::string_view text);

/// A glob on cgroup paths with its specifiers replaced, without the leading slash it may have; "/"
/// stays.
Parsed<std::string> parse_glob(std::string_view text);

/// The number of a user that is in the user database, or any number from 0 up.
Parsed<std::uint32_t> parse_user(std::string_view text);

/// "0-3,5 7" as {0, 1, 2, 3, 5, 7}.
Parsed<std::vector<std::uint16_t>> parse_cpus(std::string_view text);

/// The parts of `text` between spaces, tabs and the characters in `also`.
std::vector<std::string_view> split_words(std::string_view text, std::string_view also = {});

} // namespace reapd
