// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sense/meminfo.hpp"

#include "sense/lines.hpp"

#include <optional>

namespace reapd {

Result<MemInfo> parse_meminfo(std::string_view text) noexcept {
    MemInfo memory;
    struct Wanted {
        std::string_view key;
        Bytes& value;
        bool found = false;
    };
    Wanted wanted[] = {{"MemTotal:", memory.total},
                       {"MemAvailable:", memory.available},
                       {"SwapTotal:", memory.swap_total},
                       {"SwapFree:", memory.swap_free}};

    while (const auto line = take_line(text)) {
        for (Wanted& want : wanted) {
            if (!line->starts_with(want.key))
                continue;
            const auto amount = parse_kib(behind(*line, want.key));
            if (!amount || want.found)
                return failed("parse_meminfo", EBADMSG);
            want.value = *amount;
            want.found = true;
        }
    }
    bool complete = text.empty();
    for (const Wanted& want : wanted)
        complete = complete && want.found;
    if (!complete)
        return failed("parse_meminfo", EBADMSG);
    return memory;
}

} // namespace reapd
