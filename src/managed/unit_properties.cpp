// SPDX-License-Identifier: LGPL-2.1-or-later
#include "managed/unit_properties.hpp"

#include "base/delay.hpp"
#include "base/sd.hpp"
#include "managed/drop_in_folders.hpp"
#include "managed/known_units.hpp"
#include "managed/unit_messages.hpp"
#include "managed/unit_read.hpp"

#include <sys/epoll.h>

#include <limits>
#include <vector>

namespace reapd {
namespace {

using namespace std::chrono_literals;

constexpr const char* bus_service = "org.freedesktop.DBus";
constexpr const char* bus_path = "/org/freedesktop/DBus";

// Both bus daemons allow 128 questions without an answer for each connection.
constexpr std::size_t most_reads = 64 / UnitRead::most_questions;

/// `systemctl set-property` writes a file for each property, all of them in one call.
constexpr Microseconds after_drop_in = 20ms;

/// Every change may lead to a look at the whole tree of cgroups.
constexpr Microseconds after_change = 50ms;

/// The manager, or the bus, was too short of something.
constexpr Microseconds after_failure = 5s;

constexpr std::uint64_t forever = std::numeric_limits<std::uint64_t>::max();

constexpr const char* owner_changed =
    "type='signal',sender='org.freedesktop.DBus',path='/org/freedesktop/DBus',"
    "interface='org.freedesktop.DBus',member='NameOwnerChanged',arg0='org.freedesktop.systemd1'";
constexpr const char* unit_changed =
    "type='signal',sender='org.freedesktop.systemd1',"
    "path_namespace='/org/freedesktop/systemd1/unit',interface='org.freedesktop.DBus.Properties',"
    "member='PropertiesChanged',arg0='org.freedesktop.systemd1.Unit'";
constexpr const char* unit_removed =
    "type='signal',sender='org.freedesktop.systemd1',path='/org/freedesktop/systemd1',"
    "interface='org.freedesktop.systemd1.Manager',member='UnitRemoved'";
constexpr const char* reloading =
    "type='signal',sender='org.freedesktop.systemd1',path='/org/freedesktop/systemd1',"
    "interface='org.freedesktop.systemd1.Manager',member='Reloading'";

/// Without it libsystemd would close the whole connection when the bus refuses a match.
int on_match(sd_bus_message*, void*, sd_bus_error*) noexcept { return 0; }

} // namespace

struct UnitProperties::Impl {
    Impl(sd_event* loop, std::function<void()> told, std::string root)
        : folders{std::move(root)}, changed{loop, after_change, std::move(told)},
          drop_ins{loop, after_drop_in, [this] { look_at_touched(); }},
          again{loop, after_failure, [this] {
                    if (bus == nullptr)
                        return;
                    reads.found();
                    work();
                }} {
        folders.watch();
        sd_event_source* source = nullptr;
        if (folders.inotify() >= 0 &&
            sd_event_add_io(loop, &source, folders.inotify(), EPOLLIN, on_folders, this) < 0)
            source = nullptr; // Out of memory.
        folders_source.reset(source);
    }

    void follow(sd_bus* given) noexcept {
        lose();
        bus = given;
        match(owner_changed, on_owner_changed);
        match(unit_changed, on_unit_changed);
        match(unit_removed, on_unit_removed);
        match(reloading, on_reloading);
        ask(owner_slot, bus_service, bus_path, bus_service, "GetNameOwner", on_owner,
            [](sd_bus_message* call) {
                return sd_bus_message_append(call, "s", systemd1::service);
            });
    }

    void lose() noexcept {
        matches.clear();
        owner_slot.reset();
        list_slot.reset();
        running.clear();
        reads.lost();
        owner.clear();
        bus = nullptr;
    }

    void match(const char* rule, sd_bus_message_handler_t handler) noexcept {
        sd_bus_slot* slot = nullptr;
        if (sd_bus_add_match_async(bus, &slot, rule, handler, on_match, this) < 0)
            return; // The bus is going; lose() follows.
        matches.emplace_back(slot);
    }

    /// @return false if nothing was asked
    bool ask(sd::BusSlot& into, const char* service, const char* path, const char* interface,
             const char* member, sd_bus_message_handler_t handler,
             int (*append)(sd_bus_message*)) noexcept {
        sd_bus_message* made = nullptr;
        int r = sd_bus_message_new_method_call(bus, &made, service, path, interface, member);
        const sd::BusMessage call{made};
        if (r >= 0)
            r = append(made);
        sd_bus_slot* slot = nullptr;
        if (r >= 0)
            r = sd_bus_call_async(bus, &slot, made, handler, this, forever);
        into.reset(slot);
        return r >= 0;
    }

    void found(const char* unique_name) {
        if (std::exchange(owner, unique_name) == unique_name || owner.empty())
            return;
        unknown.reset();
        // Asks for signals; no answer is wanted. It is remembered across daemon-reexec, and says so
        // with an error.
        (void)sd_bus_call_method_async(bus, nullptr, systemd1::service, systemd1::path,
                                       systemd1::manager, "Subscribe", nullptr, nullptr, nullptr);
        reads.found();
        work();
    }

    /// Everybody may send us signals that look like the manager's; a match cannot keep them off.
    bool from_manager(sd_bus_message* signal) const noexcept {
        const char* const sender = sd_bus_message_get_sender(signal);
        return sender && !owner.empty() && owner == sender;
    }

    void work() {
        if (reads.take_list() &&
            !ask(list_slot, systemd1::service, systemd1::path, systemd1::manager,
                 "ListUnitsByPatterns", on_list, [](sd_bus_message* call) {
                     return sd_bus_message_append(call, "asas", 3, "active", "reloading",
                                                  "refreshing", 3, "*.service", "*.slice",
                                                  "*.scope");
                 }))
            reads.list_failed();
        while (const auto unit = reads.next())
            begin_read(*unit);
        if (reads.at_rest() && surveying) {
            surveying = false;
            if (std::exchange(quiet_change, false))
                changed.begin();
        }
    }

    void begin_read(const std::string& unit) {
        const auto [at, added] =
            running.try_emplace(unit, unit, unknown, [this](UnitRead& read) { end_read(read); });
        if (at->second.start(bus))
            return;
        running.erase(at);
        (void)reads.ended(unit, false);
    }

    void end_read(UnitRead& read) {
        const std::string unit = read.unit(); // A copy: it goes with the read.
        if (const UnitValues* const values = read.values(); reads.ended(unit, values) && values) {
            const auto path = cgroup_path(values->control_group);
            heard(path ? known.put(unit, *path, says(*values)) : known.drop(unit));
        }
        running.erase(unit);
        work();
    }

    void heard(KnownUnits::Change change) noexcept {
        if (change == KnownUnits::Change::Loud)
            changed.begin();
        else if (change == KnownUnits::Change::Quiet)
            quiet_change = surveying;
    }

    void look_at_touched() {
        for (const std::string& unit : std::exchange(touched, {}))
            reads.touched(unit);
        work();
    }

    static Impl& of(void* self) noexcept { return *static_cast<Impl*>(self); }

    static int on_folders(sd_event_source*, int, std::uint32_t, void* self) noexcept {
        Impl& impl = of(self);
        const bool failed = impl.folders.problem().has_value();
        DropInFolders::Touched touched = impl.folders.dispatch();
        if (impl.folders.problem() && !failed)
            impl.changed.begin(); // Whoever is told asks for problems, too.
        if (touched.unknown)
            impl.reads.missed();
        impl.touched.merge(touched.units);
        if (touched.unknown || !impl.touched.empty())
            impl.drop_ins.begin();
        return 0;
    }

    static int on_owner(sd_bus_message* answer, void* self, sd_bus_error*) noexcept {
        // An error: nobody has the name, and who takes it is told by NameOwnerChanged.
        const char* name = nullptr;
        if (!is_error(answer) && sd_bus_message_read(answer, "s", &name) >= 0)
            of(self).found(name);
        return 0;
    }

    static int on_owner_changed(sd_bus_message* signal, void* self, sd_bus_error*) noexcept {
        // Nobody else can speak with the name of the bus.
        const char* const sender = sd_bus_message_get_sender(signal);
        const char* after = nullptr;
        if (sender && std::string_view{sender} == bus_service &&
            sd_bus_message_read(signal, "sss", nullptr, nullptr, &after) >= 0)
            of(self).found(after);
        return 0;
    }

    static int on_unit_changed(sd_bus_message* signal, void* self, sd_bus_error*) noexcept {
        Impl& impl = of(self);
        const auto unit = unit_of_object(sd_bus_message_get_path(signal));
        if (!unit || !impl.from_manager(signal))
            return 0;
        if (const auto state = read_unit_state(signal)) {
            if (impl.reads.signalled(*unit, *state))
                impl.heard(impl.known.drop(*unit));
            impl.work();
        }
        return 0;
    }

    static int on_unit_removed(sd_bus_message* signal, void* self, sd_bus_error*) noexcept {
        Impl& impl = of(self);
        const char* unit = nullptr;
        if (impl.from_manager(signal) && sd_bus_message_read(signal, "so", &unit, nullptr) >= 0 &&
            impl.reads.removed(unit)) {
            impl.heard(impl.known.drop(unit));
            impl.work();
        }
        return 0;
    }

    static int on_reloading(sd_bus_message* signal, void* self, sd_bus_error*) noexcept {
        Impl& impl = of(self);
        int begins = 0;
        if (impl.from_manager(signal) && sd_bus_message_read(signal, "b", &begins) >= 0) {
            impl.reads.reloading(begins != 0);
            impl.work();
        }
        return 0;
    }

    static int on_list(sd_bus_message* answer, void* self, sd_bus_error*) noexcept {
        Impl& impl = of(self);
        const auto units = is_error(answer) ? std::nullopt : read_unit_list(answer);
        if (!units) {
            impl.reads.list_failed();
            impl.again.begin();
        } else if (impl.reads.listed(*units)) {
            impl.surveying = true;
            impl.heard(impl.known.keep(*units));
        }
        impl.work();
        return 0;
    }

    sd_bus* bus = nullptr; ///< not ours; there until lose()
    std::string owner{};   ///< unique name of the manager; empty: nobody, or not known yet
    std::vector<sd::BusSlot> matches{};
    sd::BusSlot owner_slot{};
    sd::BusSlot list_slot{};
    UnitReads reads{most_reads};
    UnknownProperties unknown{};
    std::map<std::string, UnitRead> running{};
    KnownUnits known{};
    bool surveying = false;    ///< all units are being read
    bool quiet_change = false; ///< and some that say nothing came or went
    DropInFolders folders;
    sd::EventSource folders_source{};
    std::set<std::string> touched{}; ///< since drop_ins began
    Delay changed;
    Delay drop_ins;
    Delay again; ///< all units could not be listed
};

UnitProperties::UnitProperties(sd_event* loop, std::function<void()> changed, std::string root)
    : impl_{std::make_unique<Impl>(loop, std::move(changed), std::move(root))} {}

UnitProperties::~UnitProperties() { impl_->lose(); }

void UnitProperties::follow(sd_bus* bus) noexcept { impl_->follow(bus); }

void UnitProperties::lose() noexcept { impl_->lose(); }

const UnitsByPath& UnitProperties::units() const noexcept { return impl_->known.by_path(); }

const std::optional<Error>& UnitProperties::problem() const noexcept {
    return impl_->folders.problem();
}

} // namespace reapd
