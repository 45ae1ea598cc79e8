// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Taking text apart, for every parser of a kernel file.

#include "base/units.hpp"

#include <charconv>
#include <string_view>
#include <utility>

namespace reapd {

/// Takes text apart from the left. After the first mismatch it stays failed, so a caller writes
/// down the format once and looks at ok() at the end. Never allocates, never throws.
class Reader {
public:
    explicit Reader(std::string_view text) noexcept : rest_{text} {}

    bool ok() const noexcept { return ok_; }
    bool done() const noexcept { return rest_.empty(); }
    std::string_view rest() const noexcept { return rest_; }

    void literal(std::string_view expected) noexcept {
        ok_ = ok_ && rest_.starts_with(expected);
        if (ok_)
            rest_.remove_prefix(expected.size());
    }

    /// A decimal without a sign that fits in 63 bits.
    std::uint64_t number() noexcept {
        std::uint64_t value = 0;
        const char* const begin = rest_.data();
        const auto [end, error] = std::from_chars(begin, begin + rest_.size(), value);
        ok_ = ok_ && error == std::errc{} && std::in_range<std::int64_t>(value);
        rest_.remove_prefix(static_cast<std::size_t>(end - begin));
        return value;
    }

    /// "12.34" as 1234.
    Permyriad percentage() noexcept {
        const std::uint64_t whole = number();
        literal(".");
        const std::size_t before = rest_.size();
        const std::uint64_t hundredths = number();
        ok_ = ok_ && before - rest_.size() == 2 && whole <= 100;
        return Permyriad{ok_ ? static_cast<std::uint32_t>(whole * 100 + hundredths) : 0};
    }

    /// Everything up to `end`, which is taken too. Fails when `end` does not occur.
    std::string_view until(char end) noexcept {
        const std::size_t at = rest_.find(end);
        ok_ = ok_ && at != std::string_view::npos;
        if (!ok_)
            return {};
        const std::string_view taken = rest_.substr(0, at);
        rest_.remove_prefix(at + 1);
        return taken;
    }

private:
    std::string_view rest_;
    bool ok_ = true;
};

} // namespace reapd
