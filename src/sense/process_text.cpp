// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sense/lines.hpp"
#include "sense/process.hpp"

#include <optional>

namespace reapd {
namespace {

pid_t take_pid(Reader& in) noexcept {
    const std::uint64_t value = in.number();
    return std::in_range<pid_t>(value) ? static_cast<pid_t>(value) : 0;
}

/// A number or, as priorities are, a negative one.
void skip_field(Reader& in) noexcept {
    if (in.rest().starts_with('-'))
        in.literal("-");
    (void)in.number();
    in.literal(" ");
}

} // namespace

Result<ProcessSample> parse_process_stat(std::string_view text) noexcept {
    ProcessSample process;
    Reader front{text};
    process.pid = take_pid(front);
    front.literal(" (");

    const std::size_t name_end = text.rfind(") ");
    if (!front.ok() || process.pid <= 0 || name_end == std::string_view::npos ||
        !text.ends_with('\n'))
        return failed("parse_process_stat", EBADMSG);
    text.remove_prefix(name_end + 2);
    text.remove_prefix(text.empty() ? 0 : 1); // state, one letter

    Reader in{text};
    in.literal(" ");
    process.parent = take_pid(in);
    in.literal(" ");
    // The kernel prints -1 for group and session once it has begun to take the process apart.
    if (in.ok() && in.rest().starts_with("-1 -1 "))
        return failed("parse_process_stat", ESRCH);
    process.group = take_pid(in);
    in.literal(" ");
    process.session = take_pid(in);
    in.literal(" ");
    // tty_nr, field 7 of proc_pid_stat(5), up to itrealvalue, field 21
    for (int field = 7; field <= 21; ++field)
        skip_field(in);
    process.started = in.number();
    in.literal(" ");
    if (!in.ok())
        return failed("parse_process_stat", EBADMSG);
    return process;
}

Result<Bytes> parse_process_memory(std::string_view text) noexcept {
    std::optional<Bytes> anonymous;
    std::optional<Bytes> swap;
    bool whole = false;
    while (const auto line = take_line(text)) {
        // Stands behind the memory lines on every kernel, and also where there are none.
        whole = whole || line->starts_with("Threads:");
        for (const auto& [key, value] : {std::pair{std::string_view{"RssAnon:"}, &anonymous},
                                         std::pair{std::string_view{"VmSwap:"}, &swap}}) {
            if (!line->starts_with(key))
                continue;
            const auto amount = parse_kib(behind(*line, key));
            if (!amount || *value)
                return failed("parse_process_memory", EBADMSG);
            *value = amount;
        }
    }
    if (!whole || !text.empty() || anonymous.has_value() != swap.has_value())
        return failed("parse_process_memory", EBADMSG);
    return anonymous ? *anonymous + *swap : Bytes{};
}

} // namespace reapd
