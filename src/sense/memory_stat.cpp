// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sense/memory_stat.hpp"

#include "sense/lines.hpp"

namespace reapd {
namespace {

struct Wanted {
    std::string_view key; ///< with the space behind it, so that "anon" is not "anon_thp"
    std::optional<std::uint64_t> value{};
};

/// False when the line is one of those wanted and spoiled.
bool parse_line(std::string_view line, Wanted& wanted) noexcept {
    if (!line.starts_with(wanted.key))
        return true;
    Reader in{behind(line, wanted.key)};
    const std::uint64_t value = in.number();
    if (!in.ok() || !in.done() || wanted.value)
        return false;
    wanted.value = value;
    return true;
}

} // namespace

Result<MemoryStat> parse_memory_stat(std::string_view text) noexcept {
    Wanted anon{"anon "};
    Wanted file{"file "};
    Wanted shmem{"shmem "};
    Wanted pgscan{"pgscan "};
    Wanted refault_anon{"workingset_refault_anon "};
    Wanted refault_file{"workingset_refault_file "};

    bool sound = true;
    while (const auto line = take_line(text))
        for (Wanted* const wanted : {&anon, &file, &shmem, &pgscan, &refault_anon, &refault_file})
            sound = parse_line(*line, *wanted) && sound;

    if (!sound || !text.empty() || !anon.value || !file.value || !shmem.value)
        return failed("parse_memory_stat", EBADMSG);
    return MemoryStat{.anon = {*anon.value},
                      .file = {*file.value},
                      .shmem = {*shmem.value},
                      .pgscan = pgscan.value,
                      .refault_anon = refault_anon.value,
                      .refault_file = refault_file.value};
}

} // namespace reapd
