// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What kind of journal entry it is, for ever: `journalctl MESSAGE_ID=...`, the catalog in
/// units/reapd.catalog and other people's scripts rely on these numbers.

#include <array>
#include <string_view>

namespace reapd::message_id {

constexpr std::string_view started = "349ad557ed704fdfb33e5f8ff299a742";
constexpr std::string_view killed = "5391ffb8ca0a46b7b0a96da9388ddb99";
constexpr std::string_view ordered = "18332b2aa03d4d8da2b5b20652f5e51c"; ///< killed by hand
constexpr std::string_view asked = "2e3d24d943394797bc62833fd31e3dad";   ///< SIGTERM
constexpr std::string_view completed = "c63d393cd01a4aae846f74b05b1e72f4";
constexpr std::string_view stuck = "2f39533dc287435eacc9abd8cbc7876f";
constexpr std::string_view unstuck = "9493cd011acb440092380406d96e1cbb";
constexpr std::string_view not_killed = "e2106d24d6d74368beb7fef59774a519"; ///< dry run or Do=log
constexpr std::string_view relieved = "6c55750bbce94dbca6e1eb2ac7dc9fa3";
constexpr std::string_view cooling = "77cea739e8f9440cb5716700499629af";     ///< hint, reclaim
constexpr std::string_view cooled = "a7066cb7331a4e70bec79270a3572711";      ///< when that is over
constexpr std::string_view frozen = "2a22dbcc1c2e433696413ee4f2b00f3a";      ///< by hand
constexpr std::string_view thawed = "c7772259899548069a93503bdf2a40c3";      ///< by hand
constexpr std::string_view left_frozen = "b1a559dbb1534aeab8c154eec2e6c339"; ///< and thawed
constexpr std::string_view rule_froze = "174d8e4274bf4fe0853a041c8ed8a65e";
constexpr std::string_view paged_out = "6c020d6ec9714568bc9ee2ba235b123d";
constexpr std::string_view rule_thawed = "3f79f638e75e4dd6a62c3fcf3faa6bc7";
constexpr std::string_view killed_frozen = "c96cb040aadf42fcb93bb34a617d1d73";
constexpr std::string_view stuck_freezing = "3d83c30c84bf42a48c6d01fce0e3e049";
constexpr std::string_view told_froze = "0450dca089ab4f44b8ef88522d498c49"; ///< a user's copy
constexpr std::string_view held_up = "0e12fe0050c04b359f7c376dfa8a4390";
constexpr std::string_view reloaded = "df5e911c12164597ac2e5b14a40c4218";
constexpr std::string_view reload_refused = "65a94b2dbeb04cbba23f7b15dd5f72d8";
constexpr std::string_view diagnostic = "d187714922e343bfbbcf4b95958d00c6"; ///< of a settings file
constexpr std::string_view feature_missing = "fdac12308d8e4c9d945658147179d349";
constexpr std::string_view guard_failed = "e4ed92c5e18f4826a2f28bf2e1e58457";
constexpr std::string_view rival_came = "3984063046df46aebe4dc0cdd8b1f317";
constexpr std::string_view rival_went = "edc38a13b9dd40f0a56bf84bbd7ade80";
constexpr std::string_view told_user = "4088b21ca2db40168dbc0e2f176434c1"; ///< a user's copy
constexpr std::string_view told_user_asked = "8ff4756a43734b2c83060b21803ecd48";
constexpr std::string_view told_user_ordered = "610f560d1d044f1eab9a1147bb8aaf3d";
constexpr std::string_view repeated = "a538f65cb9814f7bbfac85b3fd8898ec"; ///< were held back
constexpr std::string_view entries_lost = "0d14e20a1ae44287aacbae6d06118a8b";

inline constexpr std::array all{
    started,      killed,     completed,   stuck,           unstuck,           not_killed,
    asked,        relieved,   reloaded,    reload_refused,  diagnostic,        feature_missing,
    guard_failed, rival_came, rival_went,  told_user,       repeated,          entries_lost,
    ordered,      frozen,     thawed,      told_user_asked, told_user_ordered, left_frozen,
    rule_froze,   paged_out,  rule_thawed, killed_frozen,   stuck_freezing,    told_froze,
    cooling,      cooled,     held_up,
};

} // namespace reapd::message_id
