// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings/setters.hpp"

#include <algorithm>
#include <iterator>

namespace reapd {

std::string add_globs(std::vector<std::string>& list, std::string_view text, Root root) {
    std::string complaint;
    if (text.empty())
        list.clear();
    for (const std::string_view word : split_words(text)) {
        Parsed<std::string> glob = parse_glob(word);
        if (glob && *glob == "/" && root == Root::Refused)
            glob = expected_instead(word, "cgroups below the root; this would mean every one");
        if (!glob)
            complaint = complaint.empty() ? std::move(glob.error()) : complaint;
        else if (std::ranges::find(list, *glob) == list.end())
            list.push_back(std::move(*glob));
    }
    return complaint;
}

std::string add_cpus(std::vector<std::uint16_t>& list, std::string_view text) {
    Parsed<std::vector<std::uint16_t>> more = parse_cpus(text);
    if (!more)
        return std::move(more.error());
    if (text.empty())
        list.clear();
    std::vector<std::uint16_t> both;
    std::ranges::set_union(list, *more, std::back_inserter(both));
    list = std::move(both);
    return {};
}

std::string add_users(std::vector<std::uint32_t>& list, std::string_view text) {
    std::string complaint;
    if (text.empty())
        list.clear();
    for (const std::string_view word : split_words(text)) {
        Parsed<std::uint32_t> uid = parse_user(word);
        if (!uid)
            complaint = complaint.empty() ? std::move(uid.error()) : complaint;
        else if (std::ranges::find(list, *uid) == list.end())
            list.push_back(*uid);
    }
    return complaint;
}

} // namespace reapd
