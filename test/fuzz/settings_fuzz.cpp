// SPDX-License-Identifier: LGPL-2.1-or-later
// Any bytes as a rule and as reapd.conf. Beyond not crashing: a rule comes out exactly when no
// error does, what comes out can be used, and every message is printable.
#include "settings/config_file.hpp"
#include "settings/rule_file.hpp"
#include "settings/rule_text.hpp"
#include "settings/values.hpp"

#include <cstdio>
#include <cstdlib>

using namespace reapd;

namespace {

void require(bool holds, const char* what) {
    if (holds)
        return;
    std::fprintf(stderr, "does not hold: %s\n", what);
    std::abort();
}

void check_limits(const When& when) {
    for (const auto& limit : {when.pressure_full, when.pressure_some})
        require(!limit || parse_pressure_limit(to_text(*limit)) == *limit, "pressure reads back");
    for (const auto& limit : {when.memory_available, when.swap_free, when.swap_used})
        require(!limit || parse_amount_limit(to_text(*limit)) == *limit, "amount reads back");
}

void check_rule(const SettingsFile& file) {
    std::vector<Diagnostic> diagnostics;
    const std::optional<Rule> rule = make_rule("fuzz", {&file, 1}, diagnostics);
    for (const Diagnostic& diagnostic : diagnostics)
        for (const char c : to_text(diagnostic))
            require(static_cast<unsigned char>(c) >= ' ', "messages are printable");
    require(!(rule && has_error(diagnostics)), "an error switches the rule off");
    if (!rule)
        return;
    require(!rule->watch.empty() && !rule->victim.order.empty(), "a rule is complete");
    // With a slash in front, since a name may begin like a comment.
    for (const std::string& glob : rule->watch)
        require(parse_glob(glob == "/" ? glob : "/" + glob) == glob, "a glob reads back");
    check_limits(rule->when);
}

void check_config(const SettingsFile& file) {
    std::vector<Diagnostic> diagnostics;
    const Config config = make_config({&file, 1}, diagnostics);
    require(config.max_cgroups >= 64 && config.max_cgroups <= 1'048'576, "MaxCgroups in range");
    require(config.sample_interval >= std::chrono::milliseconds{20}, "step in range");
    require(config.reaper_nice >= -20 && config.reaper_nice <= 19, "nice level in range");
    require(config.history_size >= 16, "history in range");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
    const SettingsFile file{.path = "fuzz",
                            .text = std::string{reinterpret_cast<const char*>(bytes), size}};
    check_rule(file);
    check_config(file);
    return 0;
}
