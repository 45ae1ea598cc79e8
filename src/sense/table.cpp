// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sense/table.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>

namespace reapd {

Table::Table(Table&& other) noexcept
    : rows_{std::move(other.rows_)}, closeups_{std::move(other.closeups_)},
      used_{std::exchange(other.used_, 0)}, directories_{other.directories_} {}

Table& Table::operator=(Table&& other) noexcept {
    std::swap(rows_, other.rows_);
    std::swap(closeups_, other.closeups_);
    std::swap(used_, other.used_);
    std::swap(directories_, other.directories_);
    return *this;
}

std::size_t Table::room_for_files() const noexcept {
    const auto holding = static_cast<std::size_t>(
        std::ranges::count_if(closeups_.all(), [](const Closeup& of) { return of.files.wanted; }));
    return most_holding - std::min(holding, most_holding);
}

void Table::close_all_files() noexcept {
    for (Closeup& closeup : closeups_.all())
        close_files(closeup.files);
}

Closeup& Table::look_closely(Slot slot, TimePoint now) noexcept {
    Row& row = rows_[slot];
    if (row.close == nullptr) {
        Closeup& place = closeups_.place(used_, now);
        if (place.of != no_slot)
            rows_[place.of].close = nullptr;
        close_files(place.files);
        place = {.of = slot};
        if (row.born != TimePoint{})
            place.past = Past::of_birth(row.born);
        row.close = &place;
    }
    row.close->wanted_at = now;
    return *row.close;
}

Table::~Table() {
    for (Row& row : rows())
        let_go(row);
}

void Table::let_go(Row& row) noexcept {
    if (row.close != nullptr)
        closeups_.give_up(*row.close);
    if (directories_ == Directories::Owned && row.id.value != 0 && row.dir >= 0)
        ::close(row.dir);
}

void Table::add(Slot slot, CgroupId id, Slot parent, int dir, const Marks& marks) noexcept {
    if (rows_[slot].id.value != 0)
        remove(slot);
    Row row;
    row.id = id;
    row.dir = dir;
    row.parent = parent;
    row.marks = marks;
    rows_[slot] = row;
    used_ = std::max(used_, std::size_t{slot} + 1);
    if (parent < used_)
        ++rows_[parent].children;
}

void Table::remove(Slot slot) noexcept {
    if (slot >= used_ || rows_[slot].id.value == 0)
        return;
    Row row = std::exchange(rows_[slot], Row{});
    let_go(row);
    if (row.parent < used_ && rows_[row.parent].children > 0)
        --rows_[row.parent].children;
    while (used_ > 0 && rows_[used_ - 1].id.value == 0)
        --used_;
}

bool Table::within(Slot slot, Slot root) const noexcept {
    // A parent chain longer than the table is a ring.
    for (std::size_t steps = 0; steps < used_ && slot < used_; ++steps) {
        if (rows_[slot].id.value == 0)
            return false;
        if (slot == root)
            return true;
        slot = rows_[slot].parent;
    }
    return false;
}

} // namespace reapd
