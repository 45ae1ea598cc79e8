// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Finding and reading settings files as systemd does: /etc before /run before /usr/local/lib
/// before /usr/lib, drop-ins by file name, a link to /dev/null for "not this one". Knows nothing of
/// what is in them, and never waits: a FIFO or a terminal in place of a file is refused.

#include "settings/diagnostic.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reapd {

struct SettingsFile {
    std::string path{};
    std::string text{};
    bool operator==(const SettingsFile&) const = default;
};

/// The file that counts among those of one name.
struct FoundFile {
    std::string name{};
    std::string path{};
    bool masked = false; ///< it leads to /dev/null
    bool operator==(const FoundFile&) const = default;
};

/// The files in `folder` ("reapd/rules.d") of all search directories below `root` whose names end
/// in `suffix`, in the order of their names. Hidden files are no settings.
std::vector<FoundFile> list_files(const std::string& root, std::string_view folder,
                                  std::string_view suffix, std::vector<Diagnostic>& diagnostics);

/// The files in the directory `path` alone, otherwise as list_files(). One that is not there has
/// none.
std::vector<FoundFile> list_directory(const std::string& path, std::string_view suffix,
                                      std::vector<Diagnostic>& diagnostics);

/// The file at `path`, which need not exist.
FoundFile file_at(const std::string& path);

/// The file `name` ("reapd/reapd.conf") of the first search directory that has it.
std::optional<FoundFile> find_file(const std::string& root, std::string_view name);

/// All of `file`, or a diagnostic that says why not; neither if it is not there any more.
std::optional<SettingsFile> read_file(const FoundFile& file, std::vector<Diagnostic>& diagnostics);

/// Those of `found` that are neither masked nor unreadable.
std::vector<SettingsFile> read_files(const std::vector<FoundFile>& found,
                                     std::vector<Diagnostic>& diagnostics);

/// The drop-ins in `folder` ("reapd/reapd.conf.d"), without masked and unreadable ones.
std::vector<SettingsFile> read_drop_ins(const std::string& root, std::string_view folder,
                                        std::vector<Diagnostic>& diagnostics);

} // namespace reapd
