// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sense/features.hpp"

#include "base/files.hpp"
#include "base/mrelease.hpp"
#include "sense/cgroup_file.hpp"
#include "sense/directory.hpp"
#include "sense/lines.hpp"
#include "sense/trigger.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <array>
#include <vector>

namespace reapd {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t long_file = 16 << 10;

std::string read_text(int dir, const char* name) {
    std::vector<char> buffer(long_file);
    const auto text = read_at(dir, name, buffer);
    return text ? std::string{*text} : std::string{};
}

bool exists(int dir, const char* name) noexcept { return ::faccessat(dir, name, F_OK, 0) == 0; }

bool takes_window(int dir, bool is_root, milliseconds window) noexcept {
    // With a tenth of it as the limit and closed at once: it cannot ring.
    return open_trigger(dir, is_root,
                        {.kind = StallKind::Some, .stall = window / 10, .window = window})
        .has_value();
}

void probe_triggers(const Machine& machine, Features& found) noexcept {
    // Down to 500 ms up to 6.1 or so, no limit in 6.12; only multiples of 2 s without
    // CAP_SYS_RESOURCE. The documentation is behind, so each is tried.
    constexpr std::array windows{milliseconds{100}, milliseconds{500}, milliseconds{1000},
                                 milliseconds{2000}};
    for (const milliseconds window : windows) {
        if (takes_window(machine.proc.get(), true, window) ||
            takes_window(machine.cgroups.get(), false, window)) {
            found.smallest_window = window;
            found.privileged_triggers = window.count() % 2000 != 0;
            return;
        }
    }
}

/// A word in a list such as that of cgroup.controllers.
bool has_word(std::string_view list, std::string_view word) noexcept {
    for (std::size_t at = list.find(word); at != std::string_view::npos;
         at = list.find(word, at + 1)) {
        const std::size_t end = at + word.size();
        if ((at == 0 || list[at - 1] == ' ') &&
            (end == list.size() || list[end] == ' ' || list[end] == '\n'))
            return true;
    }
    return false;
}

/// To reclaim nothing does nothing; what is not understood is EINVAL.
bool takes_swappiness(int dir) noexcept {
    constexpr std::string_view nothing = "0 swappiness=60";
    const Fd file{::openat(dir, "memory.reclaim", O_WRONLY | O_CLOEXEC)};
    return file && ::write(file.get(), nothing.data(), nothing.size()) > 0;
}

/// Files that only a cgroup other than the root has are looked for in the first few.
void probe_cgroups(int root, Features& found) {
    constexpr std::size_t enough = 16;
    found.unified = exists(root, "cgroup.controllers");
    found.memory_controller = has_word(read_text(root, "cgroup.controllers"), "memory");
    found.memory_reclaim = exists(root, "memory.reclaim");
    found.reclaim_swappiness = takes_swappiness(root);
    found.cgroup_psi = exists(root, "memory.pressure");

    std::vector<char> buffer(long_file);
    auto children = list_directories(root, buffer);
    if (!children)
        return;
    children->resize(std::min(children->size(), enough));
    for (const DirectoryEntry& entry : *children) {
        const auto child = open_below(root, entry.name.c_str());
        if (!child)
            continue;
        const int dir = child->dir.get();
        found.cgroup_kill = found.cgroup_kill || exists(dir, "cgroup.kill");
        found.cgroup_psi = found.cgroup_psi || exists(dir, "memory.pressure");
        found.memory_reclaim = found.memory_reclaim || exists(dir, "memory.reclaim");
        found.reclaim_swappiness = found.reclaim_swappiness || takes_swappiness(dir);
    }
}

/// A call with a descriptor that is none: a kernel (and a seccomp filter) with the call says so.
template <class... Arguments>
bool has_call(long number, Arguments... arguments) noexcept {
    return ::syscall(number, arguments...) < 0 && errno == EBADF;
}

void probe_calls(Features& found) noexcept {
    found.mrelease = has_call(SYS_process_mrelease, -1, 0);
    const ReleaseOffers releases = probe_releases();
    found.mrelease_bounded = releases.bounded;
    found.mrelease_reap_kill = releases.reap_kill;
    found.kill_expedite = releases.expedite;
    found.process_madvise = has_call(SYS_process_madvise, -1, nullptr, 0UL, MADV_COLD, 0);
}

void probe_swap(int proc, Features& found) {
    const std::string swaps = read_text(proc, "swaps");
    std::string_view text = swaps;
    (void)take_line(text); // headings
    while (const auto line = take_line(text)) {
        found.swap = true;
        found.zram = found.zram || line->starts_with("/dev/zram");
    }
}

void probe_privileges(Features& found) noexcept {
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {};
    if (::syscall(SYS_capget, &header, sets) == 0) {
        const auto has = [&](unsigned int capability) {
            return (sets[capability / 32].effective >> (capability % 32) & 1) != 0;
        };
        found.can_signal = has(CAP_KILL);
        found.can_override = has(CAP_DAC_OVERRIDE);
        found.can_nice = has(CAP_SYS_NICE);
        found.can_trace = has(CAP_SYS_PTRACE);
        found.can_tell_users = has(CAP_SETUID);
        found.can_lock = has(CAP_IPC_LOCK);
    }
    rlimit limit{};
    if (::getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY)
        found.can_lock = true;
}

} // namespace

Features probe_features(const Machine& machine) {
    Features found;
    const int proc = machine.proc.get();
    found.meminfo = read_meminfo(machine).has_value();
    found.psi = read_pressure(machine, Row{}).has_value();
    if (machine.cgroups)
        probe_cgroups(machine.cgroups.get(), found);
    probe_triggers(machine, found);
    probe_calls(found);
    probe_swap(proc, found);
    probe_privileges(found);
    const std::string ttl = read_text(AT_FDCWD, "/sys/kernel/mm/lru_gen/min_ttl_ms");
    found.lru_gen_min_ttl = parse_single(ttl).value_or(0) != 0;
    return found;
}

} // namespace reapd
