// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// A directory tree from literals, gone at the end of the test.

#include "catch.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <string>
#include <string_view>

namespace reapd {

/// What one name in a Tree is. Directories above it come into being with it.
struct TreeEntry {
    std::string name{};
    std::string content{};
    enum class Kind {
        File,
        Link,
        Directory
    } kind = Kind::File; ///< of a link, content is the target
};

inline TreeEntry link_to(std::string name, std::string target) {
    return {std::move(name), std::move(target), TreeEntry::Kind::Link};
}

inline TreeEntry directory(std::string name) {
    return {std::move(name), {}, TreeEntry::Kind::Directory};
}

class Tree {
public:
    Tree(std::initializer_list<TreeEntry> entries = {}) {
        std::string name = (std::filesystem::temp_directory_path() / "reapd-test-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        root_ = name;
        for (const TreeEntry& entry : entries)
            add(entry);
    }
    Tree(const Tree&) = delete;
    Tree& operator=(const Tree&) = delete;
    ~Tree() {
        std::error_code ignored; // a test may have removed it
        std::filesystem::remove_all(root_, ignored);
    }

    void add(const TreeEntry& entry) const {
        const std::filesystem::path path = root_ / entry.name;
        std::filesystem::create_directories(path.parent_path());
        if (entry.kind == TreeEntry::Kind::Directory)
            std::filesystem::create_directories(path);
        else if (entry.kind == TreeEntry::Kind::Link)
            std::filesystem::create_symlink(entry.content, path);
        else
            std::ofstream{path, std::ios::binary} << entry.content;
    }

    std::string root() const { return root_.string(); }
    std::string operator/(std::string_view name) const { return (root_ / name).string(); }

private:
    std::filesystem::path root_{};
};

} // namespace reapd
