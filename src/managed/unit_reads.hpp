// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Which units are to be read, and when. Pure: it is told what the manager signals and answers.
///
/// Asking for a property of a unit that is not loaded makes the manager load it, tell everybody of
/// a new unit, and drop it again. Who answers that by asking goes round in a circle with it for
/// ever. So a unit is read only while the last that was heard of it is that it is active; nothing
/// is read for being new. However often a unit changes, it is read once and then at most once
/// more.
///
/// While the manager reloads, it drops and loads every unit. None of that is heard; afterwards the
/// active units are listed and all of them read. What is signalled between the question for the
/// list and its answer is older than the answer, and not heard either.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace reapd {

/// What PropertiesChanged of the interface org.freedesktop.systemd1.Unit tells.
struct UnitState {
    std::string active{};    ///< ActiveState
    std::uint64_t since = 0; ///< ActiveEnterTimestampMonotonic; 0 when it is not told
};

class UnitReads {
public:
    explicit UnitReads(std::size_t at_once) : at_once_{at_once} {}

    /// There is a manager, or another one than before.
    void found();

    /// Nobody is there to ask; reads that are under way do not end.
    void lost();

    /// Reloading of org.freedesktop.systemd1.Manager.
    void reloading(bool begins);

    /// Something changed and nobody knows what.
    void missed();

    /// Whether the active units are to be listed now. The caller asks for the list then.
    bool take_list();

    /// @return whether it is the list that was waited for; units that are not in it are gone
    bool listed(const std::set<std::string>& active);

    /// There is no list; nothing is read until found() or a reload.
    void list_failed();

    /// @return whether the unit is gone
    bool signalled(const std::string& unit, const UnitState& state);

    /// The manager unloads it.
    /// @return whether the unit is gone
    bool removed(const std::string& unit);

    /// It may say something else than before. Nothing is read that is not known to be active.
    void touched(const std::string& unit);

    /// The next one whose read is to begin; nothing when enough are under way.
    std::optional<std::string> next();

    /// A read is over; `answered` says whether it was given what it asked for.
    /// @return whether the answers count: not if the unit has gone since the read began
    bool ended(const std::string& unit, bool answered);

    /// Every unit that was to be read has been.
    bool at_rest() const noexcept {
        return phase_ == Phase::Following && queue_.empty() && reading_ == 0;
    }

private:
    enum class Phase : std::uint8_t { Lost, Reloading, MustList, Listing, Following };
    enum class Stage : std::uint8_t { Waiting, Reading, Known };
    struct Unit {
        Stage stage = Stage::Waiting;
        std::uint64_t since = 0;
        bool again = false; ///< changed while it was read
        bool went = false;  ///< gone while it was read
    };

    void want(const std::string& unit, Unit& known);
    void forget(const std::string& unit);

    std::size_t at_once_;
    Phase phase_ = Phase::Lost;
    std::map<std::string, Unit> units_{}; ///< active, or being read
    std::deque<std::string> queue_{};     ///< those that wait
    std::size_t reading_ = 0;
};

} // namespace reapd
