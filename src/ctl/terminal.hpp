// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// A terminal drawn on as a whole, with the few sequences that every one since the VT100 knows and
/// that need no description of it: alternate screen, cursor home, clear to the end.

#include "base/fd.hpp"
#include "base/result.hpp"
#include "base/units.hpp"
#include "ctl/screenful.hpp"

#include <termios.h>

#include <optional>
#include <string>
#include <vector>

namespace reapd {

/// Of the terminal that is standard output; where it does not know, what COLUMNS= and LINES= say.
ScreenSize terminal_size();

/// From construction to destruction the terminal is ours: keys come at once and unseen. However
/// the program ends or stops by signal, it is first given back.
class Terminal {
public:
    Terminal();
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;
    ~Terminal();

    void show(const std::vector<std::string>& lines) const;

    enum class Wake {
        Time,  ///< it is over
        Again, ///< draw again: another size, back from a stop, or a key that asks for it
        Quit,  ///< q, Ctrl-C, or the terminal is gone
    };
    Wake wait(Microseconds span) const;

private:
    void take() const;
    void give_back() const;

    std::optional<termios> before_{};
    Fd signals_{};
};

} // namespace reapd
