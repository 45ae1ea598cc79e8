// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Freezing a cgroup in such a way that it is known later who did it and for how long, whatever
/// becomes of reapd meanwhile: it is marked before.
///
/// The mark is user.reapd_frozen on the file cgroup.freeze and not on the directory: to write it
/// takes the right to write that file, so who could forge a mark or take it away could as well
/// freeze and thaw. The owner of a delegated cgroup has that right only where it is his to freeze.
/// (Of the namespaces that are root's alone, trusted.* and security.*, each takes CAP_SYS_ADMIN.)

#include "base/fd.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace reapd {

/// How long something is meant to be frozen.
enum class Stay : std::uint8_t {
    UntilThawed,  ///< by hand: a person thaws it
    WhileWatched, ///< by a rule: while there is a reapd that remembers when it is over
};

struct FrozenState {
    bool asked = false;         ///< cgroup.freeze is 1; what is above it says nothing here
    std::optional<Stay> mark{}; ///< nothing: not of ours
    bool operator==(const FrozenState&) const = default;
};

/// Errors: of openat(2), read(2).
Result<FrozenState> read_frozen(int dir) noexcept;

/// Whether no process in it runs any more.
bool stands_still(const Fd& dir) noexcept;

/// Marks the cgroup and freezes it; its processes stand still some time later. `by` is for people
/// who read the mark; what is longer than 200 bytes is cut. What stays until it is thawed is not
/// made to pass.
/// Errors: EALREADY: somebody else has frozen it, and it stays his. ECANCELED: it was thawed
///         between the mark and the freeze, and is not frozen. Else of openat(2), fsetxattr(2) and
///         write(2), and then it is not frozen.
Result<> freeze(const Fd& dir, Stay stay, std::string_view by) noexcept;

/// Thaws it, whoever froze it, and takes the mark away.
/// Errors: of openat(2) and write(2).
Result<> thaw(const Fd& dir) noexcept;

/// Thaws what reapd has left behind: what is marked and not meant to stay. Whether it was that.
bool thaw_left_behind(const Fd& dir) noexcept;

/// The cgroup.freeze of `dir`, for reading and writing.
Fd open_freeze_file(const Fd& dir) noexcept;

/// thaw_left_behind() for who cannot wait until the file is open, and is to find the mark again:
/// whoever marked it may freeze it only now.
void thaw_passing(const Fd& freeze_file) noexcept;

} // namespace reapd
