// SPDX-License-Identifier: LGPL-2.1-or-later
#include "act/walk.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

namespace reapd {
namespace {

constexpr int directory_flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW;

/// The fixed part of what getdents64(2) writes; the name follows at offset 19, and may be longer
/// than the 256 bytes of the C library's struct.
struct Entry {
    std::uint64_t inode;
    std::int64_t offset;
    std::uint16_t length;
    std::uint8_t type;
};
constexpr std::size_t name_offset = 19;

} // namespace

int Walk::begin(const Fd& root) noexcept {
    end();
    // A descriptor of our own: a position shared with the caller would skip entries.
    waiting_[0] = {.dir = Fd{::openat(root.get(), ".", directory_flags)}, .parent = 0};
    if (!waiting_[0].dir)
        return errno;
    count_ = 1;
    return 0;
}

Walk::Step Walk::next() noexcept {
    if (count_ == 0) {
        current_ = Fd{};
        return {};
    }
    current_ = std::move(waiting_[first_].dir);
    const std::uint32_t parent = waiting_[first_].parent;
    first_ = (first_ + 1) % capacity;
    --count_;
    number_ = steps_++;
    queue_children();
    return {.dir = &current_, .number = number_, .parent = parent};
}

void Walk::queue_children() noexcept {
    for (;;) {
        const ssize_t n = ::getdents64(current_.get(), entries_.data(), entries_.size());
        if (n <= 0)
            return; // The end, or the cgroup vanished: its siblings still count.
        const auto end = static_cast<std::size_t>(n);
        for (std::size_t at = 0; at < end;) {
            Entry entry;
            std::memcpy(&entry, entries_.data() + at, name_offset);
            const char* const name = entries_.data() + at + name_offset;
            if (entry.type == DT_DIR && std::string_view{name} != "." &&
                std::string_view{name} != "..")
                queue_child(name);
            at += entry.length;
        }
    }
}

void Walk::queue_child(const char* name) noexcept {
    if (count_ == capacity) {
        complete_ = false;
        return;
    }
    Fd child{::openat(current_.get(), name, directory_flags)};
    if (!child) {
        complete_ = complete_ && errno == ENOENT;
        return;
    }
    waiting_[(first_ + count_) % capacity] = {.dir = std::move(child), .parent = number_};
    ++count_;
}

void Walk::end() noexcept {
    for (; count_ > 0; --count_) {
        waiting_[first_].dir = Fd{};
        first_ = (first_ + 1) % capacity;
    }
    first_ = 0;
    current_ = Fd{};
    number_ = steps_ = 0;
    complete_ = true;
}

} // namespace reapd
