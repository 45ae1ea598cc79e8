// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Text in columns.

#include "ctl/paint.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reapd {

/// How many characters a terminal shows for printable UTF-8. Wide characters count as one: their
/// columns may then be off by some, which is all that happens.
std::size_t width_of(std::string_view text);

/// What a line may take, and the mark of what it had to leave out.
struct Room {
    std::size_t width = 80;
    std::string_view mark = "…";
};

/// Rows of equal length under a head. The last column has no padding, so it can be long.
class Columns {
public:
    explicit Columns(std::vector<std::string> head) : head_{std::move(head)} {}
    void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
    bool empty() const noexcept { return rows_.empty(); }

    /// The head, if it is wanted, and the rows, each after `indent`. The last column is shortened
    /// in its middle so that no line is wider than `width`, if there is one.
    std::vector<std::string> lines(const Paint& paint, bool legend, std::string_view indent = "",
                                   std::optional<Room> room = {}) const;

    /// One line per row, each after `indent`. Without `legend` the head is left out.
    std::string text(const Paint& paint, bool legend, std::string_view indent = "") const;

    /// A table that is all of the answer: text(), and with the legend a last line "2 rules listed."
    std::string listing(const Paint& paint, bool legend, std::string_view noun) const;

private:
    std::vector<std::string> head_;
    std::vector<std::vector<std::string>> rows_{};
};

} // namespace reapd
