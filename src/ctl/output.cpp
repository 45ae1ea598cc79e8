// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/output.hpp"

#include "ctl/pager.hpp"
#include "ctl/terminal.hpp"

#include <langinfo.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace reapd {

Look look_of(const Options& options) {
    const bool terminal = ::isatty(STDOUT_FILENO) == 1;
    const bool colours = wants_colour({.terminal = terminal,
                                       .systemd_colors = ::getenv("SYSTEMD_COLORS"),
                                       .no_color = ::getenv("NO_COLOR"),
                                       .term = ::getenv("TERM")});
    return {.paint = Paint{colours},
            .legend = options.legend,
            .utf8 = std::string_view{::nl_langinfo(CODESET)} == "UTF-8",
            .screen = terminal ? std::optional{terminal_size()} : std::nullopt};
}

std::string json_text(const nlohmann::json& document, Json mode) {
    const int indent = mode == Json::Pretty ? 4 : -1;
    return document.dump(indent, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

int print(std::string_view text) {
    const bool written =
        std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
    if (written)
        return 0;
    std::fprintf(stderr, "reapctl: Standard output cannot be written: %s.\n", ::strerror(errno));
    return 1;
}

int print_long(std::string_view text, const Options& options) {
    const char* const term = ::getenv("TERM");
    const bool person = ::isatty(STDOUT_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1 && term &&
                        std::string_view{term} != "dumb";
    if (options.pager && person && page(pager_here(), text))
        return 0;
    return print(text);
}

} // namespace reapd
