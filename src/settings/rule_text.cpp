// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings/rule_text.hpp"

#include "settings/words.hpp"

#include <fmt/format.h>

#include <array>

namespace reapd {
namespace {

constexpr std::array<std::pair<char, unsigned>, 6> size_units{
    {{'E', 60}, {'P', 50}, {'T', 40}, {'G', 30}, {'M', 20}, {'K', 10}}};

template <class T, std::size_t size>
std::string word_for(T value, const Words<T, size>& words) {
    for (const auto& [name, meant] : words)
        if (meant == value)
            return std::string{name};
    return {};
}

/// Without loss, unlike size_text(): what is written here may be read again as a setting.
std::string exact_size(Bytes size) {
    for (const auto& [suffix, bits] : size_units)
        if (size.value > 0 && size.value % (std::uint64_t{1} << bits) == 0)
            return fmt::format("{}{}", size.value >> bits, suffix);
    return fmt::format("{}", size.value);
}

} // namespace

std::string share_text(Permyriad share) {
    const std::uint32_t whole = share.value / 100;
    const std::uint32_t hundredths = share.value % 100;
    if (hundredths == 0)
        return fmt::format("{}%", whole);
    if (hundredths % 10 == 0)
        return fmt::format("{}.{}%", whole, hundredths / 10);
    return fmt::format("{}.{:02}%", whole, hundredths);
}

std::string size_text(Bytes size) {
    for (const auto& [suffix, bits] : size_units) {
        if (size.value >> bits == 0)
            continue;
        // Tenths are rounded down: what is said to be released was released.
        const std::uint64_t rest = size.value & ((std::uint64_t{1} << bits) - 1);
        const std::uint64_t tenths = ((rest >> (bits - 10)) * 10) >> 10;
        if (tenths == 0)
            return fmt::format("{}{}", size.value >> bits, suffix);
        return fmt::format("{}.{}{}", size.value >> bits, tenths, suffix);
    }
    return fmt::format("{}B", size.value);
}

std::string span_text(Microseconds span) {
    std::string text;
    Microseconds last{};
    for (const auto& [name, length] : time_units) {
        if (length == last || span < length)
            continue;
        last = length;
        text += fmt::format("{}{}{}", text.empty() ? "" : " ", span / length, name);
        span %= length;
    }
    return text.empty() ? "0" : text;
}

std::string to_text(const PressureLimit& limit) {
    return share_text(limit.share) + ' ' + span_text(limit.window);
}

std::string to_text(const AmountLimit& limit) {
    const char side = limit.side == AmountLimit::Side::Below ? '<' : '>';
    return side + (limit.share ? share_text(*limit.share) : exact_size(limit.bytes));
}

std::string to_text(Among among) { return word_for(among, among_words); }
std::string to_text(Order order) { return word_for(order, order_words); }
std::string to_text(Action action) { return word_for(action, action_words); }
std::string to_text(Advice advice) { return word_for(advice, advice_words); }
std::string to_text(FreezeThen then) { return word_for(then, freeze_then_words); }
std::string to_text(Release release) { return word_for(release, release_words); }

} // namespace reapd
