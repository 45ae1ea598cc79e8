// SPDX-License-Identifier: LGPL-2.1-or-later
#include "notify/desktop_file.hpp"

#include <algorithm>
#include <fstream>

namespace reapd {
namespace {

std::string_view trim(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos)
        return {};
    return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

std::string_view take_line(std::string_view& text) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return trim(line);
}

/// How well the language of a key, "" for none, fits: 0 not at all.
int fit(std::string_view language, std::string_view locale) {
    if (language.empty())
        return 1;
    const std::string_view wanted = locale.substr(0, locale.find_first_of(".@"));
    if (language == wanted)
        return 3;
    return language == wanted.substr(0, wanted.find('_')) ? 2 : 0;
}

/// The language of a key "Name" or "Name[de]"; nothing when it is another key.
std::optional<std::string_view> language_of(std::string_view key) {
    constexpr std::string_view name = "Name";
    if (!key.starts_with(name))
        return {};
    key.remove_prefix(name.size());
    if (key.empty())
        return key;
    if (!key.starts_with('[') || !key.ends_with(']'))
        return {};
    return key.substr(1, key.size() - 2);
}

} // namespace

std::optional<std::string> name_in(std::string_view desktop_file, std::string_view locale) {
    std::string_view best;
    int best_fit = 0;
    bool inside = false;
    while (!desktop_file.empty()) {
        const std::string_view line = take_line(desktop_file);
        if (line.starts_with('[')) {
            inside = line == "[Desktop Entry]";
            continue;
        }
        const std::size_t equals = line.find('=');
        if (!inside || equals == std::string_view::npos)
            continue;
        const auto language = language_of(trim(line.substr(0, equals)));
        if (!language || fit(*language, locale) <= best_fit)
            continue;
        best_fit = fit(*language, locale);
        best = trim(line.substr(equals + 1));
    }
    if (best.empty())
        return {};
    return std::string{best};
}

std::vector<std::string> data_folders(const std::string& home, const std::string& data_home,
                                      const std::string& data_dirs) {
    std::vector<std::string> folders;
    if (!data_home.empty())
        folders.push_back(data_home);
    else if (!home.empty())
        folders.push_back(home + "/.local/share");
    std::string_view rest = data_dirs;
    if (rest.empty())
        rest = "/usr/local/share:/usr/share";
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find(':'), rest.size());
        if (end > 0)
            folders.emplace_back(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return folders;
}

std::optional<std::string> application_name(const std::string& id,
                                            const std::vector<std::string>& folders,
                                            std::string_view locale) {
    // The id comes from the name of a cgroup, which anybody may choose.
    if (id.empty() || id.find('/') != std::string::npos)
        return {};
    for (const std::string& folder : folders) {
        std::ifstream file{folder + "/applications/" + id + ".desktop", std::ios::binary};
        if (!file)
            continue;
        constexpr std::size_t largest = 256 * 1024; // with every language there is
        std::string text(largest, '\0');
        file.read(text.data(), static_cast<std::streamsize>(text.size()));
        text.resize(static_cast<std::size_t>(file.gcount()));
        return name_in(text, locale);
    }
    return {};
}

} // namespace reapd
