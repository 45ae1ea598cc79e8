// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/top.hpp"

#include "ctl/clock.hpp"
#include "ctl/daemon.hpp"
#include "ctl/explain.hpp"
#include "ctl/output.hpp"
#include "ctl/terminal.hpp"
#include "ctl/top_draw.hpp"

#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace reapd {
namespace {

using namespace std::chrono;

/// Under pressure the daemon's answers may be late; the picture says so and tries again.
constexpr std::uint64_t patience_usec = 3'000'000;

class Source {
public:
    explicit Source(const Options& options) : options_{options} {}

    /// Asks everything once more. What does not answer leaves what was there before.
    void refresh(TopState& state) {
        state.time_usec = now_usec();
        read_memory(state);
        const auto failed = ask_all(state);
        state.failure = failed ? "" : failed.error().text;
    }

private:
    static void read_memory(TopState& state) {
        std::stringstream text;
        text << std::ifstream{"/proc/meminfo"}.rdbuf();
        if (const auto memory = parse_meminfo(text.str()))
            state.memory = *memory;
    }

    std::expected<void, Failure> connect() {
        if (bus_ && sd_bus_is_open(bus_.get()) > 0)
            return {};
        auto bus = connect_to_bus(options_.machine);
        if (!bus)
            return std::unexpected(bus.error());
        bus_ = std::move(*bus);
        (void)sd_bus_set_method_call_timeout(bus_.get(), patience_usec); // else it waits longer
        return {};
    }

    std::expected<void, Failure> ask_all(TopState& state) {
        if (const auto connected = connect(); !connected)
            return connected;
        const Service service{.bus = bus_.get()};
        const auto view = ask_daemon(service);
        if (!view)
            return std::unexpected(view.error());
        take_view(state, *view);
        state.rule = most_pressed_rule(state);
        if (state.rule.empty())
            return {};
        auto candidates = ask_candidates(service, state.rule);
        state.candidates_failure = candidates ? "" : candidates.error().text;
        state.candidates = candidates ? std::move(*candidates) : nlohmann::json::array();
        return {};
    }

    const Options& options_;
    sd::Bus bus_{};
};

std::string joined_lines(const std::vector<std::string>& lines) {
    std::string all;
    for (const std::string& line : lines) {
        const std::size_t end = line.find_last_not_of(' ');
        all += line.substr(0, end == std::string::npos ? 0 : end + 1) + "\n";
    }
    return all;
}

Outcome run_batch(const Options& options) {
    Source source{options};
    TopState state;
    const bool json = options.json != Json::Off;
    const Look look = look_of(options);
    const Screen screen{.width = 200, .height = 50, .utf8 = look.utf8, .paint = look.paint};
    for (std::size_t round = 0; round < options.iterations.value_or(1); ++round) {
        if (round > 0)
            ::poll(nullptr, 0, static_cast<int>(options.delay.count() / 1000));
        source.refresh(state);
        if (!state.failure.empty() && state.version.empty()) // never answered
            return std::unexpected(Failure{.status = daemon_not_reachable, .text = state.failure});
        if (!json && round > 0 && print("\n") != 0)
            return 1;
        if (print(json ? json_text(top_json(state), options.json)
                       : joined_lines(draw(state, screen))) != 0)
            return 1;
    }
    return 0;
}

Outcome run_live(const Options& options) {
    Source source{options};
    TopState state;
    const Terminal terminal;
    const Look look = look_of(options);
    for (std::size_t round = 0; !options.iterations || round < *options.iterations; ++round) {
        source.refresh(state);
        auto wake = Terminal::Wake::Again;
        const auto end = steady_clock::now() + options.delay;
        while (wake == Terminal::Wake::Again) {
            const ScreenSize size = terminal_size();
            terminal.show(draw(state, {.width = size.width,
                                       .height = size.height,
                                       .utf8 = look.utf8,
                                       .paint = look.paint}));
            const auto left = duration_cast<Microseconds>(end - steady_clock::now());
            wake = terminal.wait(std::max(left, Microseconds{0}));
        }
        if (wake == Terminal::Wake::Quit)
            return 0;
    }
    return 0;
}

} // namespace

Outcome run_top(const Command& command) {
    const Options& options = command.options;
    const char* const term = ::getenv("TERM");
    const bool live = !options.batch && options.json == Json::Off && ::isatty(STDOUT_FILENO) == 1 &&
                      std::string_view{term ? term : ""} != "dumb";
    return live ? run_live(options) : run_batch(options);
}

} // namespace reapd
