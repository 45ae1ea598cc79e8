// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings/bounded_release.hpp"

#include "catch.hpp"

using namespace reapd;

namespace {

std::vector<std::string> notes(std::string text, std::optional<bool> offered) {
    std::vector<Diagnostic> diagnostics;
    note_bounded_release({.path = "a.rule", .text = std::move(text)}, offered, diagnostics);
    std::vector<std::string> said;
    for (const Diagnostic& diagnostic : diagnostics)
        said.push_back(to_text(diagnostic));
    return said;
}

} // namespace

TEST_CASE("Release=bounded is noted where it is known that the kernel cannot") {
    const std::string text = "[Rule]\nWatch=/\n[Action]\nRelease=bounded\n";
    CHECK(notes(text, false) == std::vector<std::string>{
                                    "a.rule:4: note: Release=bounded: this kernel's "
                                    "process_mrelease takes no bounds, so memory is taken back "
                                    "as with Release=yes"});
    CHECK(notes(text, true).empty());
    CHECK(notes(text, std::nullopt).empty());
    CHECK(notes("[Action]\nRelease=yes\nRelease=no\n[Rule]\nDescription=bounded\n", false).empty());
}
