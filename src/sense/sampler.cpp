// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sense/sampler.hpp"

#include "base/files.hpp"
#include "sense/cgroup_file.hpp"
#include "sense/zram.hpp"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <utility>

namespace reapd {
namespace {

// The longest files have about 60 lines (meminfo, 6.12: 1.6 KB) and 80 lines (memory.stat, 6.12:
// 2 KB); room for a few more kernels.
constexpr std::size_t long_file = 8192;
constexpr std::size_t short_file = 256;

Result<std::string_view> open_and_read(int dir, const char* name, std::span<char> buffer,
                                       Fd& file) noexcept {
    file = Fd{::openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
    if (!file)
        return failed("openat");
    return read_record(file.get(), buffer);
}

Result<std::string_view> read_once(int dir, const char* name, std::span<char> buffer) noexcept {
    Fd file;
    return open_and_read(dir, name, buffer, file);
}

/// `held` is the place of the file among those that the row may hold.
Result<std::string_view> read_held(const Row& row, int HeldFiles::* held, const char* name,
                                   std::span<char> buffer) noexcept {
    if (row.close == nullptr)
        return read_once(row.dir, name, buffer);
    HeldFiles& files = row.close->files;
    if (files.*held >= 0) {
        if (const auto text = read_record(files.*held, buffer))
            return text;
        // The controller was switched off, and perhaps on again: that is another file.
        const Fd old{std::exchange(files.*held, -1)};
    }
    Fd file;
    const auto text = open_and_read(row.dir, name, buffer, file);
    if (text && files.wanted)
        files.*held = file.release();
    return text;
}

Result<std::uint64_t> parse_if(const Result<std::string_view>& text) noexcept {
    if (!text)
        return std::unexpected(text.error());
    return parse_single(*text);
}

Result<std::uint64_t> read_single(int dir, const char* name) noexcept {
    char buffer[short_file];
    return parse_if(read_once(dir, name, buffer));
}

Result<std::uint64_t> read_single(const Row& row, int HeldFiles::* held,
                                  const char* name) noexcept {
    char buffer[short_file];
    return parse_if(read_held(row, held, name, buffer));
}

Result<Pressure> parse_pressure_if(const Result<std::string_view>& text) noexcept {
    if (!text)
        return std::unexpected(text.error());
    return parse_pressure(*text);
}

Result<Pressure> read_own_pressure(const Row& row) noexcept {
    char buffer[short_file];
    return parse_pressure_if(read_held(row, &HeldFiles::pressure, "memory.pressure", buffer));
}

bool is_shortage(int code) noexcept {
    return code == EMFILE || code == ENFILE || code == ENOMEM || code == EINTR;
}

Result<Bytes> read_anonymous(int dir) noexcept {
    char buffer[long_file];
    const auto text = read_once(dir, "memory.stat", buffer);
    if (!text)
        return std::unexpected(text.error());
    return parse_anonymous(*text);
}

/// "max" is everything that there is; what is not there protects nothing.
Bytes read_protection(int dir, const char* name) noexcept {
    char buffer[short_file];
    const auto text = read_at(dir, name, buffer);
    if (text && text->starts_with("max"))
        return {UINT64_MAX};
    return {text ? parse_single(*text).value_or(0) : 0};
}

void count_hits(LimitHits& hits, const Result<std::string_view>& text, TimePoint now) noexcept {
    const auto count = text ? parse_limit_hits(*text) : std::unexpected(text.error());
    LimitHits next{.read = now};
    if (count)
        next.count = *count;
    if (count && hits.count && *hits.count <= *count) {
        next.before = hits.read;
        next.grew_after = *hits.count < *count ? hits.read : hits.grew_after;
    }
    hits = next;
}

/// What cannot be read counts as ordinary swap.
void discount_zram(const Machine& machine, MemInfo& memory) noexcept {
    char buffer[long_file];
    const auto text = read_at(machine.proc, "swaps", buffer);
    const auto swaps = text ? parse_zram_swaps(*text) : std::unexpected(text.error());
    if (!swaps || swaps->devices == 0)
        return;
    ZramUse all;
    for (const std::uint32_t number : std::span{swaps->numbers}.first(swaps->devices)) {
        std::array<char, 32> path{"zram"};
        char* const end = std::to_chars(path.data() + 4, path.data() + 16, number).ptr;
        std::memcpy(end, "/mm_stat", sizeof "/mm_stat");
        const auto stat = read_at(machine.blocks, path.data(), buffer);
        const auto use = stat ? parse_zram_use(*stat) : std::unexpected(stat.error());
        if (!use)
            return;
        all = {.data = all.data + use->data, .memory = all.memory + use->memory};
    }
    const Bytes usable = usable_zram(swaps->free, memory.available, all);
    memory.swap_free = memory.swap_free - (swaps->free - usable);
}

} // namespace

Result<Pressure> read_pressure(const Machine& machine, const Row& row) noexcept {
    char buffer[short_file];
    const bool is_root = row.parent == no_slot;
    return parse_pressure_if(is_root ? read_once(machine.proc.get(), "pressure/memory", buffer)
                                     : read_once(row.dir, "memory.pressure", buffer));
}

Result<MemInfo> read_meminfo(const Machine& machine) noexcept {
    char buffer[long_file];
    const auto text = read_once(machine.proc.get(), "meminfo", buffer);
    if (!text)
        return std::unexpected(text.error());
    Result<MemInfo> memory = parse_meminfo(*text);
    if (memory && machine.blocks && memory->swap_free > Bytes{})
        discount_zram(machine, *memory);
    return memory;
}

void measure(Row& row, TimePoint now, Swapped swapped) noexcept {
    const auto current = read_single(row, &HeldFiles::current, "memory.current");
    if (!current && is_shortage(current.error().code))
        return;
    row.measurable = current.has_value();
    if (!current) {
        forget_usage(row);
        return;
    }
    // Swap that cannot be read counts as none: without swap accounting there is no file, and what
    // is known of the cgroup besides is worth more than nothing.
    const Bytes swap{swapped == Swapped::None
                         ? 0
                         : read_single(row, &HeldFiles::swap, "memory.swap.current").value_or(0)};
    renew(row, {.taken = now, .current = {*current}, .swap = swap});
}

void measure_closely(Row& row) noexcept {
    if (!row.usage || row.close == nullptr)
        return;
    char buffer[long_file];
    const auto text = read_held(row, &HeldFiles::stat, "memory.stat", buffer);
    const auto stat = text ? parse_memory_stat(*text) : std::unexpected(text.error());
    if (!stat)
        return;
    UsageDetails& details = row.close->details;
    details.anon = stat->anonymous;
    details.shared = stat->shared;
    details.scanned = stat->scanned;
    details.refaults = stat->refaults;
    row.close->past.add(row.usage->taken, stat->anonymous + row.usage->swap + stat->shared);
}

void measure_stall(const Machine& machine, Table& table, Slot slot) noexcept {
    Closeup* const close = table.at(slot).close;
    if (!table.at(slot).usage || close == nullptr)
        return;
    const std::size_t rows = table.rows().size();
    std::size_t steps = 0;
    for (Slot at = slot; at < rows && steps < rows; at = table.at(at).parent, ++steps) {
        Row& row = table.at(at);
        const bool is_machine = row.parent == no_slot;
        if (const Result<Pressure> pressure =
                is_machine ? read_pressure(machine, row) : read_own_pressure(row)) {
            close->details.stalled = pressure->full.total;
            close->details.stalled_in = at;
            return;
        }
    }
}

bool read_one_unit(const Row& row) noexcept {
    return read_single(row.dir, "memory.oom.group").value_or(0) == 1;
}

void measure_own_limit(Row& row, TimePoint now) noexcept {
    if (row.close == nullptr || row.close->own_limit.read == now)
        return;
    char buffer[short_file];
    count_hits(row.close->own_limit,
               read_held(row, &HeldFiles::own_events, "memory.events.local", buffer), now);
}

void measure_limits_within(Row& row, TimePoint now) noexcept {
    if (row.close == nullptr || row.close->limits_within.read == now)
        return;
    char buffer[short_file];
    count_hits(row.close->limits_within,
               read_held(row, &HeldFiles::events, "memory.events", buffer), now);
}

void measure_activity(const Row& row, Activity& activity, TimePoint now) noexcept {
    char buffer[long_file];
    const auto text = read_at(row.dir, "cpu.stat", buffer);
    const auto used = text ? parse_cpu_time(*text) : std::unexpected(text.error());
    if (!used) {
        if (!is_shortage(used.error().code))
            activity = {};
        return;
    }
    const auto stat_text = read_held(row, &HeldFiles::stat, "memory.stat", buffer);
    const auto stat =
        stat_text ? parse_memory_stat(*stat_text) : std::unexpected(stat_text.error());
    activity.add(now, {.cpu = *used, .refaults = stat ? stat->refaults : std::nullopt});
}

std::optional<Bytes> read_unprotected(const Table& table, Slot slot) noexcept {
    std::optional<Bytes> least;
    const std::size_t rows = table.rows().size();
    std::size_t steps = 0;
    for (Slot at = slot; at < rows && steps < rows; at = table.at(at).parent, ++steps) {
        const int dir = table.at(at).dir;
        const auto current = read_single(dir, "memory.current");
        if (!current && at == slot)
            return std::nullopt;
        if (!current)
            break; // The root has none, and protects nothing.
        const Bytes kept =
            std::max(read_protection(dir, "memory.min"), read_protection(dir, "memory.low"));
        least = std::min(least.value_or(Bytes{UINT64_MAX}), Bytes{*current} - kept);
    }
    return least;
}

std::optional<Cost> read_cost(int dir) noexcept {
    char buffer[long_file];
    const auto text = read_at(dir, "memory.stat", buffer);
    const auto stat = text ? parse_memory_stat(*text) : std::unexpected(text.error());
    const std::optional<std::uint64_t> refaults = stat ? stat->refaults : std::nullopt;
    if (!refaults)
        return std::nullopt;
    Cost cost{.refaults = *refaults};
    const auto stalled = read_at(dir, "memory.pressure", buffer);
    const auto pressure = stalled ? parse_pressure(*stalled) : std::unexpected(stalled.error());
    if (pressure) // Its owner may have switched that off.
        cost.stalled = pressure->full.total;
    return cost;
}

Result<Remains> read_remains(int dir) noexcept {
    // Memory first: when its file is gone, the second read tells whether the cgroup is gone too
    // or only the memory controller is not on.
    const auto anonymous = read_anonymous(dir);
    const Bytes swap{read_single(dir, "memory.swap.current").value_or(0)};

    char buffer[short_file];
    const auto text = read_once(dir, "cgroup.events", buffer);
    if (!text)
        return std::unexpected(text.error());
    const auto populated = parse_populated(*text);
    if (!populated)
        return std::unexpected(populated.error());
    if (!anonymous && anonymous.error().code != ENOENT)
        return std::unexpected(anonymous.error());
    return Remains{.memory = anonymous.value_or(Bytes{}) + swap, .populated = *populated};
}

} // namespace reapd
