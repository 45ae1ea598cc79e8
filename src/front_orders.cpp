// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/escape.hpp"
#include "front.hpp"
#include "tell/report.hpp"

#include <fmt/format.h>

/// What a person orders over the bus who may: to kill. And what may not be ordered of whom.

namespace reapd {
namespace {

/// The guard answers at once. One that has not after so long hangs in the kernel, or its event was
/// lost: the next order may be given. It may still do the first, whose story is then told, too.
constexpr std::uint64_t order_late = 5'000'000;
constexpr std::size_t most_late = 8;

struct RefusalText {
    const char* error;
    const char* text;
};

RefusalText text_of(OrderRefusal why) {
    switch (why) {
    case OrderRefusal::None:
        break;
    case OrderRefusal::Gone:
        return {bus_error::no_such_cgroup, "The control group is gone."};
    case OrderRefusal::Busy:
        return {bus_error::busy, "Another kill is under way; ask again when it has ended."};
    case OrderRefusal::Empty:
        return {bus_error::kill_failed, "There is no process in it."};
    case OrderRefusal::Exempt:
        return {bus_error::is_protected,
                "Its processes are exempt: OOMScoreAdjust= of the unit is -1000."};
    case OrderRefusal::Denied:
        return {bus_error::kill_failed, "Its processes cannot be read."};
    }
    return {bus_error::kill_failed, "The kill failed."};
}

} // namespace

/// The cgroup that the order is about, if it may be given; else the call is refused and there is
/// none.
const TreeNode* Front::orderable(Call& call, const std::string& cgroup) const {
    const TreeNode* const node = known(call, cgroup);
    if (node == nullptr)
        return nullptr;
    const Explanation whole{.cgroup = name_of(node->id), .refusal = refusal_of(*node)};
    const Marks marks = marks_for(package_->policy, *node);
    if (whole.refusal != Immunity::None || marks.dear) {
        call.refuse(bus_error::is_protected,
                    marks.dear ? whole.cgroup + " is essential to its user: Essential= in "
                                                "reapd.conf says so."
                               : sentence(whole));
        return nullptr;
    }
    std::vector<Slot> pending = node->children;
    while (!pending.empty()) {
        const TreeNode* const below = tree_.by_slot(pending.back());
        pending.pop_back();
        if (below == nullptr)
            continue;
        Immunity refusal = refusal_of(*below);
        if (refusal == Immunity::None && marks_for(package_->policy, *below).dear)
            refusal = Immunity::Essential;
        if (refusal != Immunity::None) {
            call.refuse(bus_error::is_protected,
                        fmt::format("{} has something in it that must live. {}", whole.cgroup,
                                    sentence(Explanation{.cgroup = name_of(below->id),
                                                         .refusal = refusal})));
            return nullptr;
        }
        pending.insert(pending.end(), below->children.begin(), below->children.end());
    }
    return node;
}

void Front::order_kill(Call call, const std::string& cgroup, const std::string& reason,
                       const Requester& requester) {
    follow_tree();
    const TreeNode* const node = orderable(call, cgroup);
    if (node == nullptr)
        return;
    const std::uint64_t now = monotonic_usec();
    if (!orders_.empty() && now - orders_.rbegin()->second.given_usec < order_late) {
        const RefusalText busy = text_of(OrderRefusal::Busy);
        call.refuse(busy.error, busy.text);
        return;
    }
    if (orders_.size() == most_late)
        orders_.erase(orders_.begin());
    orders_.emplace(++last_order_, KillOrder{.call = std::move(call),
                                             .requester = to_text(requester),
                                             .reason = escape(reason),
                                             .given_usec = now});
    send({.kind = Request::Kind::Kill, .slot = node->slot, .id = node->id, .order = last_order_});
}

/// The guard has begun what was asked for.
void Front::answer_order(Told& told) {
    auto order = orders_.extract(told.event.order);
    if (order.empty())
        return;
    told.requester = order.mapped().requester;
    told.reason = order.mapped().reason;
    order.mapped().call.answer(told.event.action);
}

void Front::refuse_order(const Event& event) {
    auto order = orders_.extract(event.order);
    if (order.empty())
        return;
    const RefusalText why = text_of(event.refusal);
    order.mapped().call.refuse(why.error, why.text);
}

} // namespace reapd
