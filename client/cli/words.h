// SPDX-License-Identifier: AGPL-3.0-or-later
// The closed lists of the directory in people's words, and numbers and times as the commands print them.
#pragma once

#include <boost/json/value.hpp>

#include "client/field/admin.h"
#include "schema/calendar/work_calendar.h"
#include "schema/template/template.h"

namespace satchel::cli {

inline constexpr int kChinaMinutes = 480;

std::string role_word(Role role, Lang lang);
// The stable names of kinds.h ("branch_manager", also with '-'), and the words of both languages.
std::optional<Role> role_of_word(std::string_view word);
// "salesperson, branch_manager, …" or the Chinese words: for help and refusals.
std::string role_words(Lang lang);
std::string state_word(NodeState state, Lang lang);
std::string statement_word(StatementKind kind, Lang lang);
// "2026-11-22 14:05", "-" for no time.
std::string time_word(WallTime time);
// Archives that have no room here: what happened, what is safe, what to do.
std::string kept_back_word(std::uint64_t archives, Lang lang);
// How long archives stay open here without meeting a hub.
std::string lease_word(const node::Lease& lease, Lang lang);
// A length of time, without its sign: '3 分钟', '365 days'.
std::string span_word(Millis span, Lang lang);
std::string size_word(std::uint64_t bytes);
// The calendar that working days were counted by: 中国工作日 第 3 版，节假日公布至 2027-12-31.
std::string calendar_word(const WorkCalendar& calendar, Lang lang);
// Its label, or null.
boost::json::value calendar_json(const WorkCalendar* calendar, Lang lang);
// Whoever shares a reading right: 甲, 深圳的主管, headquarters.
std::string audience_word(const Directory& directory, const AudienceId& id, Lang lang);
// Devices with their people's names.
std::string nodes_word(const Directory& directory, const std::vector<NodeId>& nodes, Lang lang);

}  // namespace satchel::cli
