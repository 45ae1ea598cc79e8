// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/escape.hpp"
#include "front.hpp"
#include "kernel_offers.hpp"
#include "marks.hpp"
#include "tell/message_ids.hpp"
#include "tell/order_entries.hpp"

#include <fmt/format.h>

#include <algorithm>

/// The front's settings: put into force, read again, and what is remarkable about them.

namespace reapd {
void Front::install(Loaded loaded) {
    of_files_ = std::move(loaded.policy);
    if (!settings_.features.psi) {
        std::vector<std::string> lost;
        of_files_ = without_pressure(std::move(of_files_), lost);
        for (const std::string& name : lost)
            report(priority::warning,
                   fmt::format("Rule {} is off: it needs pressure, and this kernel reports none.",
                               escape(name)),
                   message_id::feature_missing);
    }
    status_.builtin_rules = loaded.builtin;
    status_.diagnostics = std::move(loaded.diagnostics);
    managed_troubles_.clear();
    put_into_force();
}

/// What the files say and what units ask for, together. Everything that the guard was sent before
/// it stands under the old marks, everything after it under the new ones.
void Front::put_into_force() {
    auto package = std::make_shared<PolicyPackage>();
    package->policy = of_files_;
    add_managed(package->policy);
    package->policy.generation = packages_.empty() ? 1 : packages_.rbegin()->first + 1;
    package->marks.reserve(tree_.size());
    each_node([&](const TreeNode& node) {
        if (package->marks.size() <= node.slot)
            package->marks.resize(node.slot + 1);
        package->marks[node.slot] = marks_for(package->policy, node);
    });
    packages_[package->policy.generation] = package;
    package_ = package;
    status_.policy = std::shared_ptr<const Policy>{package, &package->policy};
    told_state_ = false; // Its numbers of rules and cgroups are new.
    send({.kind = Request::Kind::Adopt, .package = package.get()});
    // Of one that the kernel has dismissed we may not have heard.
    const std::uint64_t dropped = channel_.dropped_events.load(std::memory_order_relaxed);
    if (std::exchange(dropped_before_, dropped) == dropped)
        triggers_.keep(package->policy, package->marks);
    else
        triggers_.keep({}, {});
    each_node([&](const TreeNode& node) {
        triggers_.add(node, package->marks[node.slot], package->policy);
    });
    refresh_watched();
    if (survey_)
        survey_->mark(package->marks);
    std::erase_if(status_.rule_numbers, [&](const auto& numbers) {
        return std::ranges::find(package->policy.rules, numbers.first, &Rule::name) ==
               package->policy.rules.end();
    });
    face_.rules_changed();
}

/// The old policy stays whole when anything in the new files is wrong.
std::string Front::reload(const std::optional<Requester>& requester) {
    notify_.send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", monotonic_usec()));
    Loaded loaded = load_settings(settings_.root, kernel_offers(settings_.features));
    std::string first;
    if (loaded.failed()) {
        status_.diagnostics = std::move(loaded.diagnostics);
        const auto wrong =
            std::ranges::find(status_.diagnostics, Severity::Error, &Diagnostic::severity);
        first = to_text(*wrong);
        tell_diagnostics();
        report(priority::error, fmt::format("Settings not reloaded, the old ones stay: {}", first),
               message_id::reload_refused);
    } else {
        install(std::move(loaded));
        tell_diagnostics();
        tell_unmatched();
        face_.settings_changed();
        write(reloaded_entry(package_->policy.rules.size(), requester));
    }
    refresh_state();
    notify_.send("READY=1");
    return first;
}

void Front::tell_diagnostics() {
    for (const Diagnostic& diagnostic : status_.diagnostics)
        report(diagnostic.severity == Severity::Error ? priority::error : priority::notice,
               to_text(diagnostic), message_id::diagnostic);
    if (status_.builtin_rules)
        report(priority::error, "No rule could be loaded; the shipped rules run from memory.",
               message_id::diagnostic);
}

/// A glob that matches nothing now is worth a word, once per load: it may be a typing error.
void Front::tell_unmatched() {
    for (std::size_t i = 0; i < of_files_.rules.size(); ++i) {
        bool watched = false;
        each_node([&](const TreeNode& node) {
            watched = watched || (marks_for(of_files_, node).watched >> i & 1) != 0;
        });
        if (watched)
            continue;
        const Rule& rule = of_files_.rules[i];
        const Diagnostic note{
            .severity = Severity::Note,
            .file = rule.file,
            .text = fmt::format("Watch={} matches no cgroup now", fmt::join(rule.watch, " "))};
        status_.diagnostics.push_back(note);
        report(priority::notice, to_text(note), message_id::diagnostic);
    }
}

void Front::tell_features() {
    for (const std::string& sentence : feature_warnings(settings_.features))
        report(priority::warning, sentence, message_id::feature_missing);
    if (!settings_.features.swap)
        report(priority::info,
               "No swap: memory that runs short is gone at once, and SwapFree=< always holds.",
               message_id::feature_missing);
}

} // namespace reapd
