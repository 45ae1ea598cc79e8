// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tell/dump_files.hpp"

#include "catch.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <vector>

using namespace reapd;

namespace {

struct stat status_of(const Fd& file) {
    struct stat status{};
    REQUIRE(::fstat(file.get(), &status) == 0);
    return status;
}

} // namespace

TEST_CASE("who asks again and again is given the same memory and a position of his own") {
    DumpFiles files;
    const Fd first = files.file_with("text");
    char byte = 0;
    REQUIRE(::read(first.get(), &byte, 1) == 1);
    const Fd second = files.file_with("text");
    const Fd third = files.file_with("another");
    CHECK(::lseek(second.get(), 0, SEEK_CUR) == 0);
    CHECK(status_of(second).st_ino == status_of(first).st_ino);
    CHECK(status_of(third).st_ino != status_of(first).st_ino);
}

TEST_CASE("nobody but reapd may write to a dump") {
    DumpFiles files;
    const Fd file = files.file_with("text");
    CHECK(::write(file.get(), "x", 1) < 0);
    CHECK((status_of(file).st_mode & 0777) == 0444); // Opened again, that is what counts.
}

TEST_CASE("of different dumps that are kept open only the newest few hold memory") {
    DumpFiles files;
    std::vector<Fd> readers;
    readers.reserve(3 * DumpFiles::kept);
    for (std::size_t i = 0; i < 3 * DumpFiles::kept; ++i)
        readers.push_back(files.file_with(std::to_string(i)));
    for (std::size_t i = 0; i < readers.size(); ++i) {
        const bool newest = i + DumpFiles::kept >= readers.size();
        CHECK((status_of(readers[i]).st_size > 0) == newest);
    }
}
