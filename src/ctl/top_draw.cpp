// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/top_draw.hpp"

#include "ctl/columns.hpp"
#include "ctl/fit.hpp"
#include "ctl/human.hpp"
#include "ctl/when.hpp"
#include "settings/rule_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace reapd {
namespace {

using nlohmann::json;

class Picture {
public:
    explicit Picture(const Screen& screen) : screen_{screen} {}

    void line(std::string_view text) { lines_.push_back(fit(text, screen_.width, mark())); }
    void line(Colour colour, std::string_view text) {
        lines_.push_back(screen_.paint(colour, fit(text, screen_.width, mark())));
    }
    std::size_t left() const {
        return screen_.height > lines_.size() ? screen_.height - lines_.size() : 0;
    }
    std::string_view mark() const { return screen_.utf8 ? "…" : "~"; }
    const Screen& screen() const { return screen_; }
    std::vector<std::string> lines() && {
        lines_.resize(std::min(lines_.size(), screen_.height));
        return std::move(lines_);
    }

private:
    const Screen& screen_;
    std::vector<std::string> lines_{};
};

std::string percent(double share) { return fmt::format("{:.2f}%", share * 100); }

std::string used(std::string_view name, Bytes total, Bytes free) {
    if (total.value == 0)
        return fmt::format("{} none", name);
    const Bytes taken = total - free;
    return fmt::format("{} {} of {} ({}%)", name, size_text(taken), size_text(total),
                       taken.value * 100 / total.value);
}

void add_head(Picture& picture, const TopState& state) {
    const std::size_t width = picture.screen().width;
    std::string head = "reapd " + state.version + "  " + state.state;
    if (state.dry_run)
        head += "  (dry run: nothing is killed)";
    if (!state.failure.empty())
        head = state.failure;
    const std::string clock = clock_text(state.time_usec);
    const std::size_t room = width > clock.size() + 1 ? width - clock.size() - 1 : 0;
    const bool bad = !state.failure.empty() || state.state == "stuck" || state.state == "degraded";
    const Colour colour = bad ? Colour::Red : state.state == "idle" ? Colour::Bold : Colour::Yellow;
    picture.line(colour, fit(head, room, picture.mark()) + " " + clock);

    std::string amounts;
    if (state.memory)
        amounts = used("mem", state.memory->total, state.memory->available) + "   " +
                  used("swap", state.memory->swap_total, state.memory->swap_free) + "   ";
    picture.line(amounts +
                 fmt::format("kills {}, {} back", state.kills, size_text(state.released)));
}

void add_pressure(Picture& picture, const TopState& state) {
    const Screen& screen = picture.screen();
    constexpr std::size_t words = 38; // all of the line but its bars
    const std::size_t length =
        std::min(screen.width > words ? (screen.width - words) / 2 : 0, past_kept);
    const auto part = [&](std::string_view name, const Past& past) {
        return fmt::format("{} {} {}", name,
                           fit_right(past.empty() ? "-" : percent(past.back()), 7),
                           bars(past, length, screen.utf8));
    };
    picture.line("pressure  " + part("full", state.full) + "  " + part("some", state.some));
}

/// Which of the watched cgroups are shown when not all fit: those that stood still most of late,
/// in the order that all have.
std::vector<const TopWatch*> choose(const std::vector<TopWatch>& watched, std::size_t room) {
    const auto worst = [](const TopWatch* watch) {
        const auto found = std::ranges::max_element(watch->past);
        return found == watch->past.end() ? -1.0 : *found;
    };
    std::vector<const TopWatch*> all;
    all.reserve(watched.size());
    for (const TopWatch& watch : watched)
        all.push_back(&watch);
    std::vector<const TopWatch*> ordered = all;
    std::ranges::stable_sort(ordered, std::ranges::greater{}, worst);
    ordered.resize(std::min(room, ordered.size()));
    std::erase_if(all, [&](const TopWatch* watch) {
        return std::ranges::find(ordered, watch) == ordered.end();
    });
    return all;
}

void add_watched(Picture& picture, const TopState& state, std::size_t room) {
    const Screen& screen = picture.screen();
    const auto shown = choose(state.watched, room);
    std::size_t rule = 4;
    for (const TopWatch* const watch : shown)
        rule = std::clamp(width_of(watch->rule), rule, std::size_t{16});
    const std::size_t graph = std::min(screen.width / 3, past_kept);
    const std::size_t taken = rule + graph + 13;
    const std::size_t cgroup = screen.width > taken ? screen.width - taken : 0;
    picture.line("");
    picture.line(Colour::Bold, fit("RULE", rule) + "  " + fit("WATCHED CGROUP", cgroup) +
                                   "    STALL  " + fit("UNTIL NOW", graph));
    for (const TopWatch* const watch : shown)
        picture.line(elide(watch->rule, rule, picture.mark()) + "  " +
                     elide(watch->cgroup, cgroup, picture.mark()) + "  " +
                     fit_right(watch->past.empty() ? "-" : percent(watch->past.back()), 7) + "  " +
                     bars(watch->past, graph, screen.utf8));
    if (shown.size() < state.watched.size())
        picture.line(Colour::Faint, fmt::format("and {} more under less pressure",
                                                state.watched.size() - shown.size()));
}

std::string verdict(const json& row) {
    const json& preference = member_of(row, "Preference");
    std::string text = number_of(row, "Position") == 1 ? "dies next" : "";
    const auto add = [&text](const char* word) {
        text += text.empty() ? "" : ", ";
        text += word;
    };
    if (preference.is_number_integer() && preference.get<int>() != 0)
        add(preference.get<int>() > 0 ? "preferred" : "to avoid");
    if (flag_of(row, "SingleProcess"))
        add("one process");
    return text;
}

void add_candidates(Picture& picture, const TopState& state, std::size_t room) {
    const Screen& screen = picture.screen();
    picture.line("");
    if (!state.candidates.is_array() || state.candidates.empty()) {
        picture.line(Colour::Bold, "CANDIDATES");
        picture.line(state.candidates_failure.empty() ? "There is nothing to kill now."
                                                      : state.candidates_failure);
        return;
    }
    constexpr std::size_t numbers = 47;
    constexpr std::size_t verdicts = 24;
    const std::size_t taken = numbers + verdicts;
    const bool wide = screen.width >= taken + 30;
    const std::size_t beside = wide ? taken : numbers;
    const std::size_t cgroup = screen.width > beside ? screen.width - beside : 0;
    picture.line(Colour::Bold,
                 fmt::format(" {:>2}  {:>6}  {:>6}  {:>7}  {:>6}  {:>7}  {}", "#", "MEM", "SWAP",
                             "+/S", "+/MIN", "STALL", "CANDIDATE OF RULE " + state.rule));
    for (const json& row : state.candidates) {
        if (room-- == 0)
            break;
        const std::string line = fmt::format(
            " {:>2}  {:>6}  {:>6}  {:>7}  {:>6}  {:>7}  {}{}", count_cell(row, "Position"),
            size_cell(row, "CurrentBytes"), size_cell(row, "SwapBytes"),
            change_cell(row, "GrowthBytes"), size_cell(row, "GainedBytes"),
            share_cell(row, "Stall"), elide(text_of(row, "ControlGroup"), cgroup, picture.mark()),
            wide ? "  " + verdict(row) : "");
        if (number_of(row, "Position") == 1)
            picture.line(Colour::Yellow, ">" + line.substr(1));
        else
            picture.line(line);
    }
}

void add_last(Picture& picture, const TopState& state, std::size_t room) {
    picture.line("");
    picture.line(Colour::Bold, "LAST ACTIONS");
    const std::size_t count = state.history.is_array() ? state.history.size() : 0;
    if (count == 0)
        picture.line("Nothing was killed since reapd started.");
    for (std::size_t i = count; i > 0 && count - i < room; --i) {
        const json& row = state.history[i - 1];
        picture.line(clock_text(number_of(row, "realtime_usec").value_or(0)) + "  " +
                     text_of(row, "sentence"));
    }
}

} // namespace

std::vector<std::string> draw(const TopState& state, const Screen& screen) {
    Picture picture{screen};
    add_head(picture, state);
    if (state.version.empty())
        return std::move(picture).lines(); // it has never answered
    add_pressure(picture, state);
    // Beside those three lines: two for the title of each part, and one for "and more".
    const std::size_t rows = screen.height > 10 ? screen.height - 10 : 0;
    const std::size_t watched = std::max<std::size_t>(1, rows / 4);
    const std::size_t last = std::max<std::size_t>(1, rows / 5);
    add_watched(picture, state, watched);
    const std::size_t beside = last + 4; // the titles of two parts
    add_candidates(picture, state, picture.left() > beside ? picture.left() - beside : 0);
    add_last(picture, state, last);
    return std::move(picture).lines();
}

} // namespace reapd
