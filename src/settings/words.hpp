// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The words for values that are one of a few; for reading, writing and messages alike.

#include "settings/rule.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace reapd {

template <class T, std::size_t size>
using Words = std::array<std::pair<std::string_view, T>, size>;

constexpr Words<Among, 4> among_words{{{"leaves", Among::Leaves},
                                       {"children", Among::Children},
                                       {"self", Among::Self},
                                       {"processes", Among::Processes}}};

constexpr Words<Order, 8> order_words{{{"growth", Order::Growth},
                                       {"size", Order::Size},
                                       {"swap", Order::Swap},
                                       {"pressure", Order::Pressure},
                                       {"reclaim", Order::Reclaim},
                                       {"refaults", Order::Refaults},
                                       {"oldest", Order::Oldest},
                                       {"newest", Order::Newest}}};

constexpr Words<Action, 5> action_words{{{"log", Action::Log},
                                         {"hint", Action::Hint},
                                         {"reclaim", Action::Reclaim},
                                         {"freeze", Action::Freeze},
                                         {"kill", Action::Kill}}};

constexpr Words<Advice, 3> advice_words{
    {{"auto", Advice::Auto}, {"cold", Advice::Cold}, {"pageout", Advice::Pageout}}};

constexpr Words<FreezeThen, 2> freeze_then_words{
    {{"thaw", FreezeThen::Thaw}, {"kill", FreezeThen::Kill}}};

constexpr Words<Release, 3> release_words{
    {{"yes", Release::Yes}, {"bounded", Release::Bounded}, {"no", Release::No}}};

constexpr Words<OomdRule::Kill, 3> oomd_kill_words{{{"kill-all", OomdRule::Kill::All},
                                                    {"kill-by-pgscan", OomdRule::Kill::ByReclaim},
                                                    {"kill-by-swap", OomdRule::Kill::BySwap}}};

struct TimeUnit {
    std::string_view name;
    Microseconds length;
};

/// As systemd.time(7) has them; largest first, and of each length the name we write comes first.
/// Weeks and above are not here: no setting is so long.
constexpr std::array<TimeUnit, 21> time_units{{
    {"d", std::chrono::days{1}},
    {"day", std::chrono::days{1}},
    {"days", std::chrono::days{1}},
    {"h", std::chrono::hours{1}},
    {"hr", std::chrono::hours{1}},
    {"hour", std::chrono::hours{1}},
    {"hours", std::chrono::hours{1}},
    {"min", std::chrono::minutes{1}},
    {"m", std::chrono::minutes{1}},
    {"minute", std::chrono::minutes{1}},
    {"minutes", std::chrono::minutes{1}},
    {"s", std::chrono::seconds{1}},
    {"sec", std::chrono::seconds{1}},
    {"second", std::chrono::seconds{1}},
    {"seconds", std::chrono::seconds{1}},
    {"ms", std::chrono::milliseconds{1}},
    {"msec", std::chrono::milliseconds{1}},
    {"us", Microseconds{1}},
    {"usec", Microseconds{1}},
    {"\u00b5s", Microseconds{1}},
    {"\u03bcs", Microseconds{1}},
}};

} // namespace reapd
