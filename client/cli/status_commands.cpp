// SPDX-License-Identifier: AGPL-3.0-or-later
// status: who this vault is, what it holds, owes and waits for, on one screen.
#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include "client/cli/attachment_view.h"
#include "client/cli/commands.h"
#include "client/cli/hub_view.h"
#include "client/cli/locked_view.h"
#include "client/cli/words.h"
#include "client/field/enrolment.h"
#include "client/field/history.h"
#include "client/field/numbers.h"
#include "schema/base/exit_code.h"
#include "schema/base/version.h"
#include "schema/exchange/text_table.h"
#include "sync/backup/limits.h"
#include "sync/holder/standing.h"

namespace satchel::cli {

namespace {

const char* life_name(holder::Device::Life life) {
  return life == holder::Device::Life::current ? "current" : life == holder::Device::Life::former ? "former" : "copied";
}

// The newest, and the newest that somebody opened and audited.
const node::KnownBackup* last_verified(const holder::Standing& s) {
  const auto verified = std::ranges::max_element(s.backups, {}, [](const auto& b) { return b.verified.ms; });
  return verified == s.backups.end() || verified->verified.ms == 0 ? nullptr : &*verified;
}

boost::json::object backups_json(const holder::Standing& s) {
  const auto* verified = last_verified(s);
  return {{"last_ms", s.backups.empty() ? 0 : s.backups.front().made.ms},
          {"last_file", s.backups.empty() ? "" : s.backups.front().file},
          {"verified_ms", verified == nullptr ? 0 : verified->verified.ms}};
}

void tell_backups(const Frame& frame, const holder::Standing& s, WallTime now) {
  const auto* verified = last_verified(s);
  const WallTime rehearsed = verified == nullptr ? WallTime{} : verified->verified;
  const bool stale = now.ms - rehearsed.ms > std::chrono::duration_cast<Millis>(backup::kVerifyEvery).count();
  if (s.backups.empty()) {
    frame.say(
        frame.tr("备份：　　还没有：`satchel backup create`", "backup:        none yet: `satchel backup create`"));
  } else {
    frame.say(
        frame.tr("备份：　　最近 ", "backup:        last ") + time_word(s.backups.front().made) +
        frame.tr("，最近演练 ", ", last verified ") + time_word(rehearsed) +
        (stale ? frame.tr("，⚠ 该演练了：`satchel backup verify`", ", ⚠ rehearse: `satchel backup verify`") : ""));
  }
  if (s.restored && s.restored->waiting) frame.say(frame.sentence({ErrorKind::offline, "restore.waiting", {}}));
}

boost::json::array statements_json(const holder::Standing& s) {
  boost::json::array out;
  for (const auto& w : s.statements) {
    out.push_back({{"id", w.id.hex()},
                   {"kind", kind_name(w.kind)},
                   {"state", w.refused ? "refused" : "pending"},
                   {"code", w.code},
                   {"claimed_ms", w.claimed.ms}});
  }
  return out;
}

boost::json::array takings_json(const holder::Standing& s) {
  boost::json::array out;
  for (const auto& t : s.takings)
    out.push_back({{"id", t.id.hex()}, {"kind", kind_name(t.kind)}, {"by", t.by}, {"claimed_ms", t.claimed.ms}});
  return out;
}

boost::json::array hubs_json(const holder::Standing& s) {
  boost::json::array out;
  for (const auto& hub : s.hubs) {
    out.push_back({{"name", hub.name},
                   {"address", hub.address},
                   {"headquarters", hub.headquarters},
                   {"last_exchange_ms", hub.last.complete.ms},
                   {"failed_ms", hub.last.tried.ms},
                   {"clock_ahead_ms", hub.last.ahead.count()},
                   {"shown_through_ms", hub.shown_through.ms},
                   {"code", hub.last.code}});
  }
  return out;
}

// How many, why, and by which numbers they can be named.
std::string locked_customers_word(const Frame& frame, const std::vector<holder::LockedCustomer>& all) {
  const Lang lang = frame.globals().lang;
  return std::to_string(all.size()) + frame.tr(" 户客户（", " customers (") + locked_word(all.front().why, lang) +
         frame.tr("）：", "): ") + locked_numbers(all, lang) +
         frame.tr("；`satchel customer list` 全部列出", "; `satchel customer list` shows all");
}

boost::json::object locked_counts(const std::vector<holder::LockedCustomer>& all) {
  boost::json::object why;
  for (const auto& one : all) {
    auto& count = why[locked_name(one.why)];
    count = count.is_null() ? 1 : count.as_int64() + 1;
  }
  return {{"count", all.size()}, {"why", std::move(why)}};
}

boost::json::object to_json(const holder::Standing& s, std::optional<std::uint64_t> numbers_left) {
  return {
      {"organisation", s.organisation},
      {"org", s.org.hex()},
      {"version", kVersion},
      {"person", s.person_name},
      {"role", s.person.none() ? std::string_view() : role_name(s.role)},
      {"branch", s.branch},
      {"node", s.node.hex()},
      {"incarnation", s.incarnation},
      {"fingerprint", s.fingerprint},
      {"state", s.known ? node_state_name(s.state) : "enrolled"},
      {"directory", {{"incarnation", s.directory.incarnation}, {"n", s.directory.n}, {"time_ms", s.directory_time.ms}}},
      {"archives", s.archives},
      {"entries", s.entries},
      {"unsent", s.unsent},
      {"oldest_unsent_ms", s.oldest_unsent.ms},
      {"drafts", s.drafts},
      {"at_branch", s.at_branch},
      {"at_hq", s.at_hq},
      {"attachments",
       {{"named", s.attachments.named},
        {"here", s.attachments.whole},
        {"bytes_here", s.attachments.bytes},
        {"unsent", s.attachments.unsent},
        {"unsent_bytes", s.attachments.unsent_bytes},
        {"wanted", s.attachments.wanted}}},
      {"conflicts", s.conflicts},
      {"held", s.held},
      {"requests", s.requests},
      {"locked", s.locked},
      {"locked_customers", locked_counts(s.locked_customers)},
      {"lease", {{"used_ms", s.lease.used.count()}, {"allowed_ms", s.lease.allowed.count()}, {"over", s.lease.over}}},
      {"life", life_name(s.life)},
      {"restored", s.restored ? boost::json::value({{"at_ms", s.restored->at.ms},
                                                    {"made_ms", s.restored->made.ms},
                                                    {"waiting", s.restored->waiting}})
                              : boost::json::value(nullptr)},
      {"backups", backups_json(s)},
      {"replica",
       {{"archives", s.volume.archives},
        {"bytes", s.volume.bytes},
        {"archives_max", s.volume_limit.archives},
        {"bytes_max", s.volume_limit.bytes},
        {"kept_back", s.kept_back},
        {"code", s.kept_back > 0 ? node::kReplicaOverLimit : ""}}},
      {"forks", s.forks},
      {"shredding_since",
       s.shredding ? boost::json::value(time_word(s.shredding->since)) : boost::json::value(nullptr)},
      {"numbers_leased", s.numbers_leased},
      {"numbers_left", numbers_left ? boost::json::value(*numbers_left) : boost::json::value(nullptr)},
      {"statements", statements_json(s)},
      {"access_ended", s.ended},
      {"takings", takings_json(s)},
      {"hubs", hubs_json(s)},
      {"against_hubs", hub_findings_json(s.against_hubs)},
      {"broken_packs", boost::json::value_from(s.broken_packs)},
      {"disk_bytes", s.disk_bytes}};
}

std::string limit_text(std::uint64_t have, std::uint64_t most) {
  return std::to_string(have) + " / " + (most == 0 ? "-" : std::to_string(most));
}

void tell_who(const Frame& frame, const holder::Standing& s) {
  const Lang lang = frame.globals().lang;
  const auto line = [&](std::string_view zh, std::string_view en, const std::string& value) {
    frame.say(frame.tr(zh, en) + value);
  };
  line("单位：　　", "organisation:  ", s.organisation);
  if (!s.person.none()) {
    const std::string where = s.branch.empty() ? frame.tr("总部", "headquarters") : s.branch;
    line("本人：　　", "person:        ",
         s.person_name + frame.tr("，", ", ") + role_word(s.role, lang) + frame.tr("，", ", ") + where);
  }
  line("设备：　　", "device:        ",
       s.node.hex() + " (" + std::to_string(s.incarnation) + ")" + frame.tr("，", ", ") +
           state_word(s.known ? s.state : NodeState::enrolled, lang));
  line("指纹：　　", "fingerprint:   ", s.fingerprint);
  line("版本：　　", "version:       ", std::string(kVersion));
  line("通讯录：　",
       "directory:     ", position_text(s.directory) + frame.tr("，", ", ") + time_word(s.directory_time));
}

void tell_work(const Frame& frame, const holder::Standing& s, std::optional<std::uint64_t> numbers_left, WallTime now) {
  const auto line = [&](std::string_view zh, std::string_view en, const std::string& value) {
    frame.say(frame.tr(zh, en) + value);
  };
  line("档案：　　",
       "archives:      ", std::to_string(s.archives) + frame.tr("，记录项 ", ", entries ") + std::to_string(s.entries));
  line("未送出：　", "unsent:        ",
       std::to_string(s.unsent) + attachments_word(frame, s.attachments.unsent, s.attachments.unsent_bytes) +
           (s.unsent > 0 ? frame.tr("，最早的 ", ", oldest ") + time_word(s.oldest_unsent) : std::string{}));
  if (s.drafts > 0) line("草稿：　　", "drafts:        ", std::to_string(s.drafts));
  line("回执：　　", "receipts:      ",
       frame.tr("已到分部 ", "at branch ") + std::to_string(s.at_branch) + frame.tr("，已到总部 ", ", at HQ ") +
           std::to_string(s.at_hq));
  if (s.attachments.named > 0)
    line("附件：　　", "attachments:   ",
         std::to_string(s.attachments.named) + frame.tr("，在本机 ", ", here ") + std::to_string(s.attachments.whole) +
             " (" + size_word(s.attachments.bytes) + ")" +
             (s.attachments.wanted > 0
                  ? frame.tr("，等待取回 ", ", being fetched ") + std::to_string(s.attachments.wanted)
                  : std::string{}));
  line("需处理：　", "attention:     ",
       frame.tr("冲突 ", "conflicts ") + std::to_string(s.conflicts) + frame.tr("，待裁定 ", ", held ") +
           std::to_string(s.held) + frame.tr("，分叉 ", ", forks ") + std::to_string(s.forks) +
           (s.requests > 0 ? frame.tr("，待答复的权限申请 ", ", requests for access ") + std::to_string(s.requests)
                           : std::string{}) +
           (s.locked > 0 ? frame.tr("，密钥未到的档案 ", ", archives without their key ") + std::to_string(s.locked)
                         : std::string{}));
  if (s.shredding)
    line("待清除：　", "to be wiped:   ",
         frame.tr("失去或销毁的档案还有残留，等别的程序关闭保险箱后清除；自 ",
                  "remains of lost or destroyed archives, once no other program has the vault open; since ") +
             time_word(s.shredding->since));
  if (s.lease.over || s.lease.warns()) line("租期：　　", "lease:         ", lease_word(s.lease, frame.globals().lang));
  if (!s.locked_customers.empty())
    line("锁着：　　", "locked:        ", locked_customers_word(frame, s.locked_customers));
  if (s.kept_back > 0)
    line("容量：　　", "replica:       ", kept_back_word(s.kept_back, frame.globals().lang));
  else if (s.node_role == wire::Role::device && s.volume_limit.near(s.volume))
    line("容量：　　", "replica:       ",
         frame.tr("将满：档案 ", "nearly full: archives ") + limit_text(s.volume.archives, s.volume_limit.archives) +
             frame.tr("，大小 ", ", size ") + size_word(s.volume.bytes) + " / " + size_word(s.volume_limit.bytes));
  line("编号：　　", "numbers:       ",
       frame.tr("已租到 ", "leased ") + std::to_string(s.numbers_leased) +
           (numbers_left ? frame.tr("，剩余 ", ", left ") + std::to_string(*numbers_left) : std::string{}));
  tell_backups(frame, s, now);
  line("磁盘：　　", "disk:          ", size_word(s.disk_bytes));
  for (const auto& broken : s.broken_packs) line("模板包有误：", "broken pack:   ", broken);
}

constexpr Millis kClockAgrees{2'000};

const holder::LastExchange* last_exchange(const holder::Standing& s) {
  const auto latest = std::ranges::max_element(s.hubs, {}, [](const auto& hub) { return hub.last.complete.ms; });
  return latest == s.hubs.end() ? nullptr : &latest->last;
}

std::string clock_text(const Frame& frame, Millis ahead) {
  if (ahead > -kClockAgrees && ahead < kClockAgrees) return frame.tr("与枢纽一致", "agrees with the hub");
  const bool warn = ahead > field::kSkewShown || ahead < -field::kSkewShown;
  const std::string much = span_word(ahead, frame.globals().lang);
  return (warn ? "⚠ " : "") + (ahead.count() > 0 ? frame.tr("比枢纽快 " + much, much + " ahead of the hub")
                                                 : frame.tr("比枢纽慢 " + much, much + " behind the hub"));
}

// What is written now bears the hub's time, not the machine's.
std::string put_right_text(const Frame& frame, Millis put_right) {
  if (put_right > -kClockAgrees && put_right < kClockAgrees) return {};
  return frame.tr("；新写的记录按枢纽的时间", "; what is written now bears the hub's time");
}

void tell_links(const Frame& frame, const holder::Standing& s) {
  for (const auto& hub : s.hubs) {
    const std::string name = hub.name == hub.address ? hub.address : hub.name + " " + hub.address;
    frame.say(frame.tr("枢纽：　　", "hub:           ") + name + frame.tr("，上次同步 ", ", last sync ") +
              time_word(hub.last.complete) + frame.tr("，已给全到 ", ", shown in full until ") +
              time_word(hub.shown_through) +
              (hub.last.code.empty()
                   ? std::string{}
                   : frame.tr("，最近失败 ", ", last failure ") + time_word(hub.last.tried) + frame.tr("：", ": ") +
                         frame.sentence({ErrorKind::failed, hub.last.code, hub.address})));
  }
  if (const auto last = last_exchange(s); last && last->complete.ms != 0)
    frame.say(frame.tr("时钟：　　", "clock:         ") + clock_text(frame, last->ahead) +
              put_right_text(frame, s.put_right));
  if (s.ended)
    frame.say(
        frame.tr("⚑ 本机的权限已被收回（总部还没有处理）：密钥已清除，还没送出的记录仍会在同步时交出。有疑问请问"
                 "下面的人；总部不同意时，下次同步后恢复。",
                 "⚑ The rights of this device were taken back (pending at HQ): its keys are gone, what is unsent "
                 "is still handed in with a sync. Ask whoever is named below; if headquarters refuses it, "
                 "everything comes back with the next sync."));
  for (const auto& t : s.takings)
    frame.say(frame.tr("收回：　　", "taken back:    ") + statement_word(t.kind, frame.globals().lang) +
              frame.tr("，", ", ") + (t.by.empty() ? std::string{} : printable(t.by) + frame.tr("，", ", ")) +
              time_word(t.claimed) + frame.tr("，待总部处理", ", pending at HQ"));
  for (const auto& w : s.statements) {
    const std::string what = statement_word(w.kind, frame.globals().lang) + " " + time_word(w.claimed);
    frame.say((w.refused ? frame.tr("被拒绝：　", "refused:       ") : frame.tr("待总部：　", "pending at HQ: ")) +
              what +
              (w.refused ? frame.tr("：", ": ") + frame.sentence({ErrorKind::failed, w.code, {}}) : std::string{}));
  }
}

std::optional<std::uint64_t> numbers_left_of(const Frame& frame, field::Device& device) {
  if (!device.confirmed()) return {};
  holder::Book book(device, frame.globals().lang);
  const auto stock = field::number_stock(book);
  return stock ? std::optional(stock->left) : std::nullopt;
}

int status(const Frame& frame) {
  int code = kOk;
  const auto device = frame.open_any(code);
  if (!device) return code;
  const auto standing = holder::standing_of(*device);
  if (!standing) return frame.explain(standing.error());
  const auto numbers_left = numbers_left_of(frame, *device);
  frame.print(to_json(*standing, numbers_left));
  tell_who(frame, *standing);
  tell_work(frame, *standing, numbers_left, device->clock().wall());
  tell_links(frame, *standing);
  tell(frame, standing->against_hubs);
  return kOk;
}

}  // namespace

void add_status_commands(CLI::App& app, Frame& frame) {
  auto* app_status =
      app.add_subcommand("status", frame.tr("本机的状态：身份、未送出、需处理、上次同步",
                                            "This vault's state: identity, unsent, attention, last sync"));
  app_status->footer(frame.example("satchel --vault rep status"));
  app_status->callback([&frame] { frame.choose([&frame] { return status(frame); }); });
}

}  // namespace satchel::cli
