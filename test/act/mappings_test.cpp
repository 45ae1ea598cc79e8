// SPDX-License-Identifier: LGPL-2.1-or-later
#include "act/mappings.hpp"

#include "catch.hpp"
#include "sense/fake_files.hpp"

#include <array>
#include <string>
#include <vector>

using namespace reapd;

namespace {

MappingKind kind_of(const std::string& line) {
    const Result<Mapping> mapping = parse_mapping(line);
    REQUIRE(mapping);
    return mapping->kind;
}

/// What is read of a process 7 that has these mappings.
struct Read {
    std::vector<Mapping> mappings{};
    int error = 0;
};
Read read_through(const std::string& text, std::size_t buffer_size) {
    const FakeFiles proc{{{"7/maps", text}}};
    const Fd dir = proc.open();
    std::vector<char> buffer(buffer_size);
    MappingsReader reader{dir, 7, buffer};
    Read read;
    while (const auto mapping = reader.next())
        read.mappings.push_back(*mapping);
    read.error = reader.error();
    return read;
}

} // namespace

TEST_CASE("a mapping is a process's own memory, its own view of a file, or neither") {
    CHECK(*parse_mapping("7f3c00000000-7f3c00021000 rw-p 00000000 00:00 0 ") ==
          Mapping{0x7f3c00000000, 0x7f3c00021000, MappingKind::Anonymous});
    CHECK(*parse_mapping("ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0      "
                         "            [vsyscall]") ==
          Mapping{0xffffffffff600000, 0xffffffffff601000, MappingKind::Other});
    CHECK(kind_of("55d0-55f1 rw-p 00000000 00:00 0   [heap]") == MappingKind::Anonymous);
    CHECK(kind_of("55d0-55f1 rw-p 00000000 00:00 0   [stack]") == MappingKind::Anonymous);
    CHECK(kind_of("55d0-55f1 rw-p 00000000 00:00 0   [anon:glibc: malloc]") ==
          MappingKind::Anonymous);
    CHECK(kind_of("55d0-55f1 r-xp 00001000 fd:00 1234   /usr/bin/a b") == MappingKind::File);
    CHECK(kind_of("55d0-55f1 r--p 00000000 00:1b 1234   /tmp/gone (deleted)") == MappingKind::File);
    CHECK(kind_of("55d0-55f1 r--p 00000000 00:00 0   [vvar]") == MappingKind::Other);
    CHECK(kind_of("55d0-55f1 r-xp 00000000 00:00 0   [vdso]") == MappingKind::Other);
    CHECK(kind_of("55d0-55f1 rw-s 00000000 00:01 99   /dev/shm/x") == MappingKind::Other);
    CHECK(kind_of("55d0-55f1 ---p 00000000 00:00 0 ") == MappingKind::Other);
}

TEST_CASE("what is no mapping is refused, wherever it is cut") {
    const std::string good = "55d0-55f1 rw-p 00000000 00:00 0 ";
    for (std::size_t length = 0; length < good.find(" 0 ") + 1; ++length) {
        CAPTURE(length);
        CHECK_FALSE(parse_mapping(good.substr(0, length)));
    }
    CHECK_FALSE(parse_mapping("55f1-55d0 rw-p 00000000 00:00 0 "));
    CHECK_FALSE(parse_mapping("1ffffffffffffffff-2ffffffffffffffff rw-p 0 00:00 0"));
    CHECK_FALSE(parse_mapping("55d0-55f1 rw 00000000 00:00 0 "));
}

TEST_CASE("mappings are read in pieces that end anywhere") {
    std::string text;
    std::vector<Mapping> wanted;
    for (std::uint64_t i = 1; i <= 200; ++i) {
        std::array<char, 64> line{};
        (void)std::snprintf(line.data(), line.size(), "%lx000-%lx800 rw-p 00000000 00:00 0 \n",
                            static_cast<unsigned long>(i), static_cast<unsigned long>(i));
        text += line.data();
        wanted.push_back({i << 12, (i << 12) + 0x800, MappingKind::Anonymous});
    }
    for (const std::size_t size : {64UZ, 100UZ, 4096UZ, 65536UZ}) {
        CAPTURE(size);
        const Read read = read_through(text, size);
        CHECK(read.mappings == wanted);
        CHECK(read.error == 0);
    }
}

TEST_CASE("a process that is gone, a line too long and another format are told apart") {
    const FakeFiles proc{{{"7/maps", ""}}};
    const Fd dir = proc.open();
    std::array<char, 64> buffer{};
    CHECK(MappingsReader{dir, 8, buffer}.error() == ENOENT);
    MappingsReader empty{dir, 7, buffer};
    CHECK_FALSE(empty.next());
    CHECK(empty.error() == 0);
    CHECK(read_through("55d0-55f1 rw-p 00000000 00:00 0 /" + std::string(100, 'x') + '\n', 64)
              .error == EBADMSG);
    const Read other = read_through("55d0-55f1 rw-p 0 00:00 0 \nhello\n", 64);
    CHECK(other.mappings.size() == 1);
    CHECK(other.error == EBADMSG);
}
