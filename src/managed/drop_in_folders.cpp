// SPDX-License-Identifier: LGPL-2.1-or-later
#include "managed/drop_in_folders.hpp"

#include "managed/unit_says.hpp"

#include <sys/inotify.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>

namespace reapd {
namespace {

namespace fs = std::filesystem;

struct Place {
    std::string_view parent;
    std::string_view folder;
};

constexpr std::array<Place, 3> places{{
    {"etc/systemd", "system.control"},
    {"run/systemd", "system.control"},
    {"run/systemd", "transient"},
}};

constexpr std::string_view suffix = ".d";

std::string join(std::string_view parent, std::string_view name) {
    std::string path{parent};
    if (!path.ends_with('/'))
        path += '/';
    return path += name;
}

} // namespace

void DropInFolders::watch() {
    if (!inotify_)
        inotify_ = Fd{::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
    if (!inotify_) {
        problem_ = Error{.call = "inotify_init1", .code = errno};
        return;
    }
    Touched ignored; // Whoever asks to watch reads all units after it.
    for (const Place& place : places) {
        const std::string parent = join(root_, place.parent);
        (void)add({.kind = Kind::Parent, .path = parent});
        add_folder(join(parent, place.folder), ignored);
    }
}

/// @return whether it is watched now; not if it does not exist, or not any more
bool DropInFolders::add(Watched watched) {
    std::uint32_t mask = IN_ONLYDIR | IN_CREATE | IN_MOVED_TO;
    if (watched.kind == Kind::Folder)
        mask |= IN_DELETE | IN_MOVED_FROM;
    // Files are written beside their place and moved there; what an editor does counts as well.
    if (watched.kind == Kind::Unit)
        mask = IN_ONLYDIR | IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE | IN_MOVED_FROM;
    const int id = ::inotify_add_watch(inotify_.get(), watched.path.c_str(), mask);
    if (id >= 0)
        watched_[id] = std::move(watched);
    else if (errno != ENOENT && errno != ENOTDIR && !problem_)
        problem_ = Error{.call = "inotify_add_watch", .code = errno};
    return id >= 0;
}

void DropInFolders::add_folder(const std::string& path, Touched& touched) {
    // The watch comes first: what is made after it is told, what was made before it is listed.
    if (!add({.kind = Kind::Folder, .path = path}))
        return;
    std::error_code error;
    for (fs::directory_iterator entry{path, error}; !error && entry != fs::directory_iterator{};
         entry.increment(error))
        add_unit(path, entry->path().filename().string(), touched);
}

void DropInFolders::add_unit(const std::string& folder, std::string_view name, Touched& touched) {
    if (!name.ends_with(suffix))
        return;
    const std::string unit{name.substr(0, name.size() - suffix.size())};
    if (!can_be_managed(unit))
        return;
    // Also when it is gone already: a file in it was deleted then. When it is new, its first file
    // is mostly there before the watch.
    (void)add({.kind = Kind::Unit, .path = join(folder, name), .unit = unit});
    touched.units.insert(unit);
}

DropInFolders::Touched DropInFolders::dispatch() {
    // A storm of transient units must not keep the loop from everything else.
    constexpr int most_reads = 16;
    Touched touched;
    for (int i = 0; i < most_reads; ++i) {
        std::array<char, 16384> buffer;
        const ssize_t n = ::read(inotify_.get(), buffer.data(), buffer.size());
        if (n <= 0)
            break;
        follow_all({buffer.data(), static_cast<std::size_t>(n)}, touched);
    }
    if (touched.unknown)
        watch();
    return touched;
}

void DropInFolders::follow_all(std::string_view events, Touched& touched) {
    while (events.size() >= sizeof(inotify_event)) {
        inotify_event event{};
        std::memcpy(&event, events.data(), sizeof(event));
        events.remove_prefix(sizeof(event));
        // The name is padded with NULs.
        const std::string_view padded = events.substr(0, event.len);
        events.remove_prefix(event.len);
        if (event.mask & IN_Q_OVERFLOW)
            touched.unknown = true;
        else
            follow(event.wd, event.mask, padded.substr(0, padded.find('\0')), touched);
    }
}

void DropInFolders::follow(int watch, std::uint32_t mask, std::string_view name, Touched& touched) {
    const auto found = watched_.find(watch);
    if (found == watched_.end())
        return;
    if (mask & IN_IGNORED) {
        watched_.erase(found);
        return;
    }
    const Watched at = found->second; // A copy: what is added below may move it.
    switch (at.kind) {
    case Kind::Parent:
        for (const Place& place : places)
            if (place.folder == name && at.path == join(root_, place.parent))
                add_folder(join(at.path, name), touched);
        break;
    case Kind::Folder:
        add_unit(at.path, name, touched);
        break;
    case Kind::Unit:
        touched.units.insert(at.unit);
        break;
    }
}

} // namespace reapd
