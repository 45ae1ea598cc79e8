// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The front: everything that may wait. Settings in, reports out; it owns the cgroup tree with its
/// names, the triggers, the bus and the journal. The guard works without it.

#include "base/notify.hpp"
#include "base/sd.hpp"
#include "channel.hpp"
#include "managed/farewell.hpp"
#include "managed/socket.hpp"
#include "managed/unit_properties.hpp"
#include "marks.hpp"
#include "sense/features.hpp"
#include "sense/sampler.hpp"
#include "sense/tree.hpp"
#include "settings/load.hpp"
#include "survey.hpp"
#include "tell/bus.hpp"
#include "tell/journal.hpp"
#include "tell/repetition.hpp"
#include "tell/rivals.hpp"
#include "tell/status.hpp"
#include "triggers.hpp"

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace reapd {

/// Of syslog(3), as the journal wants them.
namespace priority {
constexpr int error = 3;
constexpr int warning = 4;
constexpr int notice = 5;
constexpr int info = 6;
} // namespace priority

/// How long requests wait that did not fit into the queue; the guard empties it in less.
constexpr std::chrono::milliseconds retry_after{5};

inline std::uint64_t monotonic_usec() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(std::chrono::duration_cast<Microseconds>(now).count());
}

inline std::uint64_t realtime_usec() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(std::chrono::duration_cast<Microseconds>(now).count());
}

/// A call that asks for the choice of victims.
struct Question {
    enum class Kind : std::uint8_t { Candidates, Explain };
    Kind kind = Kind::Candidates;
    std::string text{}; ///< the rule's name, or the cgroup's path
    Call call;
};

/// A kill that a person asked for and that the guard has not answered yet.
struct KillOrder {
    Call call;
    std::string requester{};
    std::string reason{}; ///< escaped
    std::uint64_t given_usec = 0;
};

struct FrontSettings {
    std::string root{};        ///< below which settings are read; "" but in tests
    std::string own_cgroup{};  ///< from the hierarchy's root, no leading slash
    std::string notify_path{}; ///< $NOTIFY_SOCKET
    Features features{};
    std::size_t max_cgroups = 16384;
    int guard_epoll = -1;
    std::vector<Fd> listeners{}; ///< where users' service managers report
};

class Front {
public:
    Front(Channel& channel, const Machine& machine, Journal& journal, FrontSettings settings);
    Front(const Front&) = delete;
    Front& operator=(const Front&) = delete;

    /// Puts `loaded` into force, reads the tree and makes every event source. The guard runs
    /// already and takes in what it is sent.
    Result<> start(Loaded loaded);

    /// Serves until SIGTERM or SIGINT. Returns the exit status.
    int run();

private:
    void install(Loaded loaded);
    void put_into_force();
    void add_managed(Policy& policy);
    Result<> follow_managed();
    void managed_changed();
    void leave();
    std::vector<Claim> claims() const;
    bool users_ask_for(const TreeNode& node) const;
    void tell_if_late();
    void tell_trouble(const std::string& text);
    Marks marks_for(const Policy& policy, const TreeNode& node) const;
    std::string reload(const std::optional<Requester>& requester);
    void tell_diagnostics();
    void tell_unmatched();
    void tell_features();

    void each_node(const std::function<void(const TreeNode&)>& visit) const;
    void send(const Request& request);
    void flush();
    void cgroup_added(const TreeNode& node);
    void cgroup_removed(const TreeNode& node);
    void ownership_changed(const TreeNode& node);
    void note_rival(std::string_view unit, RivalNews news);

    void take_events();
    void take(const Event& event);
    const Rule* rule_of(const Event& event) const;
    void remember(const Told& told);
    void note_acted(const Rule& rule, const Event& event);
    void refresh_standing();
    void refresh_watched();
    void follow_tree();
    void rescan();
    void rescan_later();
    void tell_left_out();
    void refresh_state();
    void tell(const Told& told);
    void write(const Entry& entry);
    void tell_later();
    void report(int priority, std::string_view text, std::string_view message_id);
    std::string name_of(CgroupId id) const;
    std::string dump();
    Oom1Dump oom1_dump();
    Oom1Dump make_oom1_dump() const;
    std::array<double, 6> pressure() const;
    std::optional<Permyriad> share_of(const Watched& watched) const;
    std::optional<Permyriad> share_of(const Rule& rule, const TreeNode& watched) const;
    std::optional<Permyriad> share_of_rule(const Rule& rule) const;

    struct Round;
    void ask(Question question);
    void forget_questions() noexcept;
    void answer_at(std::uint64_t usec);
    void answer_questions();
    bool answer_candidates(Question& question, Round& round);
    bool answer_explain(Question& question, Round& round);
    const Choice* choice_of(RuleIndex rule, Slot watched, Round& round);
    RuleAnswer explain(const TreeNode& node, RuleIndex index, Slot watched, const Choice& choice,
                       Round& round) const;
    const TreeNode* most_pressed(RuleIndex rule, Round& round) const;
    std::optional<Permyriad> share_of(RuleIndex rule, const TreeNode& watched, Round& round) const;
    const TreeNode* node_at(std::string_view path) const;
    Immunity refusal_of(const TreeNode& node) const;

    void order_kill(Call call, const std::string& cgroup, const std::string& reason,
                    const Requester& requester);
    void answer_order(Told& told);
    void refuse_order(const Event& event);
    void freeze(Call call, const std::string& cgroup, bool frozen, const Requester& requester);
    const TreeNode* known(Call& call, const std::string& cgroup) const;
    bool frozen_by_rule(const std::string& cgroup) const;
    void note_thawed_by_hand(CgroupId cgroup, const Requester& requester);
    bool is_frozen_by_rule(const TreeNode& node) const;
    void forget_frozen(CgroupId cgroup);
    bool thaw_in_time(const Event& event);
    void thaw_victim(const Event& event);
    const TreeNode* orderable(Call& call, const std::string& cgroup) const;

    Result<> add_sources();
    Result<> add_timer(sd::EventSource& into, std::uint64_t accuracy,
                       sd_event_time_handler_t handler);
    static int on_signal(sd_event_source*, const signalfd_siginfo* info, void* self) noexcept;
    static int on_events(sd_event_source*, int, std::uint32_t, void* self) noexcept;
    static int on_tree(sd_event_source*, int, std::uint32_t, void* self) noexcept;
    static int on_rescan(sd_event_source*, std::uint64_t, void* self) noexcept;
    static int on_managed(sd_event_source*, std::uint64_t, void* self) noexcept;
    static int on_round(sd_event_source*, std::uint64_t, void* self) noexcept;
    static int on_tell(sd_event_source*, std::uint64_t, void* self) noexcept;
    static int on_backlog(sd_event_source*, std::uint64_t, void* self) noexcept;

    Channel& channel_;
    const Machine& machine_;
    Journal& journal_;
    FrontSettings settings_;
    NotifySocket notify_{};
    Status status_{};
    std::map<std::uint64_t, std::shared_ptr<PolicyPackage>> packages_{}; ///< by generation
    std::shared_ptr<const PolicyPackage> package_{};
    static constexpr std::uint64_t nothing_begun = ~std::uint64_t{0};
    std::uint64_t acting_generation_ = nothing_begun; ///< of the policy that a kill was begun under
    std::uint64_t dropped_before_ = 0; ///< events, when the last policy was put into force
    Policy of_files_{};                ///< without what units ask for
    std::uint64_t last_acted_ = 0;     ///< number of the last action that was told of
    bool told_late_ = false;
    std::set<std::string> managed_troubles_{};         ///< that were told since the files were read
    std::set<std::string, std::less<>> users_paths_{}; ///< cgroups that users ask for
    Oom1Dump oom1_{};               ///< the last one, since anybody may ask at any time
    std::uint64_t oom1_usec_ = 0;   ///< when it was made
    std::deque<Request> backlog_{}; ///< what did not fit into the queue yet
    bool told_state_ = false;
    bool tree_read_ = false;
    bool told_left_out_ = false;

    sd::Event loop_{};
    Triggers triggers_;
    CgroupTree tree_;
    std::unique_ptr<UnitProperties> units_{};
    std::unique_ptr<ManagedSocket> reports_{};
    std::unique_ptr<Farewell> farewell_{};
    sd_bus* system_bus_ = nullptr;         ///< while there is one; not ours
    std::uint64_t managed_again_usec_ = 0; ///< no earlier is it put into force again
    BusFace face_;
    sd::EventSource retry_{};
    sd::EventSource later_{};
    sd::EventSource managed_{};
    sd::EventSource round_{};
    std::vector<Question> questions_{};
    std::unique_ptr<Survey> survey_{}; ///< while somebody asks
    std::uint64_t last_round_usec_ = 0;
    std::map<std::uint64_t, KillOrder> orders_{}; ///< by their numbers
    std::uint64_t last_order_ = 0;
    std::map<CgroupId, std::uint64_t> frozen_by_rules_{}; ///< under which policy; not thawed since
    Repetition repetition_{};
    sd::EventSource tell_{};
    std::unique_ptr<BusLink> bus_{}; ///< last: when it goes, it lets go of what was asked
};

} // namespace reapd
