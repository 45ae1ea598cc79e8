// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// A call from the bus that is answered later. One that is dropped without an answer costs its
/// caller a time-out and nobody else anything.

#include "base/sd.hpp"
#include "tell/answers.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace reapd {

/// Names of errors; a sentence comes with each.
namespace bus_error {
constexpr const char* no_such_rule = "org.reapd1.Error.NoSuchRule";
constexpr const char* no_such_cgroup = "org.reapd1.Error.NoSuchControlGroup";
constexpr const char* is_protected = "org.reapd1.Error.Protected";
constexpr const char* busy = "org.reapd1.Error.Busy";
constexpr const char* kill_failed = "org.reapd1.Error.KillFailed";
constexpr const char* freeze_failed = "org.reapd1.Error.FreezeFailed";
constexpr const char* bad_option = "org.reapd1.Error.BadOption";
constexpr const char* bad_settings = "org.reapd1.Error.BadSettings";
constexpr const char* dump_failed = "org.reapd1.Error.DumpFailed";
constexpr const char* bad_log_level = "org.reapd1.Error.BadLogLevel";
constexpr const char* bad_log_target = "org.reapd1.Error.BadLogTarget";
} // namespace bus_error

class Call {
public:
    explicit Call(sd_bus_message* call) noexcept : message_{sd_bus_message_ref(call)} {}

    void refuse(const char* error, const std::string& sentence) noexcept;
    void answer() noexcept;
    void answer(std::uint64_t id) noexcept;
    void answer(const CandidateList& candidates) noexcept;
    void answer(const Explanation& explanation) noexcept;

    /// The unique name of the caller; empty without a bus.
    std::string_view sender() const noexcept;
    sd_bus_message* message() const noexcept { return message_.get(); }

private:
    bool may_answer() const noexcept;

    sd::BusMessage message_;
};

/// Whether a message more, of about so many bytes, can wait to be sent. libsystemd would queue 384
/// Ki of them for a bus that does not read, all in locked memory. The more wait already the smaller
/// it has to be: 4 MiB / n behind n others, which makes 4 MiB * (1 + 1/2 + ... + 1/255), some 25
/// MiB, of all that wait behind the first.
bool has_room(sd_bus* bus, std::size_t size = 0) noexcept;

/// A filter of calls (sd_bus_add_filter(3)): what is asked while there is no room is not looked at,
/// be it libsystemd that would answer it. Also to say so would take room: the caller's time runs
/// out.
int hold_back(sd_bus_message* message, void*, sd_bus_error*) noexcept;

/// What those hear whose answer finds no room.
constexpr const char* no_room_text = "The bus does not take as much as reapd would have to say.";

/// Whether somebody sends more than the escaped path of any cgroup takes. What waits for an answer
/// is kept in locked memory, and a bus lets messages of 32 MiB through.
bool is_too_long(const char* text) noexcept;

} // namespace reapd
