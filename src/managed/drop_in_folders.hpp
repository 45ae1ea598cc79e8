// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The folders into which the manager writes what `systemctl set-property` sets: UNIT.d below
/// system.control in /etc/systemd and /run/systemd, and below transient in /run/systemd. No signal
/// tells of it, so inotify does.

#include "base/fd.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace reapd {

class DropInFolders {
public:
    /// What has changed.
    struct Touched {
        std::set<std::string> units{};
        bool unknown = false; ///< something was missed: it may be any unit
    };

    /// `root`: where etc/ and run/ are.
    explicit DropInFolders(std::string root) : root_{std::move(root)} {}

    /// Begins to watch; again: looks for what was missed. Folders that do not exist are waited for.
    void watch();

    /// Becomes readable when there is something to tell; -1 without inotify.
    int inotify() const noexcept { return inotify_.get(); }

    /// Reads what inotify has to tell; a bounded part of it at a time.
    Touched dispatch();

    /// The first failure but that something does not exist: ENOSPC (fs.inotify.max_user_watches),
    /// EMFILE (fs.inotify.max_user_instances).
    const std::optional<Error>& problem() const noexcept { return problem_; }

private:
    enum class Kind : std::uint8_t {
        Parent, ///< of folders that may not exist yet
        Folder, ///< of UNIT.d
        Unit,   ///< UNIT.d itself
    };
    struct Watched {
        Kind kind = Kind::Parent;
        std::string path{};
        std::string unit{};
    };

    bool add(Watched watched);
    void add_folder(const std::string& path, Touched& touched);
    void add_unit(const std::string& folder, std::string_view name, Touched& touched);
    void follow_all(std::string_view events, Touched& touched);
    void follow(int watch, std::uint32_t mask, std::string_view name, Touched& touched);

    std::string root_;
    Fd inotify_{};
    std::map<int, Watched> watched_{};
    std::optional<Error> problem_{};
};

} // namespace reapd
