// SPDX-License-Identifier: LGPL-2.1-or-later
#include "process_sum.hpp"

#include "act/procs.hpp"
#include "sense/process.hpp"

#include <array>

namespace reapd {
namespace {

/// As much of cgroup.procs as is read at a time.
constexpr std::size_t piece = 4096;

} // namespace

std::span<const pid_t> read_pids(int dir, std::span<pid_t> out) noexcept {
    std::array<char, piece> buffer;
    ProcsReader procs{dir, buffer};
    std::size_t count = 0;
    while (count < out.size()) {
        const pid_t pid = procs.next();
        if (pid == 0)
            break;
        out[count++] = pid;
    }
    return out.first(count);
}

Result<Remains> sum_processes(const Machine& machine, int dir) noexcept {
    std::array<char, piece> buffer;
    ProcsReader procs{dir, buffer};
    Remains sum;
    while (const pid_t pid = procs.next()) {
        sum.populated = true;
        if (const Result<ProcessSample> process = read_process(machine.proc.get(), pid))
            sum.memory = sum.memory + process->memory;
    }
    if (procs.error() != 0)
        return failed("read cgroup.procs", procs.error());
    return sum;
}

void measure_by_processes(const Machine& machine, Row& row, TimePoint now) noexcept {
    if (const Result<Remains> sum = sum_processes(machine, row.dir)) {
        renew(row, {.taken = now, .current = sum->memory});
        take_all_as_anonymous(row);
    } else {
        forget_usage(row);
    }
}

void take_all_as_anonymous(Row& row) noexcept {
    if (!row.usage || row.close == nullptr)
        return;
    row.close->details.anon = row.usage->current;
    row.close->past.add(row.usage->taken, row.usage->current);
}

} // namespace reapd
