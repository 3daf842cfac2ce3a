// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/cli/destroy_view.h"

#include "client/cli/book_view.h"
#include "client/cli/words.h"
#include "schema/exchange/text_table.h"

namespace satchel::cli {

namespace {

namespace json = boost::json;
using field::Obstacle;

struct ObstacleWord {
  Obstacle what;
  std::string_view name, zh, en;
};
constexpr ObstacleWord kObstacleWords[] = {
    {Obstacle::retention, "retention", "保管期未满的记录", "records still to be kept"},
    {Obstacle::tasks, "tasks", "未办的任务", "open tasks"},
    {Obstacle::plans, "planned_visits", "已约的拜访", "planned visits"},
    {Obstacle::conflicts, "conflicts", "未裁决的冲突", "unresolved conflicts"},
    {Obstacle::held, "held", "待裁定的记录", "entries held for a verdict"},
    {Obstacle::unsent, "unsent", "本机未上交的记录", "entries unsent on this device"},
    {Obstacle::grants, "grants", "仍有效的授权", "running grants"},
    {Obstacle::unreadable, "unreadable", "本机打不开，未能检查", "not readable here, so not looked at"}};

const ObstacleWord& word_of(Obstacle what) {
  for (const auto& word : kObstacleWords) {
    if (word.what == what) return word;
  }
  return kObstacleWords[0];
}

std::string archive_word(const field::Examined& examined) {
  const std::string id = holder::short_id(examined.archive);
  return examined.customer.name.empty()
             ? id
             : printable(examined.customer.name) + "  " + examined.customer.number + "  " + id;
}

std::string node_text(const Frame& frame, holder::Book& book, const field::NodeWord& word) {
  std::string out = "  " + holder::short_id(word.node) + "  " + printable(word.name);
  if (!word.person.none()) out += "  " + book.person_name(word.person);
  if (word.state == NodeState::revoked) out += frame.tr("  已停用", "  revoked");
  if (word.receipt) {
    out += frame.tr("  已清除，回执 ", "  has let go, receipt of ") + time_word(word.receipt->time);
    if (word.receipt->unsent > 0)
      out += frame.tr("，仍留有未上交的记录 ", ", still keeps unsent entries: ") + std::to_string(word.receipt->unsent);
  } else {
    out += frame.tr("  尚无回执", "  silent");
  }
  if (word.copied)
    out += frame.tr("，但它曾被复制，另一台没有回执", "; but it was copied, and the other device has given none");
  if (word.backup_until) out += frame.tr("；备份到期 ", "; backup until ") + time_word(*word.backup_until);
  if (word.backup_for_ever) out += frame.tr("；备份不会到期", "; a backup that does not expire");
  return out;
}

}  // namespace

std::string reason_word(const Frame& frame, DestroyReason reason) {
  switch (reason) {
    case DestroyReason::retention_over:
      return frame.tr("保管期满", "nobody has to keep it any longer");
    case DestroyReason::person_asked:
      return frame.tr("客户依法要求", "the customer's lawful demand");
    case DestroyReason::authority:
      return frame.tr("主管机关或法院要求", "an authority's or a court's order");
    case DestroyReason::mistake:
      return frame.tr("误建或重复", "opened by mistake, or twice");
    case DestroyReason::none:
      break;
  }
  return frame.tr("未说明", "not said");
}

std::string examined_text(const Frame& frame, const field::Examined& examined, DestroyReason reason) {
  std::string out = "  " + archive_word(examined);
  const auto passed = field::overrides_of(reason);
  for (const auto& found : examined.found) {
    const bool over = (passed & static_cast<std::uint16_t>(found.what)) != 0;
    const auto& word = word_of(found.what);
    out += "\n    " + std::string(over ? frame.tr("△ 越过：", "△ passed over: ") : "✗ ") + frame.tr(word.zh, word.en) +
           " " + std::to_string(found.count);
    if (!found.example.empty()) out += "  (" + printable(found.example) + ")";
    if (found.what == Obstacle::retention)
      out += found.until ? frame.tr("  保管至 ", "  until ") + format_date(*found.until)
                         : frame.tr("  长期保管", "  long term");
  }
  if (examined.found.empty()) out += frame.tr("    没有未了的事", "    nothing stands against it");
  return out;
}

json::array examined_json(const std::vector<field::Examined>& all, DestroyReason reason) {
  const auto passed = field::overrides_of(reason);
  json::array out;
  for (const auto& one : all) {
    json::array found;
    for (const auto& f : one.found) {
      json::object item{{"what", word_of(f.what).name},
                        {"count", f.count},
                        {"example", f.example},
                        {"overridden", (passed & static_cast<std::uint16_t>(f.what)) != 0}};
      if (f.what == Obstacle::retention)
        item["until"] = f.until ? json::value(format_date(*f.until)) : json::value("long-term");
      found.push_back(std::move(item));
    }
    out.push_back(json::object{{"archive", one.archive.hex()},
                               {"customer", one.customer.name},
                               {"number", one.customer.number},
                               {"found", std::move(found)}});
  }
  return out;
}

json::array obstacles_json(std::uint16_t bits) {
  json::array out;
  for (const auto what : field::kObstacles) {
    if ((bits & static_cast<std::uint16_t>(what)) != 0) out.emplace_back(word_of(what).name);
  }
  return out;
}

std::string proposal_text(const Frame& frame, holder::Book& book, const field::ListedProposal& proposal) {
  std::string out = holder::short_id(proposal.id) + "  " + book.person_name(proposal.proposal.by) + "  " +
                    time_word(proposal.proposal.time) + "  " + reason_word(frame, proposal.proposal.reason) + "  ";
  if (proposal.destroyed != nullptr) {
    out += frame.tr("已销毁，会签 ", "destroyed, signed by ") + book.person_name(proposal.destroyed->signed_by) + "  " +
           time_word(proposal.destroyed->time);
    for (const auto& archive : proposal.proposal.archives) out += "\n  " + archive.hex();
    return out;
  }
  out += proposal.own        ? frame.tr("等另一人会签", "waits for another person's signature")
         : proposal.may_sign ? frame.tr("可由您会签", "may be signed by you")
                             : frame.tr("等总部会签", "waits for headquarters' signature");
  if (proposal.proposal.overridden != 0) {
    std::string passed;
    for (const auto what : field::kObstacles) {
      const auto& word = word_of(what);
      if ((proposal.proposal.overridden & static_cast<std::uint16_t>(what)) != 0)
        passed += (passed.empty() ? "" : frame.tr("；", "; ")) + frame.tr(word.zh, word.en);
    }
    out += frame.tr("\n  提议人越过了：", "\n  The first person passed over: ") + passed;
  }
  for (const auto& one : proposal.archives) out += "\n" + examined_text(frame, one, proposal.proposal.reason);
  return out;
}

json::object proposal_json(holder::Book& book, const field::ListedProposal& proposal) {
  json::object out{{"proposal", proposal.id.hex()},
                   {"proposed_by", book.person_name(proposal.proposal.by)},
                   {"time", time_word(proposal.proposal.time)},
                   {"reason", field::name_of(proposal.proposal.reason)},
                   {"overridden", obstacles_json(proposal.proposal.overridden)},
                   {"own", proposal.own},
                   {"may_sign", proposal.may_sign},
                   {"destroyed", proposal.destroyed != nullptr},
                   {"archives", examined_json(proposal.archives, proposal.proposal.reason)}};
  if (proposal.destroyed != nullptr) {
    out["signed_by"] = book.person_name(proposal.destroyed->signed_by);
    out["destroyed_at"] = time_word(proposal.destroyed->time);
  }
  return out;
}

std::string status_text(const Frame& frame, holder::Book& book, const field::DestructionStatus& status) {
  std::string out = holder::short_id(status.proposal) + "  " + reason_word(frame, status.reason) +
                    frame.tr("  提议 ", "  proposed by ") + book.person_name(status.proposed_by) +
                    frame.tr("，会签 ", ", signed by ") + book.person_name(status.signed_by) + "  " +
                    time_word(status.ordered);
  for (const auto& archive : status.archives) out += "\n  " + archive.hex();
  out += "\n[" + frame.tr("设备与枢纽 ", "Nodes ") + std::to_string(status.nodes.size()) +
         frame.tr("，尚无回执 ", ", silent ") + std::to_string(status.silent().size()) +
         frame.tr("，未到期的备份 ", ", unexpired backups ") + std::to_string(status.backups().size()) + "]";
  for (const auto& word : status.nodes) out += "\n" + node_text(frame, book, word);
  out += "\n" + (status.everywhere()
                     ? frame.tr("已在各处销毁。", "Destroyed everywhere.")
                     : frame.tr("还不能说已在各处销毁。", "It cannot be said yet that it is gone everywhere."));
  return out;
}

json::object status_json(holder::Book& book, const field::DestructionStatus& status) {
  json::array nodes, archives;
  for (const auto& archive : status.archives) archives.emplace_back(archive.hex());
  for (const auto& word : status.nodes) {
    json::object one{{"node", word.node.hex()},
                     {"name", word.name},
                     {"kind", node_kind_name(word.kind)},
                     {"state", node_state_name(word.state)},
                     {"person", word.person.none() ? std::string() : book.person_name(word.person)},
                     {"silent", word.silent()},
                     {"copied", word.copied}};
    one["receipt"] = word.receipt ? json::value(time_word(word.receipt->time)) : json::value(nullptr);
    one["backup_until"] = word.backup_for_ever ? json::value("never")
                          : word.backup_until  ? json::value(time_word(*word.backup_until))
                                               : json::value(nullptr);
    nodes.push_back(std::move(one));
  }
  return {{"proposal", status.proposal.hex()},
          {"archives", std::move(archives)},
          {"reason", field::name_of(status.reason)},
          {"overridden", obstacles_json(status.overridden)},
          {"proposed_by", book.person_name(status.proposed_by)},
          {"signed_by", book.person_name(status.signed_by)},
          {"ordered", time_word(status.ordered)},
          {"nodes", std::move(nodes)},
          {"silent", status.silent().size()},
          {"backups", status.backups().size()},
          {"everywhere", status.everywhere()}};
}

}  // namespace satchel::cli
