// SPDX-License-Identifier: LGPL-2.1-or-later
#include "managed/unit_read.hpp"

#include <cerrno>
#include <limits>

namespace reapd {
namespace {

// While it reloads, or has no memory, the manager may take many seconds. It answers, or the bus
// does in its place when it has gone.
constexpr std::uint64_t forever = std::numeric_limits<std::uint64_t>::max();

} // namespace

bool UnitRead::start(sd_bus* bus) {
    bus_ = bus;
    object_ = object_of_unit(unit_);
    failed_ = !object_;
    ask_all(false);
    return waiting_ > 0;
}

void UnitRead::ask_all(bool pressure_only) {
    for (std::size_t i = 0; i < questions_.size() && !failed_; ++i) {
        const auto property = static_cast<UnitProperty>(i);
        if (traits_of(property).pressure_only != pressure_only || unknown_.test(i))
            continue;
        questions_[i] = {.read = this, .property = property};
        if (ask(questions_[i]) < 0)
            failed_ = true;
        else
            ++waiting_;
    }
}

int UnitRead::ask(Question& question) {
    if (!object_)
        return -EINVAL;
    sd_bus_message* made = nullptr;
    int r = sd_bus_message_new_method_call(bus_, &made, systemd1::service, object_->c_str(),
                                           "org.freedesktop.DBus.Properties", "Get");
    const sd::BusMessage message{made};
    if (r >= 0)
        r = sd_bus_message_append(made, "ss", interface_of(unit_),
                                  traits_of(question.property).name);
    sd_bus_slot* slot = nullptr;
    if (r >= 0)
        r = sd_bus_call_async(bus_, &slot, made, on_answer, &question, forever);
    question.slot.reset(slot);
    return r;
}

int UnitRead::on_answer(sd_bus_message* answer, void* question, sd_bus_error*) noexcept {
    const auto& asked = *static_cast<Question*>(question);
    UnitRead& read = *asked.read;
    read.answered(asked.property, answer);
    if (--read.waiting_ > 0)
        return 0;
    if (!read.failed_ && read.values_.pressure == "kill" && !read.asked_pressure_) {
        read.asked_pressure_ = true;
        read.ask_all(true);
    }
    if (read.waiting_ == 0) {
        const auto ended = std::move(read.ended_); // It may destroy what it is a member of.
        ended(read);
    }
    return 0;
}

void UnitRead::answered(UnitProperty property, sd_bus_message* answer) {
    const UnitPropertyTraits& traits = traits_of(property);
    if (sd_bus_message_is_method_error(answer, SD_BUS_ERROR_UNKNOWN_PROPERTY) > 0 &&
        !traits.everywhere)
        unknown_.set(std::to_underlying(property));
    else if (sd_bus_message_is_method_error(answer, nullptr) > 0 ||
             !read_property(answer, property, values_))
        failed_ = true;
}

} // namespace reapd
