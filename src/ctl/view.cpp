// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/view.hpp"

#include "base/escape.hpp"

namespace reapd {

using nlohmann::json;

std::string printable(const json& value) {
    const auto* const text = value.get_ptr<const std::string*>();
    // Escaped by the daemon already, and then unchanged by this.
    return text ? escape(unescape(*text)) : std::string{};
}

const json& member_of(const json& object, const char* key) {
    static const json nothing{};
    if (!object.is_object())
        return nothing;
    const auto found = object.find(key);
    return found == object.end() ? nothing : *found;
}

std::string text_of(const json& object, const char* key) {
    return printable(member_of(object, key));
}

std::optional<std::uint64_t> number_of(const json& object, const char* key) {
    const json& value = member_of(object, key);
    if (!value.is_number_unsigned())
        return {};
    return value.get<std::uint64_t>();
}

bool flag_of(const json& object, const char* key) {
    const json& value = member_of(object, key);
    return value.is_boolean() && value.get<bool>();
}

std::string joined(const json& object, const char* key, const char* separator) {
    std::string all;
    const json& list = member_of(object, key);
    if (!list.is_array())
        return all;
    for (const json& item : list) {
        if (!all.empty())
            all += separator;
        all += printable(item);
    }
    return all;
}

} // namespace reapd
