// SPDX-License-Identifier: LGPL-2.1-or-later
#include "exempt.hpp"

#include "act/proc_files.hpp"
#include "process_sum.hpp"

#include <array>
#include <span>

namespace reapd {
namespace {

constexpr std::size_t most_processes = 256;

} // namespace

bool is_exempt(const Machine& machine, const Table& table, Slot slot) noexcept {
    std::array<pid_t, most_processes> pids;
    bool any = false;
    const auto one_is_killable = [&](Slot of) {
        for (const pid_t pid : read_pids(table.at(of).dir, pids)) {
            const std::optional<bool> unkillable = read_unkillable(machine.proc, pid);
            if (unkillable == false)
                return true;
            any = any || unkillable == true;
        }
        return false;
    };
    const std::span<const pid_t> first = read_pids(table.at(slot).dir, std::span{pids}.first(1));
    if (!first.empty() && read_unkillable(machine.proc, first.front()).value_or(false))
        return true;
    for (Slot of = 0; of < table.rows().size(); ++of)
        if (table.at(of).id != CgroupId{} && table.within(of, slot) && one_is_killable(of))
            return false;
    return any;
}

} // namespace reapd
