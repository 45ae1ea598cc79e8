// SPDX-License-Identifier: LGPL-2.1-or-later
// The values of settings that are made of others: limits, globs, lists of CPUs.
#include "settings/complaint.hpp"
#include "settings/ini.hpp"
#include "settings/specifiers.hpp"
#include "settings/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bitset>

namespace reapd {
namespace {

// The kernel of Debian 12 knows triggers from 500 ms up, and a shorter stall is not felt. Above
// ten minutes nobody waits for a machine that does not answer.
constexpr Microseconds shortest_window = std::chrono::milliseconds{500};
constexpr Microseconds longest_window = std::chrono::minutes{10};

// CONFIG_NR_CPUS is at most 8192 (arch/x86/Kconfig); other architectures have less.
constexpr std::int64_t last_cpu = 8191;

// PATH_MAX less the terminating NUL: no cgroup path that can be opened is longer.
constexpr std::size_t longest_glob = 4095;

/// Why no path can match `glob`, which has no slash in front; empty if one can.
std::string_view glob_fault(std::string_view glob) {
    if (glob.size() > longest_glob)
        return "at most 4095 bytes";
    if (glob.starts_with('/') || glob.find("//") != std::string_view::npos)
        return "a path without empty components ('//')";
    if (glob.ends_with('/'))
        return "a path without a slash at its end";
    for (std::string_view rest = glob; !rest.empty();) {
        const std::size_t end = std::min(rest.find('/'), rest.size());
        const std::string_view component = rest.substr(0, end);
        if (component == "." || component == "..")
            return "a path without '.' and '..'";
        const std::size_t bracket = component.find('[');
        if (bracket != std::string_view::npos &&
            component.find(']', bracket) == std::string_view::npos)
            return "a ']' after each '['";
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return {};
}

} // namespace

Parsed<PressureLimit> parse_pressure_limit(std::string_view text) {
    const std::size_t space = std::min(text.find_first_of(" \t"), text.size());
    const std::string_view window_text = trim(text.substr(space));
    if (text.empty() || window_text.empty())
        return expected_instead(text, "a share and a window, as 40% 2s");
    const Parsed<Permyriad> share = parse_share(text.substr(0, space));
    if (!share)
        return std::unexpected(share.error());
    if (share->value == 0)
        return expected_instead(text, "a share above 0%; any window would be enough for 0%");
    const Parsed<Microseconds> window = parse_span(window_text, shortest_window, longest_window);
    if (!window)
        return std::unexpected(window.error());
    return PressureLimit{.share = *share, .window = *window};
}

Parsed<AmountLimit> parse_amount_limit(std::string_view text) {
    if (!text.starts_with('<') && !text.starts_with('>'))
        return expected_instead(text, "'<' or '>' and an amount, as <10% or >2G");
    AmountLimit limit{.side = text.front() == '<' ? AmountLimit::Side::Below
                                                  : AmountLimit::Side::Above};
    const std::string_view amount = trim(text.substr(1));
    if (amount.ends_with('%')) {
        const Parsed<Permyriad> share = parse_share(amount);
        if (!share)
            return std::unexpected(share.error());
        limit.share = *share;
    } else {
        const Parsed<Bytes> bytes = parse_size(amount);
        if (!bytes)
            return expected_instead(text, "'<' or '>' and an amount, as <10% or >2G");
        limit.bytes = *bytes;
    }
    const bool zero = limit.share ? limit.share->value == 0 : limit.bytes.value == 0;
    if (limit.side == AmountLimit::Side::Below && zero)
        return expected_instead(text, "more than zero after '<'; no amount is below zero");
    if (limit.side == AmountLimit::Side::Above && limit.share && limit.share->value == 10'000)
        return expected_instead(text, "less than 100% after '>'; no amount is above the whole");
    return limit;
}

Parsed<Bytes> parse_growth_limit(std::string_view text) {
    const Parsed<Bytes> bytes =
        parse_size(trim(text.substr(std::min<std::size_t>(text.size(), 1))));
    if (!text.starts_with('>') || !bytes)
        return expected_instead(text, "'>' and a size that is gained each second, as >100M");
    return *bytes;
}

Parsed<std::uint64_t> parse_rate_limit(std::string_view text) {
    constexpr std::int64_t most = 1'000'000'000;
    const Parsed<std::int64_t> rate =
        parse_integer(trim(text.substr(std::min<std::size_t>(text.size(), 1))), {0, most});
    if (!text.starts_with('>') || !rate)
        return expected_instead(text, "'>' and a number of pages a second, as >1000");
    return static_cast<std::uint64_t>(*rate);
}

Parsed<std::string> parse_glob(std::string_view text) {
    if (text == "/")
        return "/";
    // Comments have their own lines; without this the words of one would become globs.
    if (text.starts_with('#') || text.starts_with(';'))
        return expected_instead(text, "a cgroup path; a comment must stand on its own line");
    std::string expanded{text};
    if (text.contains('%')) {
        Parsed<std::string> replaced = expand_specifiers(text, this_host());
        if (!replaced)
            return replaced;
        expanded = std::move(*replaced);
    }
    std::string_view glob = expanded;
    if (glob.starts_with('/'))
        glob.remove_prefix(1);
    if (glob.empty())
        return expected_instead(text, "a cgroup path, or / for the root");
    if (const std::string_view fault = glob_fault(glob); !fault.empty())
        return expected_instead(text, fault);
    return std::string{glob};
}

Parsed<std::vector<std::uint16_t>> parse_cpus(std::string_view text) {
    // A set first: the same range written ten thousand times costs nothing.
    std::bitset<last_cpu + 1> chosen;
    for (const std::string_view word : split_words(text, ",")) {
        const std::size_t dash = word.find('-');
        const Parsed<std::int64_t> first = parse_integer(word.substr(0, dash), {0, last_cpu});
        const Parsed<std::int64_t> last = dash == std::string_view::npos
                                              ? first
                                              : parse_integer(word.substr(dash + 1), {0, last_cpu});
        if (!first || !last || *first > *last)
            return expected_instead(
                word, fmt::format("CPU numbers and ranges up to {}, as 0-3,5", last_cpu));
        for (std::int64_t cpu = *first; cpu <= *last; ++cpu)
            chosen.set(static_cast<std::size_t>(cpu));
    }
    std::vector<std::uint16_t> cpus;
    for (std::size_t cpu = 0; cpu < chosen.size(); ++cpu)
        if (chosen.test(cpu))
            cpus.push_back(static_cast<std::uint16_t>(cpu));
    return cpus;
}

} // namespace reapd
