// SPDX-License-Identifier: LGPL-2.1-or-later
#include "act/proc_files.hpp"
#include "act/work.hpp"
#include "base/files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <string_view>

namespace reapd {
namespace {

/// Control files that keep a cgroup from the CPU, with the value that lifts it. cpu.idle comes
/// first: while it is 1, the kernel refuses a weight.
struct Lift {
    const char* name;
    std::string_view value;
};
constexpr std::array<Lift, 3> lifts{{
    {"cpu.idle", "0"},
    {"cpu.max", "max"},
    {"cpu.weight", "10000"},
}};

// The largest come first and hold nearly all of the memory; each costs about 20 us.
constexpr std::size_t most_processes = 64;
constexpr int most_threads = 64;

std::string_view first_word(std::string_view text) noexcept {
    text.remove_suffix(text.size() - std::min(text.find_first_of(" \n"), text.size()));
    return text;
}

/// Remembers what the file holds and writes the new value, if there is such a file and the value
/// would change.
void lift_file(BoostedCgroup& cgroup, const Lift& lift) noexcept {
    SavedFile& saved = cgroup.files[cgroup.file_count];
    const Result<std::string_view> text = read_at(cgroup.dir, lift.name, saved.text);
    if (!text || first_word(*text) == lift.value)
        return;
    saved.name = lift.name;
    saved.length = static_cast<std::uint32_t>(text->size());
    if (write_at(cgroup.dir, lift.name, lift.value))
        ++cgroup.file_count;
}

void lift_cgroups(Affair& affair, Scratch& scratch) noexcept {
    if (scratch.walk.begin(affair.dir) != 0)
        return;
    for (Walk::Step step = scratch.walk.next(); step.dir; step = scratch.walk.next()) {
        if (affair.boosted_count == max_boosted)
            break;
        BoostedCgroup& cgroup = affair.boosted[affair.boosted_count];
        cgroup.dir = Fd{::fcntl(step.dir->get(), F_DUPFD_CLOEXEC, 0)};
        cgroup.file_count = 0;
        for (const Lift& lift : lifts)
            lift_file(cgroup, lift);
        if (cgroup.file_count > 0)
            ++affair.boosted_count;
        else
            cgroup.dir = Fd{};
    }
    scratch.walk.end();
}

/// Gives a thread that others go before an ordinary place, on any CPU that its cgroup allows.
/// Real-time and favoured threads keep what they have.
void lift_thread(pid_t thread) noexcept {
    cpu_set_t every;
    std::memset(&every, 0xff, sizeof every);
    (void)::sched_setaffinity(thread, sizeof every, &every); // Cut to what there is by the kernel.
    const int policy = ::sched_getscheduler(thread);
    if (policy == SCHED_IDLE || policy == SCHED_BATCH) {
        const sched_param ordinary{};
        ::sched_setscheduler(thread, SCHED_OTHER, &ordinary);
    }
    const auto id = static_cast<id_t>(thread);
    if (::getpriority(PRIO_PROCESS, id) > 0)
        ::setpriority(PRIO_PROCESS, id, 0);
}

/// Whether the victim has not been waited for: then its pid is still its own.
bool holds_its_pid(const VictimProcess& victim) noexcept {
    pollfd state{.fd = victim.pidfd, .events = POLLIN, .revents = 0};
    return ::poll(&state, 1, 0) == 0;
}

/// All threads: whichever is the last to leave frees the memory.
void lift_process(const VictimProcess& victim, Scratch& scratch,
                  const Surroundings& around) noexcept {
    const Fd tasks = open_tasks(around.proc, victim.pid);
    // Seen alive after the directory was opened, the directory is the victim's.
    if (!tasks || !holds_its_pid(victim))
        return;
    const ssize_t n = ::getdents64(tasks.get(), scratch.text.data(), scratch.text.size());
    int threads = 0;
    for (ssize_t at = 0; at < n && threads < most_threads;) {
        dirent64 entry; // Names here are numbers, so the fixed struct holds an entry.
        const auto left = static_cast<std::size_t>(n - at);
        std::memcpy(&entry, scratch.text.data() + at, std::min(left, sizeof entry));
        pid_t thread = 0;
        const char* const name = entry.d_name;
        std::from_chars(name, name + std::strlen(name), thread);
        if (thread > 0) {
            lift_thread(thread);
            ++threads;
        }
        at += entry.d_reclen;
    }
}

} // namespace

void boost(Affair& affair, Scratch& scratch, const Surroundings& around) noexcept {
    if (affair.collected_done())
        for (const VictimProcess& victim : affair.victims.all().first(
                 std::min<std::size_t>(affair.victims.size(), most_processes)))
            lift_process(victim, scratch, around);
    // The cgroup of named processes is others' too.
    if (affair.whole)
        lift_cgroups(affair, scratch);
}

void unboost(Affair& affair) noexcept {
    for (std::uint32_t i = 0; i < affair.boosted_count; ++i) {
        const BoostedCgroup& cgroup = affair.boosted[i];
        // Backwards: a weight is refused once cpu.idle is 1 again. The cgroup may be gone.
        for (std::uint32_t file = cgroup.file_count; file-- > 0;) {
            const SavedFile& saved = cgroup.files[file];
            (void)write_at(cgroup.dir, saved.name, {saved.text.data(), saved.length});
        }
    }
}

} // namespace reapd
