// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/cli/words.h"

#include <array>
#include <cctype>

#include "schema/template/field_text.h"

namespace satchel::cli {

namespace {

struct RoleWords {
  Role role;
  std::array<std::string_view, 3> zh;  // the first is the one printed
  std::array<std::string_view, 3> en;
};

constexpr RoleWords kRoles[] = {
    {Role::salesperson, {"业务员", "销售员", "销售"}, {"salesperson", "sales", "rep"}},
    {Role::branch_manager, {"分公司经理", "分支经理", "经理"}, {"branch manager", "branch_manager", "manager"}},
    {Role::archive_administrator,
     {"档案管理员", "管理员", ""},
     {"archive administrator", "archive_administrator", "administrator"}},
    {Role::department, {"部门", "职能部门", ""}, {"department", "", ""}},
    {Role::general_manager, {"总经理", "", ""}, {"general manager", "general_manager", ""}},
    {Role::auditor, {"审计员", "审计", ""}, {"auditor", "", ""}},
};

struct KindWords {
  StatementKind kind;
  std::string_view zh;
};

constexpr KindWords kKinds[] = {
    {StatementKind::organisation_founded, "建立单位"},
    {StatementKind::hub_admitted, "总部枢纽"},
    {StatementKind::order_resumed, "恢复定序"},
    {StatementKind::branch_added, "增加分支"},
    {StatementKind::person_added, "增加人员"},
    {StatementKind::person_changed, "变更人员"},
    {StatementKind::invitation, "邀请"},
    {StatementKind::node_enrolled, "设备登记"},
    {StatementKind::node_confirmed, "确认设备"},
    {StatementKind::node_revoked, "停用设备"},
    {StatementKind::audience_key, "读者组密钥"},
    {StatementKind::audience_box, "读者组密钥分发"},
    {StatementKind::pack_published, "发布模板包"},
    {StatementKind::number_range_wanted, "申请编号"},
    {StatementKind::number_range, "发放编号"},
    {StatementKind::policy, "规定"},
    {StatementKind::verdict, "裁定"},
    {StatementKind::owner_set, "变更档案负责人"},
    {StatementKind::grant, "授权"},
    {StatementKind::grant_ended, "收回授权"},
    {StatementKind::handover, "交接"},
    {StatementKind::moved, "档案转分支"},
    {StatementKind::merge, "档案并列显示"},
    {StatementKind::merge_undone, "取消并列显示"},
    {StatementKind::destroy_proposed, "提议销毁"},
    {StatementKind::destroy, "销毁"},
    {StatementKind::access_dropped, "清除回执"},
    {StatementKind::node_frozen, "冻结设备"},
    {StatementKind::former_order, "从前的次序"},
    {StatementKind::node_renewed, "设备恢复后重新开始"},
    {StatementKind::backup_key, "备份公钥"},
    {StatementKind::access_requested, "权限申请"},
    {StatementKind::access_answered, "答复权限申请"},
};

std::string folded(std::string_view word) {
  std::string out;
  for (const char c : word)
    out += c == '-' || c == '_' ? ' ' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

}  // namespace

std::string role_word(Role role, Lang lang) {
  for (const auto& words : kRoles) {
    if (words.role == role) return std::string(lang == Lang::en ? words.en[0] : words.zh[0]);
  }
  return std::string(role_name(role));
}

std::optional<Role> role_of_word(std::string_view word) {
  if (word.empty()) return std::nullopt;
  const std::string wanted = folded(word);
  for (const auto& words : kRoles) {
    for (const auto& name : words.zh) {
      if (name == word) return words.role;
    }
    for (const auto& name : words.en) {
      if (!name.empty() && folded(name) == wanted) return words.role;
    }
  }
  return std::nullopt;
}

std::string role_words(Lang lang) {
  std::vector<std::string> out;
  for (const auto& words : kRoles) out.emplace_back(lang == Lang::en ? role_name(words.role) : words.zh[0]);
  return join_list(out, lang);
}

std::string state_word(NodeState state, Lang lang) {
  switch (state) {
    case NodeState::enrolled:
      return lang == Lang::en ? "waits for confirmation" : "待核对指纹";
    case NodeState::confirmed:
      return lang == Lang::en ? "confirmed" : "已确认";
    case NodeState::revoked:
      return lang == Lang::en ? "revoked" : "已停用";
  }
  return {};
}

std::string statement_word(StatementKind kind, Lang lang) {
  if (lang == Lang::zh) {
    for (const auto& words : kKinds) {
      if (words.kind == kind) return std::string(words.zh);
    }
  }
  std::string name(kind_name(kind));
  std::ranges::replace(name, '_', ' ');
  return name;
}

std::string time_word(WallTime time) { return time.ms == 0 ? "-" : format_time(time, kChinaMinutes); }

std::string calendar_word(const WorkCalendar& calendar, Lang lang) {
  const std::string version = std::to_string(calendar.version), until = format_date(calendar.published_to);
  return lang == Lang::zh ? calendar.label.in(lang) + " 第 " + version + " 版，节假日公布至 " + until
                          : calendar.label.in(lang) + " version " + version + ", holidays published until " + until;
}

boost::json::value calendar_json(const WorkCalendar* calendar, Lang lang) {
  return calendar != nullptr ? boost::json::value(calendar->label.in(lang)) : boost::json::value(nullptr);
}

std::string span_word(Millis span, Lang lang) {
  const auto seconds = std::abs(span.count()) / 1000;
  const auto say = [&](std::int64_t count, const char* zh, const char* en) {
    return std::to_string(count) + (lang == Lang::en ? en : zh);
  };
  if (seconds < 120) return say(seconds, " 秒", " s");
  if (seconds < 2 * 3600) return say(seconds / 60, " 分钟", " min");
  if (seconds < 2 * 24 * 3600) return say(seconds / 3600, " 小时", " h");
  return say(seconds / (24 * 3600), " 天", " days");
}

std::string lease_word(const node::Lease& lease, Lang lang) {
  if (lease.over)
    return lang == Lang::en
               ? "⚠ over: this device met no hub for too long and its archives are locked. What is recorded "
                 "is safe and can be sent; `satchel sync` opens them again."
               : "⚠ 已过：本机太久没有连接枢纽，档案已锁。已记录的内容安全，可以送出；运行 `satchel sync` "
                 "后恢复。";
  const std::string left = span_word(lease.left(), lang);
  return lang == Lang::en ? "⚠ " + left + " left: then archives are locked here until the next sync"
                          : "⚠ 还有 " + left + "：过期后档案在本机锁上，同步后恢复";
}

std::string kept_back_word(std::uint64_t archives, Lang lang) {
  const std::string count = std::to_string(archives);
  return lang == Lang::en
             ? "⚠ " + count +
                   " archives were not received: this device may hold no more [replica.over-limit]. What is "
                   "here goes on, and what is recorded here is sent. An administrator can raise "
                   "`replica-archives-max` or `replica-bytes-max` (`satchel policy set`)."
             : "⚠ 有 " + count +
                   " 份档案没有收下：已到本机容量上限 [replica.over-limit]。本机已有的照常更新，已记录的照常送出。"
                   "管理员可调高 `replica-archives-max` 或 `replica-bytes-max`（`satchel policy set`）。";
}

std::string size_word(std::uint64_t bytes) {
  constexpr std::uint64_t kKib = 1024;
  if (bytes < kKib) return std::to_string(bytes) + " B";
  if (bytes < kKib * kKib) return std::to_string((bytes + kKib / 2) / kKib) + " KiB";
  const auto tenths = (bytes * 10 + kKib * kKib / 2) / (kKib * kKib);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " MiB";
}

std::string audience_word(const Directory& directory, const AudienceId& id, Lang lang) {
  const bool en = lang == Lang::en;
  const Audience* audience = directory.audience(id);
  if (audience == nullptr) return (en ? "readers the directory does not name " : "通讯录里没有的读者 ") + id.hex();
  const Person* person = directory.person(audience->person);
  const Branch* branch = directory.branch(audience->branch);
  switch (audience->kind) {
    case AudienceKind::person:
      return person != nullptr ? person->name : id.hex();
    case AudienceKind::branch_managers:
      return (branch != nullptr ? branch->name : id.hex()) + (en ? "'s managers" : "的主管");
    case AudienceKind::hq:
      return en ? "headquarters" : "总部";
    case AudienceKind::everyone:
      return en ? "everybody" : "所有人";
    case AudienceKind::pool:
      break;
  }
  return en ? "a pool" : "客户池";
}

std::string nodes_word(const Directory& directory, const std::vector<NodeId>& nodes, Lang lang) {
  std::vector<std::string> out;
  for (const auto& id : nodes) {
    const KnownNode* node = directory.node(id);
    const Person* person = node != nullptr ? directory.person(node->person) : nullptr;
    out.push_back((person != nullptr ? person->name + " " : std::string{}) + (node != nullptr ? node->name : id.hex()));
  }
  return join_list(out, lang);
}

}  // namespace satchel::cli
