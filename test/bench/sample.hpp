// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What every measuring program says: one line for each value, tab-separated, which `table`
/// collects. The unit stands in the table's title.

#include <cstdio>
#include <string>

namespace reapd::test {

inline void sample(const std::string& table, const std::string& row, const std::string& column,
                   double value) {
    std::printf("sample\t%s\t%s\t%s\t%.9g\n", table.c_str(), row.c_str(), column.c_str(), value);
    std::fflush(stdout); // What is measured is kept, whatever happens to the rest.
}

/// It was not there at `limit`, after which nobody looked any more.
inline void gave_up(const std::string& table, const std::string& row, const std::string& column,
                    double limit) {
    std::printf("sample\t%s\t%s\t%s\t>%.9g\n", table.c_str(), row.c_str(), column.c_str(), limit);
    std::fflush(stdout);
}

} // namespace reapd::test
