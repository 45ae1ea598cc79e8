// SPDX-License-Identifier: LGPL-2.1-or-later
// Any bytes as a message at the socket for ManagedOOM. Beyond not crashing: whatever is claimed is
// the only name of a cgroup, nobody but user 0 claims the root, and what is said is well-formed.
#include "managed/ledger.hpp"
#include "managed/message.hpp"
#include "settings/rule.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
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

void check_entry(const ManagedEntry& entry, std::uint32_t uid) {
    require(reported_path("/" + entry.path) == entry.path, "a path reads back");
    require(uid == 0 || !entry.path.empty(), "the root is user 0's");
    require(entry.kill || (!entry.limit && !entry.duration && entry.rules.empty()),
            "auto says nothing more");
    require(!entry.limit || (entry.limit->value > 0 && entry.limit->value <= 10'000),
            "limit in range");
    require(!entry.duration || (*entry.duration >= std::chrono::seconds{1} &&
                                *entry.duration <= longest_managed_duration),
            "duration in range");
}

void check_message(std::string_view text, std::uint32_t uid) {
    const auto answer = answer_message(text, uid);
    if (!answer)
        return;
    for (const ManagedEntry& entry : answer->entries.good)
        check_entry(entry, uid);
    require(std::ranges::none_of(answer->entries.fault,
                                 [](char c) { return static_cast<unsigned char>(c) < ' '; }),
            "faults are printable");
    const std::string& reply = answer->reply;
    require(reply.empty() || (reply.find('\0') == reply.size() - 1 &&
                              nlohmann::json::accept(reply.substr(0, reply.size() - 1))),
            "a reply is one message");
    Ledger ledger{2};
    (void)ledger.apply(1, uid, answer->entries.good); // how many are left out does not matter
    for (const Claim& claim : ledger.claims())
        require(claim.unit.asks(), "a claim asks for something");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(bytes), size};
    check_message(text, 0);
    check_message(text, 1000);
    return 0;
}
