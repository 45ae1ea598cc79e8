// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Tables from literals, for tests of what looks at the tree.

#include "sense/table.hpp"

namespace reapd {

/// The rule of the tests is number 3 of its policy.
constexpr std::uint32_t tested_rule = 3;
constexpr RuleMask tested_bit = RuleMask{1} << tested_rule;
constexpr RuleMask other_bit = RuleMask{1} << 4;

constexpr Marks essential{.never = true};
constexpr Marks dear{.wish = Wish::Omit, .owner = 1000, .dear = true};
constexpr Marks guarded{.spared = tested_bit};
constexpr Marks login{.processes = tested_bit};

/// Grows a table; the id of a row is its slot + 1000.
class Forest {
public:
    explicit Forest(std::size_t capacity = 64) : table{capacity} {}

    Slot add(Slot parent, const Marks& marks = {}) {
        table.add(next_, CgroupId{next_ + 1000ULL}, parent, -1, marks);
        return next_++;
    }

    Closeup& closeup(Slot slot) { return table.look_closely(slot, TimePoint{}); }

    Table table;

private:
    Slot next_ = 0;
};

} // namespace reapd
