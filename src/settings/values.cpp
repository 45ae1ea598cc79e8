// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings/values.hpp"

#include "settings/complaint.hpp"
#include "settings/rule_text.hpp"
#include "settings/words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace reapd {
namespace {

/// A decimal number without sign: whole part and fraction in millionths.
struct Decimal {
    std::uint64_t whole = 0;
    std::uint64_t millionths = 0;
    std::size_t decimals = 0; ///< digits after the point
};

/// Takes a number off the front of `text`; none if there is none, if it has more than six
/// decimals or if it does not fit in 63 bits.
std::optional<Decimal> take_decimal(std::string_view& text) {
    Decimal number;
    const char* const begin = text.data();
    const auto [after, error] = std::from_chars(begin, begin + text.size(), number.whole);
    if (error != std::errc{} || number.whole > std::numeric_limits<std::int64_t>::max())
        return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(after - begin));
    if (!text.starts_with('.'))
        return number;
    text.remove_prefix(1);
    std::uint64_t weight = 100'000;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
        number.millionths += weight * static_cast<std::uint64_t>(text.front() - '0');
        weight /= 10;
        ++number.decimals;
        text.remove_prefix(1);
    }
    if (number.decimals == 0 || number.decimals > 6)
        return std::nullopt;
    return number;
}

/// `number` times `unit`, rounded down; none above 63 bits.
std::optional<std::uint64_t> scaled(const Decimal& number, std::uint64_t unit) {
    constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
    constexpr std::uint64_t million = 1'000'000;
    const std::uint64_t fraction =
        unit / million * number.millionths + unit % million * number.millionths / million;
    if (number.whole > (most - fraction) / unit)
        return std::nullopt;
    return number.whole * unit + fraction;
}

template <class T, std::size_t size>
Parsed<T> parse_word(std::string_view text, const Words<T, size>& words) {
    std::array<std::string_view, size> names;
    std::ranges::transform(words, names.begin(), [](const auto& word) { return word.first; });
    for (const auto& [name, value] : words)
        if (name == text)
            return value;
    std::string what = fmt::format("{}", fmt::join(names, ", "));
    if (const std::size_t comma = what.rfind(", "); comma != std::string::npos)
        what.replace(comma, 2, " or ");
    if (const std::string_view near = nearest(text, names); !near.empty())
        what += fmt::format("; did you mean '{}'?", near);
    return expected_instead(text, what);
}

} // namespace

std::unexpected<std::string> expected_instead(std::string_view text, std::string_view what) {
    if (text.empty())
        return std::unexpected(fmt::format("found nothing, expected {}", what));
    return std::unexpected(fmt::format("found {}, expected {}", quote(text), what));
}

std::vector<std::string_view> split_words(std::string_view text, std::string_view also) {
    const std::string separators = " \t" + std::string{also};
    std::vector<std::string_view> words;
    while (true) {
        text.remove_prefix(std::min(text.find_first_not_of(separators), text.size()));
        if (text.empty())
            return words;
        const std::size_t end = std::min(text.find_first_of(separators), text.size());
        words.push_back(text.substr(0, end));
        text.remove_prefix(end);
    }
}

Parsed<bool> parse_bool(std::string_view text) {
    // The words of systemd, in lower case only.
    for (const std::string_view word : {"yes", "true", "on", "1", "y", "t"})
        if (text == word)
            return true;
    for (const std::string_view word : {"no", "false", "off", "0", "n", "f"})
        if (text == word)
            return false;
    return expected_instead(text, "yes or no");
}

Parsed<std::int64_t> parse_integer(std::string_view text, Range range) {
    std::int64_t value = 0;
    const char* const begin = text.data();
    const char* const end = begin + text.size();
    const auto [after, error] = std::from_chars(begin, end, value);
    if (error != std::errc{} || after != end || value < range.least || value > range.most)
        return expected_instead(
            text, fmt::format("a whole number from {} to {}", range.least, range.most));
    return value;
}

Parsed<Permyriad> parse_share(std::string_view text) {
    std::string_view rest = text;
    const std::optional<Decimal> number = take_decimal(rest);
    if (!number || rest != "%" || number->decimals > 2)
        return expected_instead(text, "a percentage with at most two decimals, as 40% or 12.5%");
    if (number->whole > 100 || (number->whole == 100 && number->millionths > 0))
        return expected_instead(text, "at most 100%");
    return Permyriad{static_cast<std::uint32_t>(number->whole * 100 + number->millionths / 10'000)};
}

Parsed<Permyriad> parse_fraction(std::string_view text) {
    std::string_view rest = text;
    const std::optional<Decimal> number = take_decimal(rest);
    const bool permille = rest == "‰";
    if (!number || (!permille && rest != "‱"))
        return parse_share(text);
    if (number->decimals > (permille ? 1U : 0U))
        return expected_instead(text, "no smaller part than 1‱");
    const std::uint64_t most = permille ? 1000 : 10'000;
    if (number->whole > most || (number->whole == most && number->millionths > 0))
        return expected_instead(text, "at most 100%");
    return Permyriad{static_cast<std::uint32_t>(
        permille ? number->whole * 10 + number->millionths / 100'000 : number->whole)};
}

Parsed<Bytes> parse_size(std::string_view text) {
    constexpr std::string_view suffixes = "BKMGTPE";
    std::string_view rest = text;
    const std::optional<Decimal> number = take_decimal(rest);
    const std::size_t power = rest.empty() ? 0 : suffixes.find(rest.front());
    if (!number || rest.size() > 1 || power == std::string_view::npos ||
        (power == 0 && number->decimals > 0))
        return expected_instead(text, "a size in bytes, or with K, M, G or T (base 1024), as 50M");
    const std::optional<std::uint64_t> bytes = scaled(*number, std::uint64_t{1} << (10 * power));
    if (!bytes)
        return expected_instead(text, "less than 8E");
    return Bytes{*bytes};
}

Parsed<Microseconds> parse_span(std::string_view text) {
    const auto refused = [&] {
        return expected_instead(text, "a time span, as 500ms or 1min 30s");
    };
    constexpr auto most = static_cast<std::uint64_t>(Microseconds::max().count());
    std::uint64_t sum = 0;
    std::string_view rest = text;
    do {
        const std::optional<Decimal> number = take_decimal(rest);
        rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
        const std::size_t end = std::min(rest.find_first_of(" \t.0123456789"), rest.size());
        const std::string_view name = end == 0 ? "s" : rest.substr(0, end);
        const auto* const unit = std::ranges::find(time_units, name, &TimeUnit::name);
        // A number alone is seconds, but "1min 30" is more likely a slip than half a minute.
        if (!number || unit == time_units.end() || (end == 0 && (sum > 0 || !rest.empty())))
            return refused();
        const auto length = static_cast<std::uint64_t>(unit->length.count());
        const std::optional<std::uint64_t> part = scaled(*number, length);
        if (!part || *part > most - sum)
            return expected_instead(text, "a shorter time span");
        sum += *part;
        rest.remove_prefix(end);
        rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    } while (!rest.empty());
    return Microseconds{static_cast<Microseconds::rep>(sum)};
}

Parsed<Microseconds> parse_span(std::string_view text, Microseconds least, Microseconds most) {
    Parsed<Microseconds> span = parse_span(text);
    if (span && (*span < least || *span > most))
        return expected_instead(
            text, fmt::format("a time span from {} to {}", span_text(least), span_text(most)));
    return span;
}

Parsed<Among> parse_among(std::string_view text) { return parse_word(text, among_words); }
Parsed<Action> parse_action(std::string_view text) { return parse_word(text, action_words); }
Parsed<Advice> parse_advice(std::string_view text) { return parse_word(text, advice_words); }
Parsed<FreezeThen> parse_freeze_then(std::string_view text) {
    return parse_word(text, freeze_then_words);
}
Parsed<Release> parse_release(std::string_view text) { return parse_word(text, release_words); }

Parsed<OomdRule::Kill> parse_oomd_kill(std::string_view text) {
    return parse_word(text, oomd_kill_words);
}

Parsed<std::vector<Order>> parse_order(std::string_view text) {
    std::vector<Order> order;
    for (const std::string_view word : split_words(text)) {
        const Parsed<Order> one = parse_word(word, order_words);
        if (!one)
            return std::unexpected(one.error());
        if (std::ranges::find(order, *one) != order.end())
            return expected_instead(text, "each word once");
        order.push_back(*one);
    }
    if (order.empty())
        return expected_instead(text, "words as growth, size or swap, most important first");
    return order;
}

} // namespace reapd
