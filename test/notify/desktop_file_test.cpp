// SPDX-License-Identifier: LGPL-2.1-or-later
#include "notify/desktop_file.hpp"

#include "catch.hpp"
#include "tree.hpp"

using namespace reapd;

namespace {

constexpr const char* files_app = R"([Desktop Entry]
# Name=Comment
Name=Files
Name[de]=Dateien
Name[pt_BR]= Arquivos 
Name[pt]=Ficheiros
GenericName=Manager
NameX=Other
[Desktop Action new-window]
Name=New Window
)";

} // namespace

TEST_CASE("the name fits the language as well as the file can") {
    CHECK(name_in(files_app, "C") == "Files");
    CHECK(name_in(files_app, "") == "Files");
    CHECK(name_in(files_app, "fr_FR.UTF-8") == "Files");
    CHECK(name_in(files_app, "de_AT.UTF-8") == "Dateien");
    CHECK(name_in(files_app, "de@euro") == "Dateien");
    CHECK(name_in(files_app, "pt_BR.UTF-8") == "Arquivos");
    CHECK(name_in(files_app, "pt_PT") == "Ficheiros");
}

TEST_CASE("a file without a name gives none, wherever it ends") {
    CHECK_FALSE(name_in("", "C"));
    CHECK_FALSE(name_in("[Desktop Entry]\nExec=x\n", "C"));
    CHECK_FALSE(name_in("Name=Outside\n", "C"));
    CHECK_FALSE(name_in("[Desktop Entry]\nName=\n", "C"));
    CHECK_FALSE(name_in("[Other]\nName=Other\n[Desktop Action x]\nName=Y\n", "C"));
    CHECK(name_in("[Desktop Entry]\r\nName = A\r\n", "C") == "A");
    const std::string_view whole = files_app;
    for (std::size_t end = 0; end <= whole.size(); ++end)
        (void)name_in(whole.substr(0, end), "de");
}

TEST_CASE("the user's own folder counts before those of the system") {
    using Folders = std::vector<std::string>;
    CHECK(data_folders("/home/a", "", "") ==
          Folders{"/home/a/.local/share", "/usr/local/share", "/usr/share"});
    CHECK(data_folders("/home/a", "/data", "/x::/y:") == Folders{"/data", "/x", "/y"});
    CHECK(data_folders("", "", "/x") == Folders{"/x"});
}

TEST_CASE("an application is found by its id, in the first folder that has it") {
    const Tree tree{{"own/applications/a.desktop", "[Desktop Entry]\nName=Mine\n"},
                    {"usr/applications/a.desktop", "[Desktop Entry]\nName=Theirs\n"},
                    {"usr/applications/b.desktop", "[Desktop Entry]\nName=B\n"},
                    {"usr/secret.desktop", "[Desktop Entry]\nName=Secret\n"}};
    const std::vector<std::string> folders{tree / "own", tree / "usr"};
    CHECK(application_name("a", folders, "C") == "Mine");
    CHECK(application_name("b", folders, "C") == "B");
    CHECK_FALSE(application_name("c", folders, "C"));
    CHECK_FALSE(application_name("", folders, "C"));
    CHECK_FALSE(application_name("../secret", folders, "C"));
}
