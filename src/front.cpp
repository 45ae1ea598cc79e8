// SPDX-License-Identifier: LGPL-2.1-or-later
#include "front.hpp"

#include "base/escape.hpp"
#include "marks.hpp"
#include "sense/sampler.hpp"
#include "tell/dump.hpp"
#include "tell/message_ids.hpp"
#include "tell/report.hpp"
#include "tell/version.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <thread>

#include <fcntl.h>
#include <signal.h>

namespace reapd {
namespace {

using namespace std::chrono_literals;

/// How long requests wait that did not fit into the queue; the guard empties it in less.
constexpr std::chrono::milliseconds retry_after{5};

/// How often the whole tree is read while inotify cannot follow all of it.
constexpr std::chrono::seconds rescan_after{10};

constexpr int error = 3;
constexpr int warning = 4;
constexpr int notice = 5;
constexpr int info = 6;

std::uint64_t realtime_usec() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(std::chrono::duration_cast<Microseconds>(now).count());
}

std::uint64_t monotonic_usec() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(std::chrono::duration_cast<Microseconds>(now).count());
}

} // namespace

Front::Front(Channel& channel, const Machine& machine, Journal& journal, FrontSettings settings)
    : channel_{channel}, machine_{machine}, journal_{journal}, settings_{std::move(settings)},
      triggers_{settings_.guard_epoll, machine.proc.get(), settings_.features.smallest_window,
                settings_.features.privileged_triggers,
                [this](Slot slot, std::uint32_t rule) {
                    send({.kind = Request::Kind::NoTrigger, .slot = slot, .rule = rule});
                }},
      tree_{Fd{::fcntl(machine.cgroups.get(), F_DUPFD_CLOEXEC, 0)},
            settings_.max_cgroups,
            {.added = [this](const TreeNode& node) { cgroup_added(node); },
             .removed = [this](const TreeNode& node) { cgroup_removed(node); }}},
      face_{status_,
            journal,
            {.reload = [this] { return reload(); },
             .dump = [this] { return dump(); },
             .pressure = [this] { return pressure(); },
             .share_of = [this](const Watched& watched) { return share_of(watched); }}} {
    status_.features = feature_names(settings_.features);
    if (Result<NotifySocket> notify = NotifySocket::open(settings_.notify_path.c_str()))
        notify_ = std::move(*notify);
}

Result<> Front::start(Loaded loaded) {
    if (const Result<> sources = add_sources(); !sources)
        return sources;
    install(std::move(loaded));
    tell_features();
    tell_diagnostics();
    const Result<> read = tree_.rescan();
    tree_read_ = true;
    if (!read)
        report(warning,
               fmt::format("Cannot follow every cgroup: {}. Raise fs.inotify.max_user_watches or "
                           "LimitNOFILE=.",
                           ::strerrordesc_np(read.error().code)),
               message_id::feature_missing);
    if (!tree_.complete())
        rescan_later();
    if (tree_.inotify() >= 0) {
        const int r = sd_event_add_io(loop_.get(), nullptr, tree_.inotify(), EPOLLIN, on_tree, this);
        if (r < 0)
            return failed("sd_event_add_io", -r);
    }
    while (!backlog_.empty()) { // Before READY=1 there is time to wait for the guard.
        std::this_thread::sleep_for(retry_after);
        flush();
    }
    tell_unmatched();
    bus_ = std::make_unique<BusLink>(loop_.get(), face_, journal_);
    bus_->start();
    refresh_state();
    report(info, fmt::format("reapd {} is watching: {} rules, {} cgroups.", version(),
                             package_->policy.rules.size(), tree_.size()),
           message_id::started);
    return {};
}

Result<> Front::add_sources() {
    sd_event* loop = nullptr;
    if (const int r = sd_event_new(&loop); r < 0)
        return failed("sd_event_new", -r);
    loop_.reset(loop);
    for (const int number : {SIGTERM, SIGINT, SIGHUP})
        if (const int r = sd_event_add_signal(loop, nullptr, number, on_signal, this); r < 0)
            return failed("sd_event_add_signal", -r);
    int r = sd_event_add_io(loop, nullptr, channel_.to_front.get(), EPOLLIN, on_events, this);
    if (r < 0)
        return failed("sd_event_add_io", -r);
    sd_event_source* retry = nullptr;
    r = sd_event_add_time(loop, &retry, CLOCK_MONOTONIC, 0, 1000, on_backlog, this);
    if (r < 0)
        return failed("sd_event_add_time", -r);
    retry_.reset(retry);
    (void)sd_event_source_set_enabled(retry, SD_EVENT_OFF);
    sd_event_source* later = nullptr;
    r = sd_event_add_time(loop, &later, CLOCK_MONOTONIC, 0, 0, on_rescan, this);
    if (r < 0)
        return failed("sd_event_add_time", -r);
    later_.reset(later);
    (void)sd_event_source_set_enabled(later, SD_EVENT_OFF);
    return {};
}

int Front::run() {
    notify_.send("READY=1");
    const int r = sd_event_loop(loop_.get());
    notify_.send("STOPPING=1");
    send({.kind = Request::Kind::Stop});
    while (!backlog_.empty()) {
        std::this_thread::sleep_for(retry_after);
        flush();
    }
    return r < 0 ? EXIT_FAILURE : r;
}

/// Puts a policy into force. Everything that the guard was sent before it stands under the old
/// marks, everything after it under the new ones.
void Front::install(Loaded loaded) {
    auto package = std::make_shared<PolicyPackage>();
    package->policy = std::move(loaded.policy);
    if (!settings_.features.psi) {
        std::vector<std::string> lost;
        package->policy = without_pressure(std::move(package->policy), lost);
        for (const std::string& name : lost)
            report(warning,
                   fmt::format("Rule {} is off: it needs pressure, and this kernel reports none.",
                               escape(name)),
                   message_id::feature_missing);
    }
    package->policy.generation = packages_.empty() ? 1 : packages_.rbegin()->first + 1;
    each_node([&](const TreeNode& node) {
        if (package->marks.size() <= node.slot)
            package->marks.resize(node.slot + 1);
        package->marks[node.slot] = marks_of(package->policy, node.path, settings_.own_cgroup);
    });
    packages_[package->policy.generation] = package;
    package_ = package;
    status_.policy = std::shared_ptr<const Policy>{package, &package->policy};
    status_.builtin_rules = loaded.builtin;
    status_.diagnostics = std::move(loaded.diagnostics);
    send({.kind = Request::Kind::Adopt, .package = package.get()});
    triggers_.clear();
    each_node([&](const TreeNode& node) {
        triggers_.add(node, package->marks[node.slot], package->policy);
    });
    refresh_watched();
}

/// The old policy stays whole when anything in the new files is wrong.
std::string Front::reload() {
    notify_.send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", monotonic_usec()));
    Loaded loaded = load_settings(settings_.root);
    std::string first;
    if (loaded.failed()) {
        status_.diagnostics = std::move(loaded.diagnostics);
        const auto wrong = std::ranges::find(status_.diagnostics, Severity::Error,
                                             &Diagnostic::severity);
        first = to_text(*wrong);
        tell_diagnostics();
        report(error, fmt::format("Settings not reloaded, the old ones stay: {}", first),
               message_id::reload_refused);
    } else {
        install(std::move(loaded));
        tell_diagnostics();
        tell_unmatched();
        face_.settings_changed();
        report(notice, fmt::format("Settings reloaded: {} rules.", package_->policy.rules.size()),
               message_id::reloaded);
    }
    refresh_state();
    notify_.send("READY=1");
    return first;
}

void Front::tell_diagnostics() {
    for (const Diagnostic& diagnostic : status_.diagnostics)
        report(diagnostic.severity == Severity::Error ? error : notice, to_text(diagnostic),
               message_id::diagnostic);
    if (status_.builtin_rules)
        report(error, "No rule could be loaded; the shipped rules run from memory.",
               message_id::diagnostic);
}

/// A glob that matches nothing now is worth a word, once per load: it may be a typing error.
void Front::tell_unmatched() {
    for (std::size_t i = 0; i < package_->policy.rules.size(); ++i) {
        bool watched = false;
        each_node([&](const TreeNode& node) {
            watched = watched || (marks_of(package_->policy, node.path, settings_.own_cgroup).watched >>
                                      i & 1) != 0;
        });
        if (watched)
            continue;
        const Rule& rule = package_->policy.rules[i];
        const Diagnostic note{.severity = Severity::Note,
                              .file = rule.file,
                              .text = "Watch= matches no cgroup now"};
        status_.diagnostics.push_back(note);
        report(notice, to_text(note), message_id::diagnostic);
    }
}

void Front::tell_features() {
    for (const std::string& sentence : feature_warnings(settings_.features))
        report(warning, sentence, message_id::feature_missing);
}

void Front::send(const Request& request) {
    backlog_.push_back(request);
    flush();
}

void Front::flush() {
    bool sent = false;
    while (!backlog_.empty() && channel_.requests.push(backlog_.front())) {
        backlog_.pop_front();
        sent = true;
    }
    if (sent)
        ring(channel_.to_guard);
    if (retry_ == nullptr)
        return;
    if (!backlog_.empty())
        (void)sd_event_source_set_time(retry_.get(),
                                       monotonic_usec() + Microseconds{retry_after}.count());
    (void)sd_event_source_set_enabled(retry_.get(),
                                      backlog_.empty() ? SD_EVENT_OFF : SD_EVENT_ONESHOT);
}

void Front::cgroup_added(const TreeNode& node) {
    const Marks marks = marks_of(package_->policy, node.path, settings_.own_cgroup);
    // The guard closes its copy when it has seen the removal, so no number is used twice meanwhile.
    const int dir = ::fcntl(node.dir.get(), F_DUPFD_CLOEXEC, 0);
    send({.kind = Request::Kind::Add,
          .slot = node.slot,
          .parent = node.parent,
          .id = node.id,
          .dir = dir,
          .marks = marks});
    if (marks.watched != 0) {
        triggers_.add(node, marks, package_->policy);
        refresh_watched();
    }
}

void Front::cgroup_removed(const TreeNode& node) {
    triggers_.remove(node.slot);
    send({.kind = Request::Kind::Remove, .slot = node.slot});
    refresh_watched();
}

void Front::each_node(const std::function<void(const TreeNode&)>& visit) const {
    if (!tree_read_)
        return; // Its root is there before it was told of.
    for (Slot slot = 0; slot < settings_.max_cgroups; ++slot)
        if (const TreeNode* const node = tree_.by_slot(slot))
            visit(*node);
}

void Front::follow_tree() {
    (void)tree_.dispatch(); // A failed read is repeated: the descriptor stays readable.
    if (!tree_.complete())
        rescan_later();
}

void Front::rescan() {
    (void)tree_.rescan(); // Told at start; what fails again is tried again.
    if (!tree_.complete())
        rescan_later();
}

/// Some cgroups could not be opened or are not watched; only looking brings news of them.
void Front::rescan_later() {
    if (later_ == nullptr)
        return;
    (void)sd_event_source_set_time(later_.get(),
                                   monotonic_usec() + Microseconds{rescan_after}.count());
    (void)sd_event_source_set_enabled(later_.get(), SD_EVENT_ONESHOT);
}

void Front::refresh_watched() {
    status_.watched = triggers_.list([this](CgroupId id) { return name_of(id); });
    status_.cgroups = tree_.size();
    status_.cgroups_left_out = tree_.left_out();
}

void Front::take_events() {
    hush(channel_.to_front);
    Event event;
    while (channel_.events.pop(event))
        take(event);
    status_.dropped_events = channel_.dropped_events.load(std::memory_order_relaxed);
    status_.dropped_entries = journal_.dropped();
    refresh_state();
}

void Front::take(const Event& event) {
    switch (event.kind) {
    case EventKind::Armed:
        ++armed_;
        follow_tree();
        if (const Result<bool> consistent = tree_.consistent(); consistent && !*consistent)
            rescan();
        return;
    case EventKind::Disarmed:
        armed_ -= armed_ > 0 ? 1 : 0;
        return;
    case EventKind::PolicyDone:
        // The last one is kept: what was begun under it ends with its names.
        packages_.erase(packages_.begin(), packages_.lower_bound(event.generation));
        return;
    case EventKind::Acted:
        acting_ = !event.logged_only && !event.dry_run;
        status_.kills += acting_ ? 1 : 0;
        break;
    case EventKind::Completed:
        acting_ = false;
        status_.released_bytes += event.released.value;
        break;
    case EventKind::Stuck:
        ++stuck_;
        break;
    case EventKind::Unstuck:
        stuck_ -= stuck_ > 0 ? 1 : 0;
        break;
    case EventKind::Relieved:
    case EventKind::GuardError:
        break;
    }
    const auto package = packages_.find(event.generation);
    const bool known = package != packages_.end() &&
                       event.rule < package->second->policy.rules.size();
    const Told told{.event = event,
                    .rule = known ? &package->second->policy.rules[event.rule] : nullptr,
                    .name_of = [this](CgroupId id) { return name_of(id); }};
    journal_.send(journal_entry(told));
    remember(told);
    refresh_state();
    face_.announce(told);
}

void Front::remember(const Told& told) {
    const Event& event = told.event;
    if (event.kind == EventKind::Completed) {
        for (HistoryEntry& entry : status_.history)
            if (entry.id == event.action)
                entry.released = event.released;
        return;
    }
    if (event.kind != EventKind::Acted)
        return;
    status_.history.push_back({.id = event.action,
                               .realtime_usec = realtime_usec(),
                               .rule = rule_text(told),
                               .cgroup = name_of(event.victim),
                               .action = action_text(event),
                               .sentence = sentence(told),
                               .promise = event.promise});
    while (status_.history.size() > package_->policy.config.history_size)
        status_.history.pop_front();
}

void Front::refresh_state() {
    const bool degraded = status_.builtin_rules || !settings_.features.psi ||
                          !settings_.features.unified || !settings_.features.memory_controller;
    std::string state = degraded ? "degraded" : "idle";
    if (armed_ > 0)
        state = "watching";
    if (stuck_ > 0)
        state = "stuck";
    if (acting_)
        state = "acting";
    if (state == status_.state && told_state_)
        return;
    status_.state = std::move(state);
    told_state_ = true;
    face_.state_changed();
    notify_.send(fmt::format("STATUS={}: {} rules, {} cgroups, {} kills", status_.state,
                             package_->policy.rules.size(), tree_.size(), status_.kills));
}

void Front::report(int priority, std::string_view text, std::string_view message_id) {
    Entry entry{priority, text};
    entry.add(field::message_id, message_id);
    journal_.send(entry);
}

std::string Front::name_of(CgroupId id) const {
    if (id == CgroupId{})
        return {};
    const std::string name = tree_.name_of(id);
    return name.empty() ? fmt::format("cgroup {}", id.value) : escape(name);
}

std::string Front::dump() {
    status_.cgroups = tree_.size();
    status_.cgroups_left_out = tree_.left_out();
    status_.dropped_entries = journal_.dropped();
    return dump_json(status_);
}

std::array<double, 6> Front::pressure() const {
    const Result<Pressure> now = read_pressure(machine_, Row{});
    if (!now)
        return {};
    const auto percent = [](Permyriad share) { return share.value / 100.0; };
    return {percent(now->some.avg10), percent(now->some.avg60), percent(now->some.avg300),
            percent(now->full.avg10), percent(now->full.avg60), percent(now->full.avg300)};
}

std::optional<Permyriad> Front::share_of(const Watched& watched) const {
    const std::string path = unescape(watched.cgroup);
    const TreeNode* const node = path.empty() ? nullptr : tree_.by_path(path.substr(1));
    if (node == nullptr)
        return std::nullopt;
    const Result<Pressure> now =
        read_pressure(machine_, Row{.dir = node->dir.get(), .parent = node->parent});
    if (!now)
        return std::nullopt;
    return now->full.avg10;
}

int Front::on_signal(sd_event_source* source, const signalfd_siginfo* info, void* self) noexcept {
    auto& front = *static_cast<Front*>(self);
    if (info->ssi_signo == SIGHUP)
        front.reload();
    else
        (void)sd_event_exit(sd_event_source_get_event(source), EXIT_SUCCESS);
    return 0;
}

int Front::on_events(sd_event_source*, int, std::uint32_t, void* self) noexcept {
    static_cast<Front*>(self)->take_events();
    return 0;
}

int Front::on_tree(sd_event_source*, int, std::uint32_t, void* self) noexcept {
    static_cast<Front*>(self)->follow_tree();
    return 0;
}

int Front::on_rescan(sd_event_source*, std::uint64_t, void* self) noexcept {
    static_cast<Front*>(self)->rescan();
    return 0;
}

int Front::on_backlog(sd_event_source*, std::uint64_t, void* self) noexcept {
    static_cast<Front*>(self)->flush();
    return 0;
}

} // namespace reapd
