// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The questions for one unit's properties, and their answers. All are asked at once but those
/// that matter only where pressure is watched: most units say nothing. Not GetAll(): that costs the
/// manager five times as much.

#include "base/sd.hpp"
#include "managed/unit_messages.hpp"

#include <bitset>
#include <functional>

namespace reapd {

/// Properties that the manager does not know; it is not asked for them again.
using UnknownProperties = std::bitset<unit_property_count>;

class UnitRead {
public:
    /// Of one unit no more are asked for at the same time.
    static constexpr std::size_t most_questions = 5;

    /// `ended` is called from the loop, once, and may destroy this.
    UnitRead(std::string unit, UnknownProperties& unknown, std::function<void(UnitRead&)> ended)
        : unit_{std::move(unit)}, unknown_{unknown}, ended_{std::move(ended)} {}
    UnitRead(const UnitRead&) = delete;
    UnitRead& operator=(const UnitRead&) = delete;

    /// @return false if nothing could be asked; it has ended then
    bool start(sd_bus* bus);

    std::string unit() const { return unit_; }

    /// Nothing if a question was not answered.
    const UnitValues* values() const noexcept { return failed_ ? nullptr : &values_; }

private:
    struct Question {
        UnitRead* read = nullptr;
        UnitProperty property{};
        sd::BusSlot slot{};
    };

    void ask_all(bool pressure_only);
    int ask(Question& question);
    void answered(UnitProperty property, sd_bus_message* answer);
    static int on_answer(sd_bus_message* answer, void* question, sd_bus_error*) noexcept;

    std::string unit_;
    UnknownProperties& unknown_;
    std::function<void(UnitRead&)> ended_;
    sd_bus* bus_ = nullptr;
    std::optional<std::string> object_{};
    std::array<Question, unit_property_count> questions_{};
    std::size_t waiting_ = 0;
    bool asked_pressure_ = false;
    bool failed_ = false;
    UnitValues values_{};
};

} // namespace reapd
