// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// A folder from a literal, for what reads files relative to an open directory and does not
/// notice that it is not the kernel's.

#include "base/fd.hpp"
#include "catch.hpp"

#include <fcntl.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace reapd {

class FakeFiles {
public:
    explicit FakeFiles(const std::vector<std::pair<std::string, std::string>>& files) {
        std::string name = std::filesystem::temp_directory_path() / "reapd-test-XXXXXX";
        REQUIRE(::mkdtemp(name.data()));
        root_ = name;
        for (const auto& [path, text] : files)
            write(path, text);
    }
    FakeFiles(const FakeFiles&) = delete;
    FakeFiles& operator=(const FakeFiles&) = delete;
    ~FakeFiles() {
        std::error_code ignored; // nothing depends on what is left in a temporary folder
        std::filesystem::remove_all(root_, ignored);
    }

    void write(const std::string& path, const std::string& text) const {
        std::filesystem::create_directories((root_ / path).parent_path());
        std::ofstream{root_ / path} << text;
    }
    void remove(const std::string& path) const { std::filesystem::remove_all(root_ / path); }

    Fd open(const std::string& path = ".") const {
        return Fd{::open((root_ / path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    }

private:
    std::filesystem::path root_{};
};

} // namespace reapd
