// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The PSI triggers in force: opened by the front, because opening one may wait for the kernel,
/// and waited for by the guard, whose epoll set they join.

#include "base/fd.hpp"
#include "channel.hpp"
#include "sense/table.hpp"
#include "sense/tree.hpp"
#include "settings/rule.hpp"
#include "tell/status.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reapd {

/// A trigger with a window of our choice costs a kernel thread; beyond this many the cheap kind
/// is used.
constexpr std::size_t max_privileged_triggers = 64;

class Triggers {
public:
    /// `epoll` is the guard's set; `untriggered` is told which rule on which slot must be polled.
    Triggers(int epoll, int proc, Microseconds smallest_window, bool privileged,
             std::function<void(Slot, std::uint32_t)> untriggered)
        : epoll_{epoll}, proc_{proc}, smallest_window_{smallest_window}, privileged_{privileged},
          untriggered_{std::move(untriggered)} {}

    /// Sets up the triggers of every rule that watches `node`, but those that stand already.
    void add(const TreeNode& node, const Marks& marks, const Policy& policy);

    /// Closes those of a cgroup that is gone; the kernel takes them out of the epoll set.
    void remove(Slot slot);

    /// The kernel has dismissed the trigger of a cgroup that lives: its descriptor is of no use.
    void lost(Slot slot, std::string_view rule);

    /// Before a new policy's add(): closes all but those that stand and that it asks for in the
    /// same way. A trigger that is opened anew forgets the stall it has seen.
    void keep(const Policy& policy, std::span<const Marks> marks);

    /// One line per rule and cgroup.
    std::vector<Watched> list(const std::function<std::string(CgroupId)>& name_of) const;

private:
    struct Alarm {
        Fd trigger{};
        TriggerTag tag{};
    };

    struct Standing {
        std::uint32_t index = 0; ///< of the rule in its policy
        std::string rule{};
        std::optional<PressureLimit> some{};
        std::optional<PressureLimit> full{};
        CgroupId cgroup{};
        std::vector<Alarm> alarms{};
        std::size_t privileged = 0; ///< of the alarms
        std::string error{};
    };

    bool stands(Slot slot, std::uint32_t index) const;
    bool stays(Slot slot, Standing& standing, const Policy& policy, std::span<const Marks> marks);
    bool stand(Standing& standing, const TreeNode& node, bool privileged);
    bool stand_one(Standing& standing, const TreeNode& node, const PressureLimit& limit, bool full,
                   bool privileged);

    int epoll_;
    int proc_;
    Microseconds smallest_window_;
    bool privileged_;
    std::function<void(Slot, std::uint32_t)> untriggered_;
    std::multimap<Slot, Standing> standing_{};
    std::size_t privileged_count_ = 0;
};

} // namespace reapd
