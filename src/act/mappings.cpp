// SPDX-License-Identifier: LGPL-2.1-or-later
#include "act/mappings.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace reapd {
namespace {

/// Takes a hexadecimal number and the character behind it from the left.
bool take_address(std::string_view& text, char behind, std::uint64_t& value) noexcept {
    const char* const begin = text.data();
    const auto [after, error] = std::from_chars(begin, begin + text.size(), value, 16);
    if (error != std::errc{})
        return false;
    text.remove_prefix(static_cast<std::size_t>(after - begin));
    if (!text.starts_with(behind))
        return false;
    text.remove_prefix(1);
    return true;
}

/// Takes one word and the spaces behind it.
std::string_view take_word(std::string_view& text) noexcept {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size());
    while (text.starts_with(' '))
        text.remove_prefix(1);
    return word;
}

/// Names in brackets are the kernel's: [heap] and [stack] are ordinary memory, [anon:...] was named
/// by its owner, and [vdso], [vvar] or [uprobes] are no memory of the process.
bool is_ordinary(std::string_view name) noexcept {
    return name.empty() || name == "[heap]" || name == "[stack]" || name.starts_with("[anon:");
}

Fd open_maps(const Fd& proc, pid_t pid) noexcept {
    std::array<char, 24> path{};
    char* const end = std::to_chars(path.data(), path.data() + 12, pid).ptr;
    std::memcpy(end, "/maps", sizeof "/maps");
    return Fd{::openat(proc.get(), path.data(), O_RDONLY | O_CLOEXEC)};
}

} // namespace

Result<Mapping> parse_mapping(std::string_view line) noexcept {
    Mapping mapping;
    if (!take_address(line, '-', mapping.begin) || !take_address(line, ' ', mapping.end) ||
        mapping.begin >= mapping.end)
        return failed("parse_mapping", EBADMSG);
    const std::string_view access = take_word(line);
    (void)take_word(line); // offset
    (void)take_word(line); // device
    const std::string_view inode = take_word(line);
    if (access.size() != 4 || inode.empty())
        return failed("parse_mapping", EBADMSG);
    if (access.back() != 'p' || access.starts_with("---"))
        return mapping;
    if (inode != "0")
        mapping.kind = MappingKind::File;
    else if (is_ordinary(line))
        mapping.kind = MappingKind::Anonymous;
    return mapping;
}

MappingsReader::MappingsReader(const Fd& proc, pid_t pid, std::span<char> buffer) noexcept
    : file_{open_maps(proc, pid)}, buffer_{buffer}, error_{file_ ? 0 : errno} {}

/// Keeps the beginning of a line whose end has not been read.
bool MappingsReader::refill() noexcept {
    if (error_ != 0 || ended_)
        return false;
    std::memmove(buffer_.data(), rest_.data(), rest_.size());
    const std::span<char> room = buffer_.subspan(rest_.size());
    const ssize_t n = room.empty() ? -1 : ::read(file_.get(), room.data(), room.size());
    if (n < 0)
        error_ = room.empty() ? EBADMSG : errno;
    ended_ = n <= 0;
    rest_ = {buffer_.data(), rest_.size() + static_cast<std::size_t>(n < 0 ? 0 : n)};
    return n > 0;
}

std::optional<Mapping> MappingsReader::next() noexcept {
    std::size_t end = rest_.find('\n');
    while (end == std::string_view::npos) {
        if (!refill())
            return std::nullopt;
        end = rest_.find('\n');
    }
    const Result<Mapping> mapping = parse_mapping(rest_.substr(0, end));
    rest_.remove_prefix(end + 1);
    if (!mapping) {
        error_ = mapping.error().code;
        rest_ = {};
        return std::nullopt;
    }
    return *mapping;
}

} // namespace reapd
