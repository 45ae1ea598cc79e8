// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings/config_files.hpp"

#include "base/fd.hpp"
#include "settings/ini.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <memory>

namespace reapd {
namespace {

constexpr std::array<std::string_view, 4> search_directories{"/etc", "/run", "/usr/local/lib",
                                                             "/usr/lib"};

struct CloseDirectory {
    void operator()(DIR* directory) const noexcept { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

std::string unreadable(std::string_view what, int code) {
    const char* const text = ::strerrordesc_np(code);
    const std::string why = text != nullptr ? text : fmt::format("error {}", code);
    return fmt::format("found no readable {} ({}), expected one", what, why);
}

bool exists(const std::string& path) noexcept {
    struct stat status{};
    return ::lstat(path.c_str(), &status) == 0;
}

bool is_null_device(const std::string& path) noexcept {
    struct stat status{};
    // 1:3 is /dev/null in every Linux (Documentation/admin-guide/devices.txt).
    return ::stat(path.c_str(), &status) == 0 && S_ISCHR(status.st_mode) &&
           status.st_rdev == makedev(1, 3);
}

std::string_view kind_of(mode_t mode) noexcept {
    switch (mode & S_IFMT) {
    case S_IFDIR:
        return "a directory";
    case S_IFIFO:
        return "a FIFO";
    case S_IFSOCK:
        return "a socket";
    default:
        return "a device";
    }
}

/// Up to one byte more than a settings file may have: the parser then sees that it is too large.
std::optional<std::string> read_all(const Fd& file) {
    std::string text;
    std::array<char, 16384> buffer;
    while (text.size() <= max_settings_file) {
        const ssize_t n = ::read(file.get(), buffer.data(), buffer.size());
        if (n < 0)
            return std::nullopt;
        if (n == 0)
            break;
        text.append(buffer.data(), static_cast<std::size_t>(n));
    }
    return text;
}

/// Names in one directory that end in `suffix`; those already in `found` win.
void add_directory(const std::string& path, std::string_view suffix,
                   std::map<std::string, FoundFile>& found, std::vector<Diagnostic>& diagnostics) {
    const Directory directory{::opendir(path.c_str())};
    if (!directory) {
        const int code = errno;
        if (code != ENOENT && !is_null_device(path))
            diagnostics.push_back({.file = path, .text = unreadable("directory", code)});
        return;
    }
    while (true) {
        errno = 0;
        const dirent* const entry = ::readdir(directory.get());
        if (entry == nullptr)
            break;
        const std::string name{entry->d_name};
        if (name.starts_with('.') || !name.ends_with(suffix) || found.contains(name))
            continue;
        const std::string file = fmt::format("{}/{}", path, name);
        found[name] = {.name = name, .path = file, .masked = is_null_device(file)};
    }
    if (errno != 0)
        diagnostics.push_back({.file = path, .text = unreadable("directory", errno)});
}

std::vector<FoundFile> in_order(std::map<std::string, FoundFile>&& found) {
    std::vector<FoundFile> files;
    files.reserve(found.size());
    for (auto& [name, file] : found)
        files.push_back(std::move(file));
    return files;
}

} // namespace

std::vector<FoundFile> list_files(const std::string& root, std::string_view folder,
                                  std::string_view suffix, std::vector<Diagnostic>& diagnostics) {
    std::map<std::string, FoundFile> found;
    for (const std::string_view directory : search_directories)
        add_directory(fmt::format("{}{}/{}", root, directory, folder), suffix, found, diagnostics);
    return in_order(std::move(found));
}

std::vector<FoundFile> list_directory(const std::string& path, std::string_view suffix,
                                      std::vector<Diagnostic>& diagnostics) {
    std::map<std::string, FoundFile> found;
    add_directory(path, suffix, found, diagnostics);
    return in_order(std::move(found));
}

FoundFile file_at(const std::string& path) {
    return {.name = path.substr(path.rfind('/') + 1), .path = path, .masked = is_null_device(path)};
}

std::optional<FoundFile> find_file(const std::string& root, std::string_view name) {
    for (const std::string_view directory : search_directories) {
        std::string path = fmt::format("{}{}/{}", root, directory, name);
        if (exists(path)) {
            const bool masked = is_null_device(path);
            return FoundFile{std::string{name}, std::move(path), masked};
        }
    }
    return std::nullopt;
}

std::optional<SettingsFile> read_file(const FoundFile& file, std::vector<Diagnostic>& diagnostics) {
    const auto refuse = [&](std::string text) {
        diagnostics.push_back({.file = file.path, .text = std::move(text)});
        return std::nullopt;
    };
    // Not blocking: opening a FIFO would wait for a writer for ever.
    const Fd opened{::open(file.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
    const int code = errno;
    if (!opened && !exists(file.path))
        return std::nullopt; // removed since it was listed
    if (!opened)
        return refuse(unreadable("file", code));
    struct stat status{};
    if (::fstat(opened.get(), &status) < 0)
        return refuse(unreadable("file", errno));
    if (!S_ISREG(status.st_mode))
        return refuse(fmt::format("found {}, expected a file", kind_of(status.st_mode)));
    std::optional<std::string> text = read_all(opened);
    if (!text)
        return refuse(unreadable("file", errno));
    return SettingsFile{.path = file.path, .text = std::move(*text)};
}

std::vector<SettingsFile> read_files(const std::vector<FoundFile>& found,
                                     std::vector<Diagnostic>& diagnostics) {
    std::vector<SettingsFile> files;
    for (const FoundFile& one : found) {
        if (one.masked)
            continue;
        if (std::optional<SettingsFile> file = read_file(one, diagnostics))
            files.push_back(std::move(*file));
    }
    return files;
}

std::vector<SettingsFile> read_drop_ins(const std::string& root, std::string_view folder,
                                        std::vector<Diagnostic>& diagnostics) {
    return read_files(list_files(root, folder, ".conf", diagnostics), diagnostics);
}

} // namespace reapd
