// SPDX-License-Identifier: LGPL-2.1-or-later
#include "left_frozen.hpp"

#include "act/frozen.hpp"
#include "sense/directory.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace reapd {
namespace {

/// One directory on the way down, with those in it that are still to be visited. Depth first and
/// without recursion: a tree may be as deep as its owner likes, and as wide.
struct Level {
    Fd dir{};
    std::vector<DirectoryEntry> left{};
    std::size_t path_length = 0;
};

} // namespace

std::vector<std::string> thaw_left_frozen(const Fd& hierarchy) {
    std::vector<std::string> thawed;
    std::string path;
    std::vector<Level> levels;
    alignas(std::uint64_t) std::array<char, 16384> buffer;
    const auto descend = [&](const char* name, int parent) {
        Result<OpenDirectory> opened = open_below(parent, name);
        if (!opened)
            return; // It is gone, or something else is mounted on it.
        if (thaw_left_behind(opened->dir))
            thawed.push_back(path);
        Result<std::vector<DirectoryEntry>> entries = list_directories(opened->dir.get(), buffer);
        levels.push_back({.dir = std::move(opened->dir),
                          .left = entries ? std::move(*entries) : std::vector<DirectoryEntry>{},
                          .path_length = path.size()});
    };
    descend(".", hierarchy.get());
    while (!levels.empty()) {
        Level& level = levels.back();
        if (level.left.empty()) {
            levels.pop_back();
            continue;
        }
        const std::string name = std::move(level.left.back().name);
        level.left.pop_back();
        path.resize(level.path_length);
        path += (path.empty() ? "" : "/") + name;
        descend(name.c_str(), level.dir.get());
    }
    return thawed;
}

} // namespace reapd
