// SPDX-License-Identifier: LGPL-2.1-or-later
#include "front.hpp"

#include "base/escape.hpp"
#include "tell/message_ids.hpp"
#include "tell/report.hpp"
#include "tell/version.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>

#include <cstring>
#include <thread>
#include <tuple>

namespace reapd {
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
             .removed = [this](const TreeNode& node) { cgroup_removed(node); },
             .unseen_changed =
                 [this](const TreeNode& node) {
                     send(
                         {.kind = Request::Kind::Unseen, .slot = node.slot, .unseen = node.unseen});
                 },
             .ownership_changed = [this](const TreeNode& node) { ownership_changed(node); }}},
      face_{
          status_,
          journal,
          {.reload = [this](const Requester& who) { return reload(who); },
           .dump = [this] { return dump(); },
           .pressure = [this] { return pressure(); },
           .share_of = [this](const Watched& watched) { return share_of(watched); },
           .share_of_rule = [this](const Rule& rule) { return share_of_rule(rule); },
           .candidates =
               [this](Call call, std::string rule) {
                   ask({.kind = Question::Kind::Candidates,
                        .text = std::move(rule),
                        .call = std::move(call)});
               },
           .explain =
               [this](Call call, std::string cgroup) {
                   ask({.kind = Question::Kind::Explain,
                        .text = std::move(cgroup),
                        .call = std::move(call)});
               },
           .kill =
               [this](Call call, const std::string& cgroup, const std::string& reason,
                      const Requester& who) { order_kill(std::move(call), cgroup, reason, who); },
           .freeze = [this](Call call, const std::string& cgroup, bool frozen,
                            const Requester& who) { freeze(std::move(call), cgroup, frozen, who); },
           .frozen_by_rule = [this](const std::string& cgroup) { return frozen_by_rule(cgroup); },
           .oom1_dump = [this] { return oom1_dump(); }}} {
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
        report(priority::warning,
               fmt::format("Cannot follow every cgroup: {}. Raise fs.inotify.max_user_watches or "
                           "LimitNOFILE=.",
                           ::strerrordesc_np(read.error().code)),
               message_id::feature_missing);
    tell_left_out();
    if (!tree_.complete())
        rescan_later();
    if (tree_.inotify() >= 0) {
        const int r =
            sd_event_add_io(loop_.get(), nullptr, tree_.inotify(), EPOLLIN, on_tree, this);
        if (r < 0)
            return failed("sd_event_add_io", -r);
    }
    tell_unmatched();
    if (const Result<> followed = follow_managed(); !followed)
        return followed;
    bus_ = std::make_unique<BusLink>(loop_.get(), face_, journal_,
                                     BusGuest{.up =
                                                  [this](sd_bus* bus) {
                                                      system_bus_ = bus;
                                                      units_->follow(bus);
                                                  },
                                              .down =
                                                  [this] {
                                                      units_->lose();
                                                      forget_questions();
                                                      system_bus_ = nullptr;
                                                  }});
    bus_->start();
    refresh_state();
    report(priority::info,
           fmt::format("reapd {} is watching: {} rules, {} cgroups.", version(),
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
    const int r = sd_event_add_io(loop, nullptr, channel_.to_front.get(), EPOLLIN, on_events, this);
    if (r < 0)
        return failed("sd_event_add_io", -r);
    for (const auto& [source, accuracy, handler] : std::initializer_list<
             std::tuple<sd::EventSource*, std::uint64_t, sd_event_time_handler_t>>{
             {&retry_, 1000, on_backlog},
             {&later_, 0, on_rescan},
             {&managed_, 0, on_managed},
             {&round_, 1000, on_round},
             {&tell_, 0, on_tell}})
        if (const Result<> added = add_timer(*source, accuracy, handler); !added)
            return added;
    return {};
}

/// One that is off until somebody sets it.
Result<> Front::add_timer(sd::EventSource& into, std::uint64_t accuracy,
                          sd_event_time_handler_t handler) {
    sd_event_source* source = nullptr;
    if (const int r =
            sd_event_add_time(loop_.get(), &source, CLOCK_MONOTONIC, 0, accuracy, handler, this);
        r < 0)
        return failed("sd_event_add_time", -r);
    into.reset(source);
    (void)sd_event_source_set_enabled(source, SD_EVENT_OFF);
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

int Front::on_signal(sd_event_source*, const signalfd_siginfo* info, void* self) noexcept {
    auto& front = *static_cast<Front*>(self);
    if (info->ssi_signo == SIGHUP)
        front.reload({});
    else
        front.leave();
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

void Front::report(int priority, std::string_view text, std::string_view message_id) {
    Entry entry{priority, text};
    entry.add(field::message_id, message_id);
    write(entry);
}

std::string Front::name_of(CgroupId id) const {
    if (id == CgroupId{})
        return {};
    const std::string name = tree_.name_of(id);
    return name.empty() ? fmt::format("cgroup {}", id.value) : escape(name);
}

} // namespace reapd
