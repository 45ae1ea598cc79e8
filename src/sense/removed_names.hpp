// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Paths of cgroups that are gone: what is told of a kill often comes after its victim's end.

#include "base/units.hpp"

#include <cstddef>
#include <deque>
#include <string>
#include <unordered_map>

namespace reapd {

class RemovedNames {
public:
    void add(CgroupId id, const std::string& path) {
        if (!paths_.insert_or_assign(id.value, path).second)
            return;
        order_.push_back(id.value);
        if (order_.size() > capacity) {
            paths_.erase(order_.front());
            order_.pop_front();
        }
    }

    /// nullptr if it is unknown or was removed long ago.
    const std::string* find(CgroupId id) const noexcept {
        const auto found = paths_.find(id.value);
        return found == paths_.end() ? nullptr : &found->second;
    }

private:
    // A recovery takes some seconds; a busy machine ends fewer units than this in them.
    static constexpr std::size_t capacity = 1024;

    std::unordered_map<std::uint64_t, std::string> paths_{};
    std::deque<std::uint64_t> order_{};
};

} // namespace reapd
