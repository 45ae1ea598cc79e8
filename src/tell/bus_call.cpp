// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tell/bus_call.hpp"

#include "tell/bus_state.hpp"
#include "tell/bus_writer.hpp"

#include <climits>
#include <cstring>

namespace reapd {
namespace {

void add(Writer& to, const Measures& measures) {
    to.number("CurrentBytes", measures.current)
        .number("SwapBytes", measures.swap)
        .number("ExpectedBytes", measures.promise)
        .number("SharedBytes", measures.shared)
        .number("GainedBytes", measures.gained)
        .integer("Preference", measures.preference);
    if (measures.growth)
        to.rate("GrowthBytes", *measures.growth);
    if (measures.stall)
        to.share("Stall", measures.stall->value);
    if (measures.scan_rate)
        to.number("ScanRate", *measures.scan_rate);
    if (measures.refault_rate)
        to.number("RefaultRate", *measures.refault_rate);
}

void add(Writer& to, const RuleAnswer& answer, const std::string& cgroup) {
    to.dictionary()
        .text("Rule", answer.rule)
        .text("Watched", answer.watched)
        .text("Reason", standing_word(answer.standing))
        .text("Sentence", sentence(answer, cgroup))
        .flag("Candidate", answer.standing == Standing::Candidate)
        .count("Position", answer.position)
        .count("Candidates", answer.ranked)
        .flag("Above", answer.above);
    if (answer.share)
        to.share("Share", answer.share->value);
    if (!answer.instead.empty())
        to.text("ControlGroup", answer.instead);
    if (answer.measures)
        add(to, *answer.measures);
    to.end();
}

} // namespace

bool has_room(sd_bus* bus, std::size_t size) noexcept {
    constexpr std::uint64_t enough = 256;
    constexpr std::uint64_t most_bytes = 4 << 20;
    std::uint64_t waiting = 0;
    return sd_bus_get_n_queued_write(bus, &waiting) >= 0 && waiting < enough &&
           waiting * size < most_bytes;
}

int hold_back(sd_bus_message* message, void*, sd_bus_error*) noexcept {
    const bool asks = sd_bus_message_is_method_call(message, nullptr, nullptr) > 0;
    return asks && !has_room(sd_bus_message_get_bus(message)) ? 1 : 0;
}

bool is_too_long(const char* text) noexcept {
    constexpr std::size_t longest = 4 * PATH_MAX; // each byte as \xHH
    return ::strnlen(text, longest + 1) > longest;
}

bool Call::may_answer() const noexcept { return has_room(sd_bus_message_get_bus(message_.get())); }

std::string_view Call::sender() const noexcept {
    const char* const name = sd_bus_message_get_sender(message_.get());
    return name ? name : "";
}

// A reply that cannot be sent has nobody to be told of it: the caller's time runs out.

void Call::refuse(const char* error, const std::string& sentence) noexcept {
    if (may_answer())
        (void)sd_bus_reply_method_errorf(message_.get(), error, "%s", sayable(sentence).c_str());
}

void Call::answer() noexcept {
    if (may_answer())
        (void)sd_bus_reply_method_return(message_.get(), "");
}

void Call::answer(std::uint64_t id) noexcept {
    if (may_answer())
        (void)sd_bus_reply_method_return(message_.get(), "t", id);
}

void Call::answer(const CandidateList& candidates) noexcept {
    if (!may_answer())
        return;
    Writer reply = Writer::reply(message_.get());
    reply.list();
    for (const CandidateLine& line : candidates.lines) {
        reply.dictionary()
            .text("ControlGroup", line.cgroup)
            .text("Watched", line.watched)
            .count("Position", line.position)
            .flag("SingleProcess", line.single_process)
            .number("SampledUSec", candidates.sampled_usec);
        add(reply, line.measures);
        reply.end();
    }
    if (!reply.end().send())
        refuse(SD_BUS_ERROR_LIMITS_EXCEEDED, no_room_text);
}

void Call::answer(const Explanation& explanation) noexcept {
    if (!may_answer())
        return;
    Writer reply = Writer::reply(message_.get());
    reply.dictionary()
        .text("ControlGroup", explanation.cgroup)
        .text("Sentence", sentence(explanation))
        .text("Refusal", refusal_word(explanation.refusal))
        .number("SampledUSec", explanation.sampled_usec);
    if (explanation.measures)
        add(reply, *explanation.measures);
    reply.list("Rules");
    for (const RuleAnswer& rule : explanation.rules)
        add(reply, rule, explanation.cgroup);
    if (!reply.end_list().end().send())
        refuse(SD_BUS_ERROR_LIMITS_EXCEEDED, no_room_text);
}

} // namespace reapd
