// SPDX-License-Identifier: LGPL-2.1-or-later
#include "act/frozen.hpp"

#include "base/files.hpp"

#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace reapd {
namespace {

constexpr const char* freeze_file = "cgroup.freeze";
constexpr const char* mark_name = "user.reapd_frozen";

// The first word of the mark; after a blank it says who.
constexpr std::string_view stays = "stays";
constexpr std::string_view passes = "passes";
constexpr std::size_t longest_by = 200;

using MarkText = std::array<char, 256>;

Fd open_file(int dir, int access) noexcept {
    return Fd{::openat(dir, freeze_file, access | O_NOFOLLOW | O_CLOEXEC)};
}

/// What cannot be read as one of ours is not taken for one.
std::optional<Stay> read_mark(const Fd& file) noexcept {
    MarkText text;
    const ssize_t n = ::fgetxattr(file.get(), mark_name, text.data(), text.size());
    const std::string_view mark{text.data(), n < 0 ? 0 : static_cast<std::size_t>(n)};
    const std::string_view word = mark.substr(0, mark.find(' '));
    if (word == stays)
        return Stay::UntilThawed;
    if (word == passes)
        return Stay::WhileWatched;
    return std::nullopt;
}

Result<> set_mark(const Fd& file, Stay stay, std::string_view by, int flags = 0) noexcept {
    MarkText text;
    char* end = std::ranges::copy(stay == Stay::UntilThawed ? stays : passes, text.data()).out;
    *end++ = ' ';
    end = std::ranges::copy(by.substr(0, longest_by), end).out;
    const auto length = static_cast<std::size_t>(end - text.data());
    if (::fsetxattr(file.get(), mark_name, text.data(), length, flags) != 0)
        return failed("fsetxattr");
    return {};
}

/// ENODATA: there was none.
void remove_mark(const Fd& file) noexcept { (void)::fremovexattr(file.get(), mark_name); }

Result<FrozenState> read_state(const Fd& file) noexcept {
    char asked = '0';
    if (::pread(file.get(), &asked, 1, 0) != 1)
        return failed("read");
    return FrozenState{.asked = asked == '1', .mark = read_mark(file)};
}

Result<> write_state(const Fd& file, bool frozen) noexcept {
    if (::pwrite(file.get(), frozen ? "1" : "0", 1, 0) != 1)
        return failed("write");
    return {};
}

/// Thaws what is frozen for a while, and leaves it marked. Whether it was frozen; nothing: it is
/// not marked so, or cannot be thawed.
std::optional<bool> let_go_on(const Fd& file) noexcept {
    const Result<FrozenState> state = read_state(file);
    if (!state || state->mark != Stay::WhileWatched || !write_state(file, false))
        return std::nullopt;
    return state->asked;
}

} // namespace

Result<FrozenState> read_frozen(int dir) noexcept {
    const Fd file = open_file(dir, O_RDONLY);
    if (!file)
        return failed("openat");
    return read_state(file);
}

bool stands_still(const Fd& dir) noexcept {
    std::array<char, 256> text{};
    const Result<std::string_view> events = read_at(dir, "cgroup.events", text);
    return events && events->find("frozen 1") != std::string_view::npos;
}

Result<> freeze(const Fd& dir, Stay stay, std::string_view by) noexcept {
    const Fd file = open_file(dir.get(), O_RDWR);
    if (!file)
        return failed("openat");
    const Result<FrozenState> before = read_state(file);
    if (!before)
        return std::unexpected(before.error());
    const bool is_for_good = before->mark == Stay::UntilThawed && stay == Stay::WhileWatched;
    if (before->asked && (!before->mark || is_for_good))
        return failed("freeze", EALREADY);
    // Before it is frozen: should reapd be killed between the two, a mark alone does no harm.
    if (const Result<> marked = set_mark(file, stay, by); !marked)
        return marked;
    if (const Result<> frozen = write_state(file, true); !frozen) {
        remove_mark(file);
        return frozen;
    }
    // Whoever thawed it since it was marked was too early, and has taken the mark away. He is not
    // to have done so for nothing; and what is frozen without a mark nobody thaws.
    const Result<> marked_again = set_mark(file, stay, by, XATTR_CREATE);
    if (!marked_again && marked_again.error().code == EEXIST)
        return {};
    (void)write_state(file, false);
    remove_mark(file);
    return failed("freeze", ECANCELED);
}

Result<> thaw(const Fd& dir) noexcept {
    const Fd file = open_file(dir.get(), O_WRONLY);
    if (!file)
        return failed("openat");
    // The mark goes last: whoever comes after a reapd that was killed here thaws once more.
    const Result<> thawed = write_state(file, false);
    if (thawed)
        remove_mark(file);
    return thawed;
}

bool thaw_left_behind(const Fd& dir) noexcept {
    const Fd file = open_freeze_file(dir); // The root has none, and what is removed needs none.
    const std::optional<bool> was_frozen = file ? let_go_on(file) : std::nullopt;
    if (was_frozen)
        remove_mark(file);
    return was_frozen.value_or(false);
}

Fd open_freeze_file(const Fd& dir) noexcept { return open_file(dir.get(), O_RDWR); }

void thaw_passing(const Fd& file) noexcept { (void)let_go_on(file); }

} // namespace reapd
