// SPDX-License-Identifier: LGPL-2.1-or-later
#include "act/hint.hpp"

#include "act/mappings.hpp"
#include "act/proc_files.hpp"
#include "act/procs.hpp"
#include "act/reclaim.hpp"
#include "act/standstill.hpp"
#include "act/syscalls.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <functional>
#include <span>

namespace reapd {
namespace {

/// What is only called cold costs little: so much of it in one call at most, because the kernel
/// cuts a vector at 2 GiB.
constexpr std::uint64_t widest_call = std::uint64_t{1} << 30;

/// Less than this in one call is not worth it, and more than is left of the budget may be kept for
/// the cgroup.
constexpr Bytes smallest_step = mib(1);

/// What begins later than this does not end within longest_standstill.
constexpr auto longest_hinting = longest_standstill * 3 / 4;

/// Nobody who stands still is to wait long for the last call that began in time.
constexpr Bytes standing_step = mib(4);
constexpr std::uint64_t widest_standing_call = std::uint64_t{64} << 20;

bool is_spent(const CoolingOrder& order, const CoolingResult& result) noexcept {
    return order.budget - result.moved < smallest_step;
}

/// The hints about one process.
class Hinting {
public:
    Hinting(const Fd& proc, pid_t pid, const CoolingOrder& order, const StopSign& stop,
            HintScratch& scratch, CoolingResult& result) noexcept
        : proc_{proc}, pid_{pid}, order_{order}, stop_{stop}, result_{result}, scratch_{scratch},
          pidfd_{open_pidfd(pid)}, resident_{read_resident_memory(proc, pid)} {}

    void run() noexcept {
        MappingsReader mappings{proc_, pid_, scratch_.text};
        if (!pidfd_ || mappings.error() != 0) {
            tell(pidfd_ ? mappings.error() : ESRCH);
            return;
        }
        ++result_.processes;
        while (const std::optional<Mapping> mapping = mappings.next()) {
            add(*mapping);
            result_.stopped = result_.stopped || stop_.seen();
            if (over_ || result_.stopped)
                return;
        }
        flush(pageout_);
        flush(cold_);
        if (mappings.error() != 0)
            tell(mappings.error());
    }

private:
    struct Batch {
        std::span<iovec> ranges;
        int advice;
        std::uint64_t width; ///< in bytes, of one call
        std::size_t count = 0;
        std::uint64_t bytes = 0;
    };

    void add(const Mapping& mapping) noexcept {
        if (mapping.kind == MappingKind::Other)
            return;
        const bool cold = order_.advice == Advice::Cold ||
                          (order_.advice == Advice::Auto && mapping.kind == MappingKind::File);
        Batch& batch = cold ? cold_ : pageout_;
        for (std::uint64_t at = mapping.begin; at < mapping.end && !over_;) {
            const std::uint64_t length = std::min(mapping.end - at, batch.width - batch.bytes);
            batch.ranges[batch.count++] = {
                .iov_base = std::bit_cast<void*>(static_cast<std::uintptr_t>(at)),
                .iov_len = length};
            batch.bytes += length;
            at += length;
            if (batch.count == batch.ranges.size() || batch.bytes == batch.width)
                flush(batch);
        }
    }

    /// One vector, and what a call left of it: the kernel stops at the first range that it refuses.
    void flush(Batch& batch) noexcept {
        std::span<const iovec> left = batch.ranges.first(batch.count);
        batch.count = 0;
        batch.bytes = 0;
        while (!left.empty() && !over_) {
            if (stop_.seen()) {
                result_.stopped = over_ = true;
                return;
            }
            const auto done = ::syscall(SYS_process_madvise, pidfd_.get(), left.data(), left.size(),
                                        batch.advice, 0);
            if (done > 0)
                left = take(left, static_cast<std::uint64_t>(done), batch.advice);
            else if (done == 0 || !is_about_process(errno)) {
                ++result_.skipped;
                left = left.subspan(1);
            } else if (errno != EINTR) {
                tell(errno);
                over_ = true;
            }
        }
        if (batch.advice == MADV_PAGEOUT)
            count_moved();
    }

    /// What remains of a vector of which the first `done` bytes are done.
    std::span<const iovec> take(std::span<const iovec> ranges, std::uint64_t done,
                                int advice) noexcept {
        if (advice == MADV_COLD)
            result_.marked = result_.marked + Bytes{done};
        while (!ranges.empty() && done >= ranges.front().iov_len) {
            done -= ranges.front().iov_len;
            ranges = ranges.subspan(1);
        }
        return done == 0 ? ranges : ranges.subspan(1); // Ranges are done whole or not at all.
    }

    /// The kernel does not say what it took. What it takes is not resident any more; who takes
    /// memory back meanwhile is not idle, and counts as if nothing had been taken.
    void count_moved() noexcept {
        const Bytes now = read_resident_memory(proc_, pid_);
        result_.moved = result_.moved + (resident_ - now);
        resident_ = now;
        over_ = over_ || is_spent(order_, result_);
        pageout_.width = next_step();
    }

    std::uint64_t next_step() const noexcept {
        const Bytes left = order_.budget - result_.moved;
        return std::clamp(left, smallest_step, order_.freeze ? standing_step : cooling_step).value;
    }

    /// Others say something of a range: EINVAL of one that is locked or of huge pages, ENOMEM of
    /// one that is not there any more.
    static bool is_about_process(int error) noexcept {
        return error == EINTR || error == ESRCH || error == EPERM || error == EACCES ||
               error == ENOSYS || error == EBADF;
    }

    void tell(int error) noexcept {
        if (error == ESRCH || error == ENOENT)
            ++result_.gone;
        else if (error == EPERM || error == EACCES)
            ++result_.refused;
        else if (result_.error == 0)
            result_.error = error;
    }

    const Fd& proc_;
    pid_t pid_;
    const CoolingOrder& order_;
    const StopSign& stop_;
    CoolingResult& result_;
    HintScratch& scratch_;
    Fd pidfd_;
    Bytes resident_;
    bool over_ = false;
    Batch pageout_{.ranges = scratch_.pageout, .advice = MADV_PAGEOUT, .width = next_step()};
    Batch cold_{.ranges = scratch_.cold,
                .advice = MADV_COLD,
                .width = order_.freeze ? widest_standing_call : widest_call};
};

bool is_left_alone(const Walk::Step& step, HintScratch& scratch) noexcept {
    if (step.number >= HintScratch::most_cgroups)
        return true;
    const bool promised =
        scratch.promised[step.parent] || (step.number > 0 && is_promised_memory(*step.dir));
    scratch.promised[step.number] = promised;
    return promised;
}

/// The processes of the tree that have any memory and may be hinted about, largest first.
std::span<const HintScratch::Process> list(const Fd& proc, const Fd& dir, const StopSign& stop,
                                           HintScratch& scratch, CoolingResult& result) noexcept {
    std::size_t count = 0;
    if (const int error = scratch.walk.begin(dir); error != 0)
        result.error = error == ENOENT || error == ENODEV ? 0 : error;
    scratch.promised.reset();
    for (Walk::Step step = scratch.walk.next(); step.dir != nullptr && !result.stopped;
         step = scratch.walk.next()) {
        result.stopped = stop.seen();
        if (is_left_alone(step, scratch))
            continue;
        ProcsReader procs{*step.dir, scratch.text};
        for (pid_t pid = procs.next();
             pid != 0 && count < HintScratch::most_processes && !result.stopped;
             pid = procs.next()) {
            if (const Bytes memory = read_resident_memory(proc, pid); memory > Bytes{})
                scratch.processes[count++] = {.pid = pid, .memory = memory};
            result.stopped = stop.seen();
        }
    }
    scratch.walk.end();
    const std::span<HintScratch::Process> found{scratch.processes.data(), count};
    std::ranges::sort(found, std::greater{}, &HintScratch::Process::memory);
    return found;
}

CoolingResult hint_processes(const Fd& proc, const Fd& dir, const CoolingOrder& order,
                             const StopSign& stop, HintScratch& scratch, Bytes moved) noexcept {
    CoolingResult result{.moved = moved};
    for (const HintScratch::Process& process : list(proc, dir, stop, scratch, result)) {
        if (stop.seen())
            result.stopped = true;
        if (result.stopped || is_spent(order, result))
            return result;
        Hinting{proc, process.pid, order, stop, scratch, result}.run();
    }
    result.exhausted = !result.stopped && !is_spent(order, result);
    return result;
}

} // namespace

CoolingResult hint_cgroup(const Fd& proc, const Fd& dir, const CoolingOrder& order,
                          const StopSign& stop, HintScratch& scratch, Thawer& thawer) noexcept {
    Bytes moved;
    if (order.advice != Advice::Cold)
        moved = free_paged_out(dir, order, stop, scratch.text, scratch.walk); // of the round before
    if (!order.freeze)
        return hint_processes(proc, dir, order, stop, scratch, moved);
    const TimePoint until = std::chrono::steady_clock::now() + longest_hinting;
    const Standstill still{dir, thawer};
    return hint_processes(proc, dir, order, stop.before(until), scratch, moved);
}

} // namespace reapd
