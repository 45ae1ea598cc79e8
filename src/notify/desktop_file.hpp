// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The name of an application in its desktop file.
/// Source: Desktop Entry Specification, "Basic format of the file" and "Localized values for keys"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reapd {

/// The value of Name= that fits `locale` ("de_AT.UTF-8", "C") best. Nothing when there is none.
std::optional<std::string> name_in(std::string_view desktop_file, std::string_view locale);

/// The folders with "applications" in them, in the order in which they count, from the values of
/// HOME, XDG_DATA_HOME and XDG_DATA_DIRS; empty where these are not set.
std::vector<std::string> data_folders(const std::string& home, const std::string& data_home,
                                      const std::string& data_dirs);

/// What the desktop file of `id` in the first of `folders` that has one calls it.
std::optional<std::string> application_name(const std::string& id,
                                            const std::vector<std::string>& folders,
                                            std::string_view locale);

} // namespace reapd
