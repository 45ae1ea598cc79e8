// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Colours, where they are wanted.

#include <string>
#include <string_view>

namespace reapd {

enum class Colour { Red, Green, Yellow, Bold, Faint };

/// What decides about colours; a variable that is not set is nullptr.
struct ColourWish {
    bool terminal = false;
    const char* systemd_colors = nullptr;
    const char* no_color = nullptr;
    const char* term = nullptr;
};

/// SYSTEMD_COLORS= decides first, as in systemd's own tools; then NO_COLOR=, TERM=dumb, and
/// whether there is a terminal at all.
bool wants_colour(const ColourWish& wish);

class Paint {
public:
    explicit Paint(bool on) noexcept : on_{on} {}
    std::string operator()(Colour colour, std::string_view text) const;

private:
    bool on_;
};

} // namespace reapd
