// SPDX-License-Identifier: LGPL-2.1-or-later
#include "act/freezer.hpp"

#include "act/frozen.hpp"
#include "act/memory_lock.hpp"
#include "base/files.hpp"
#include "base/text.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

namespace reapd {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// Who is in the middle of a kernel call stops at its end. Longer than this nobody is waited for:
/// what moves still is paged out all the same.
constexpr auto longest_stop = 1s;
constexpr useconds_t between_looks = 2000; // microseconds

/// At a time, so that a cgroup that is thawed meanwhile is soon left alone.
constexpr std::uint64_t piece = 16UZ << 20;
/// The kernel says EAGAIN when it found less than it was asked for; in a row, when there is no
/// more to be had.
constexpr int most_failures = 3;

/// "max" and what cannot be read count as `otherwise`.
std::uint64_t read_bytes(const Fd& dir, const char* name, std::uint64_t otherwise) noexcept {
    std::array<char, 32> text{};
    const Result<std::string_view> read = read_at(dir, name, text);
    Reader in{read ? *read : std::string_view{}};
    const std::uint64_t bytes = in.number();
    return in.ok() ? bytes : otherwise;
}

/// What may be taken: not what its unit is promised.
std::uint64_t within_reach(const Fd& dir) noexcept {
    const std::uint64_t current = read_bytes(dir, "memory.current", 0);
    const std::uint64_t kept = std::max(read_bytes(dir, "memory.min", UINT64_MAX),
                                        read_bytes(dir, "memory.low", UINT64_MAX));
    return current > kept ? current - kept : 0;
}

Result<> reclaim(const Fd& dir, std::uint64_t bytes) noexcept {
    std::array<char, 24> text{};
    const char* const end = std::to_chars(text.data(), text.data() + text.size(), bytes).ptr;
    return write_at(dir, "memory.reclaim",
                    {text.data(), static_cast<std::size_t>(end - text.data())});
}

} // namespace

bool Freezer::idle() const noexcept { return started_ && !busy_.load(std::memory_order_acquire); }

bool Freezer::begin(int dir, std::string_view by) noexcept {
    if (!idle())
        return false;
    dir_ = Fd{::fcntl(dir, F_DUPFD_CLOEXEC, 0)};
    if (!dir_)
        return false;
    by_length_ = std::min(by.size(), by_.size());
    std::ranges::copy(by.substr(0, by_length_), by_.begin());
    still_.store(false, std::memory_order_relaxed);
    error_.store(0, std::memory_order_relaxed);
    left_.store(false, std::memory_order_relaxed);
    busy_.store(true, std::memory_order_release);
    posted_.fetch_add(1, std::memory_order_release);
    futex_wake_all(posted_);
    return true;
}

FreezeProgress Freezer::progress() const noexcept {
    const bool out = !busy_.load(std::memory_order_acquire);
    return {.still = still_.load(std::memory_order_acquire),
            .out = out,
            .error = error_.load(std::memory_order_relaxed)};
}

bool Freezer::given_up() const noexcept {
    return left_.load(std::memory_order_relaxed) || stopping_.load(std::memory_order_relaxed);
}

void* Freezer::run(void* self) noexcept {
    prefault_stack();
    auto& freezer = *static_cast<Freezer*>(self);
    (void)::setpriority(PRIO_PROCESS, 0, freezer.nice_); // Without the privilege it is slower.
    freezer.serve();
    return nullptr;
}

void Freezer::serve() noexcept {
    while (!stopping_.load(std::memory_order_acquire)) {
        const std::uint32_t seen = posted_.load(std::memory_order_acquire);
        if (!busy_.load(std::memory_order_acquire)) {
            futex_wait(posted_, seen);
            continue;
        }
        work();
        dir_ = Fd{};
        busy_.store(false, std::memory_order_release);
    }
}

void Freezer::work() noexcept {
    if (given_up())
        return;
    if (const Result<> frozen = freeze(dir_, Stay::WhileWatched, {by_.data(), by_length_});
        !frozen) {
        error_.store(frozen.error().code, std::memory_order_relaxed);
        return;
    }
    const auto deadline = Clock::now() + longest_stop;
    bool still = stands_still(dir_);
    while (!still && !given_up() && Clock::now() < deadline) {
        ::usleep(between_looks);
        still = stands_still(dir_);
    }
    still_.store(still, std::memory_order_release);
    page_out();
    // It was thawed while the kernel held this up: nobody remembers it any more.
    if (left_.load(std::memory_order_relaxed))
        (void)thaw_left_behind(dir_);
}

void Freezer::page_out() noexcept {
    std::uint64_t left = within_reach(dir_);
    // Beyond this the kernel only says that it does something.
    std::uint64_t may_ask = 2 * left;
    for (int failures = 0; left > 0 && failures < most_failures && !given_up();) {
        const std::uint64_t now = std::min(left, piece);
        if (may_ask < now)
            return;
        may_ask -= now;
        const Result<> done = reclaim(dir_, now);
        if (!done && done.error().code != EAGAIN)
            return; // No memory.reclaim before Linux 5.19; or the cgroup is gone.
        failures = done ? 0 : failures + 1;
        left -= now;
        if (left == 0 || !done)
            left = within_reach(dir_);
    }
}

} // namespace reapd
