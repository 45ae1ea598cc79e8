// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Finds slots by a key that they have: a hash table of slots alone, five to eleven bytes for each.
///
/// Keys are not kept but asked for, of whoever has them anyway. Open addressing with linear
/// probing; what is removed leaves no mark behind (Knuth, volume 3, algorithm 6.4 R).

#include "sense/slot.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace reapd {

template <class Key>
class SlotIndex {
public:
    /// `key_of` says the key of any slot in here, and always the same.
    explicit SlotIndex(std::function<Key(Slot)> key_of) : key_of_{std::move(key_of)} {}

    std::size_t size() const noexcept { return size_; }

    /// no_slot when there is none.
    Slot find(const Key& key) const noexcept {
        std::size_t at = home(key);
        while (places_[at] != no_slot && key_of_(places_[at]) != key)
            at = after(at);
        return places_[at];
    }

    /// No slot in here has its key.
    void insert(Slot slot) {
        if ((size_ + 1) * 4 > places_.size() * 3)
            grow();
        put(slot);
        ++size_;
    }

    /// `slot` is in here.
    void erase(Slot slot) noexcept {
        std::size_t hole = home(key_of_(slot));
        while (places_[hole] != slot)
            hole = after(hole);
        // A search ends at the first free place, so nobody may be left behind one that was taken
        // when he came.
        for (std::size_t at = after(hole); places_[at] != no_slot; at = after(at)) {
            const std::size_t wanted = home(key_of_(places_[at]));
            if (distance(wanted, at) >= distance(hole, at))
                places_[std::exchange(hole, at)] = places_[at];
        }
        places_[hole] = no_slot;
        --size_;
    }

private:
    static constexpr std::size_t least = 16;

    /// The hash of a number is the number, and ids of cgroups have gaps of one length between them:
    /// multiplied by 2^64 divided by the golden ratio they are apart in their upper bits.
    std::size_t home(const Key& key) const noexcept {
        const int bits = std::countr_zero(places_.size());
        return std::hash<Key>{}(key) * 0x9e3779b97f4a7c15U >> (64 - bits);
    }

    std::size_t after(std::size_t at) const noexcept { return (at + 1) & (places_.size() - 1); }

    std::size_t distance(std::size_t from, std::size_t to) const noexcept {
        return (to - from) & (places_.size() - 1);
    }

    void put(Slot slot) noexcept {
        std::size_t at = home(key_of_(slot));
        while (places_[at] != no_slot)
            at = after(at);
        places_[at] = slot;
    }

    void grow() {
        const std::vector<Slot> old =
            std::exchange(places_, std::vector<Slot>(places_.size() * 2, no_slot));
        for (const Slot slot : old)
            if (slot != no_slot)
                put(slot);
    }

    std::function<Key(Slot)> key_of_;
    std::vector<Slot> places_ = std::vector<Slot>(least, no_slot); ///< a power of two, never full
    std::size_t size_ = 0;
};

} // namespace reapd
