// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sense/cgroup_file.hpp"

#include "sense/lines.hpp"

#include <array>
#include <optional>

namespace reapd {
namespace {

/// The number behind `key`, which must stand at the start of just one line.
Result<std::uint64_t> find_number(std::string_view text, std::string_view key) noexcept {
    std::optional<std::uint64_t> found;
    while (const auto line = take_line(text)) {
        if (!line->starts_with(key))
            continue;
        Reader in{behind(*line, key)};
        const std::uint64_t value = in.number();
        if (!in.ok() || !in.done() || found)
            return failed("find_number", EBADMSG);
        found = value;
    }
    if (!text.empty() || !found)
        return failed("find_number", EBADMSG);
    return *found;
}

} // namespace

Result<bool> parse_populated(std::string_view text) noexcept {
    const auto populated = find_number(text, "populated ");
    if (!populated || *populated > 1)
        return failed("parse_populated", EBADMSG);
    return *populated == 1;
}

Result<Bytes> parse_anonymous(std::string_view text) noexcept {
    const auto anonymous = find_number(text, "anon "); // With the space: not anon_thp.
    if (!anonymous)
        return failed("parse_anonymous", EBADMSG);
    return Bytes{*anonymous};
}

Result<MemoryStat> parse_memory_stat(std::string_view text) noexcept {
    struct Wanted {
        std::string_view key;
        std::optional<std::uint64_t> value{};
    };
    // Before 5.9 both kinds of refaults were one.
    std::array<Wanted, 6> wanted{{{"anon "},
                                  {"shmem "},
                                  {"pgscan "},
                                  {"workingset_refault_anon "},
                                  {"workingset_refault_file "},
                                  {"workingset_refault "}}};
    while (const auto line = take_line(text)) {
        for (Wanted& want : wanted) {
            if (!line->starts_with(want.key))
                continue;
            Reader in{behind(*line, want.key)};
            const std::uint64_t value = in.number();
            if (!in.ok() || !in.done() || want.value)
                return failed("parse_memory_stat", EBADMSG);
            want.value = value;
            break;
        }
    }
    const auto& [anon, shmem, scanned, refaults_anon, refaults_file, refaults] = wanted;
    if (!text.empty() || !anon.value || !shmem.value)
        return failed("parse_memory_stat", EBADMSG);
    MemoryStat stat{.anonymous = {*anon.value},
                    .shared = {*shmem.value},
                    .scanned = scanned.value,
                    .refaults = refaults.value};
    if (refaults_anon.value && refaults_file.value)
        stat.refaults = *refaults_anon.value + *refaults_file.value;
    return stat;
}

Result<std::uint64_t> parse_descendants(std::string_view text) noexcept {
    const auto descendants = find_number(text, "nr_descendants ");
    if (!descendants)
        return failed("parse_descendants", EBADMSG);
    return *descendants;
}

Result<std::uint64_t> parse_limit_hits(std::string_view text) noexcept {
    const auto high = find_number(text, "high ");
    const auto max = find_number(text, "max ");
    if (!high || !max)
        return failed("parse_limit_hits", EBADMSG);
    return *high + *max;
}

Result<Microseconds> parse_cpu_time(std::string_view text) noexcept {
    const auto used = find_number(text, "usage_usec ");
    if (!used)
        return failed("parse_cpu_time", EBADMSG);
    return Microseconds{static_cast<Microseconds::rep>(*used)};
}

Result<std::uint64_t> parse_single(std::string_view text) noexcept {
    Reader in{text};
    const std::uint64_t value = in.number();
    in.literal("\n");
    if (!in.ok() || !in.done())
        return failed("parse_single", EBADMSG);
    return value;
}

} // namespace reapd
