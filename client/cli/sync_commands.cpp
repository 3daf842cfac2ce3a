// SPDX-License-Identifier: AGPL-3.0-or-later
// sync [--live], verify.
#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include "client/cli/attachment_view.h"
#include "client/cli/book_view.h"
#include "client/cli/commands.h"
#include "client/cli/hub_view.h"
#include "client/cli/interrupt.h"
#include "client/cli/words.h"
#include "client/field/enrolment.h"
#include "client/field/numbers.h"
#include "schema/base/exit_code.h"
#include "schema/exchange/text_table.h"
#include "sync/holder/verify.h"

namespace satchel::cli {

namespace {

constexpr Millis kSettlePatience{5'000};

struct SyncOptions {
  std::string hub;
  bool live = false;
  bool text_only = false;
};

boost::json::object to_json(const holder::Exchange& e) {
  boost::json::array skipped;
  for (const auto& error : e.skipped) skipped.push_back({{"code", error.code}, {"detail", error.detail}});
  return {{"hub", e.hub},
          {"address", e.address},
          {"headquarters", e.sync.top},
          {"sent", e.sync.sent},
          {"accepted", e.sync.accepted},
          {"held", e.sync.held},
          {"held_here", e.held},
          {"later", e.sync.later},
          {"kept_back", e.sync.kept_back},
          {"locked", e.locked},
          {"rejected", e.sync.rejected},
          {"received", e.sync.received},
          {"conflicts", e.conflicts},
          {"statements", e.sync.statements},
          {"refused_statements", e.sync.refused_statements},
          {"waiting_statements", e.waiting},
          {"unsent", e.unsent},
          {"attachments",
           {{"sent", e.sync.blobs_sent},
            {"received", e.sync.blobs_received},
            {"missing", e.sync.blobs_missing},
            {"refused", e.sync.blobs_refused},
            {"refusal", e.sync.blob_refusal},
            {"bytes_up", e.sync.blob_bytes_up},
            {"bytes_down", e.sync.blob_bytes_down},
            {"unsent", e.unsent_blobs},
            {"unsent_bytes", e.unsent_blob_bytes},
            {"wanted", e.wanted_blobs}}},
          {"forks", e.sync.forks},
          {"order_waits", e.sync.order_waits},
          {"bytes_up", e.sync.bytes_up},
          {"bytes_down", e.sync.bytes_down},
          {"complete", e.sync.complete},
          {"skipped", std::move(skipped)}};
}

void tell(const Frame& frame, const holder::Exchange& e) {
  for (const auto& error : e.skipped) frame.note(frame.tr("跳过：", "Passed over: ") + frame.sentence(error));
  const auto& s = e.sync;
  const std::string where = e.hub == e.address ? std::string{} : frame.tr("（", " (") + e.address + frame.tr("）", ")");
  frame.say(frame.tr("与 ", "Exchanged with ") + e.hub + where + frame.tr(" 交换完成", ""));
  frame.say(frame.tr("  送出 ", "  sent ") + std::to_string(s.sent) + frame.tr("，接受 ", ", accepted ") +
            std::to_string(s.accepted) + frame.tr("，待裁定 ", ", held ") + std::to_string(s.held) +
            frame.tr("，拒绝 ", ", rejected ") + std::to_string(s.rejected) + frame.tr("；收到 ", "; received ") +
            std::to_string(s.received) + frame.tr("；声明 ", "; statements ") + std::to_string(s.statements) +
            frame.tr("；冲突 ", "; conflicts ") + std::to_string(e.conflicts));
  frame.say(frame.tr("  上行 ", "  up ") + size_word(s.bytes_up) + frame.tr("，下行 ", ", down ") +
            size_word(s.bytes_down) + frame.tr("；本机未送出 ", "; unsent here ") + std::to_string(e.unsent) +
            attachments_word(frame, e.unsent_blobs, e.unsent_blob_bytes) +
            frame.tr("，待总部处理的声明 ", ", statements pending at HQ ") + std::to_string(e.waiting));
  if (s.blobs_sent + s.blobs_received > 0)
    frame.say(frame.tr("  附件：送出 ", "  attachments: sent ") + std::to_string(s.blobs_sent) + " (" +
              size_word(s.blob_bytes_up) + ")" + frame.tr("，取回 ", ", fetched ") + std::to_string(s.blobs_received) +
              " (" + size_word(s.blob_bytes_down) + ")");
  if (s.blobs_refused > 0)
    frame.note(frame.tr("枢纽现在不收的附件：", "Attachments the hub does not take now: ") +
               std::to_string(s.blobs_refused) +
               frame.tr("，仍在本机，会再送。", "; they are kept here and offered again. ") +
               frame.sentence({ErrorKind::failed, s.blob_refusal, {}}));
  if (s.rejected > 0)
    frame.note(frame.tr("有记录被枢纽拒绝，仍在本机：`satchel status` 查看。",
                        "The hub rejected entries; they are kept here: see `satchel status`."));
  if (s.kept_back > 0) frame.note(kept_back_word(s.kept_back, frame.globals().lang));
  if (s.later > 0)
    frame.note(std::to_string(s.later) +
               frame.tr(" 项要等枢纽的通讯录更新后才能收，会自动再送。",
                        " wait until the hub's directory has caught up; they are offered again."));
  if (s.refused_statements > 0)
    frame.note(frame.tr("总部拒绝了声明：`satchel status` 查看原因。",
                        "Headquarters refused statements: `satchel status` says why."));
  if (e.conflicts > 0)
    frame.note(
        frame.tr("有冲突需要您决定：`satchel conflicts`。", "Conflicts need your decision: `satchel conflicts`."));
  if (e.held > 0)
    frame.note(frame.tr("有记录待主管裁定：`satchel held` 查看。",
                        "Held work waits for a manager's verdict: `satchel held` shows it."));
  if (e.locked > 0)
    frame.note(std::to_string(e.locked) +
               frame.tr(" 份档案的密钥还没有到：等有密钥的人同步之后再同步一次。",
                        " archives are here without their key: sync again when somebody who has it has "
                        "synced."));
  if (s.order_waits)
    frame.note(frame.tr("总部枢纽从备份恢复，暂不定序：需要管理员运行 `satchel hq resume`。声明都已保存。",
                        "Headquarters was restored and orders nothing yet: an administrator has to run `satchel hq "
                        "resume`. Statements are kept."));
  if (s.forks > 0)
    frame.note(
        frame.tr("发现两份互相矛盾的记录链，证据已保留：请通知管理员。若是本机的记录，用 `satchel renew` 重新上交。",
                 "Two chains contradict each other; the evidence is kept: tell an administrator. If it is this "
                 "device's own work, `satchel renew` lets it be handed in."));
}

int code_of(const holder::Exchange& e) {
  return static_cast<int>(e.sync.rejected > 0 || e.sync.refused_statements > 0 || e.sync.blobs_refused > 0 ||
                                  e.sync.kept_back > 0
                              ? ExitCode::partial
                              : ExitCode::ok);
}

holder::ExchangeOptions options_of(const Frame& frame, const SyncOptions& options) {
  holder::ExchangeOptions out;
  out.address = options.hub;
  out.text_only = options.text_only;
  out.progress = [&frame](const session::SyncReport& report) {
    frame.progress(frame.tr("送出 ", "sent ") + std::to_string(report.sent) + frame.tr("，收到 ", ", received ") +
                   std::to_string(report.received) +
                   (report.blob_bytes_due > 0 ? frame.tr("；附件上传 ", "; attachments up ") +
                                                    progress_word(report.blob_bytes_up, report.blob_bytes_due)
                                              : std::string{}) +
                   (report.blob_bytes_wanted > 0 ? frame.tr("；下载 ", "; down ") +
                                                       progress_word(report.blob_bytes_down, report.blob_bytes_wanted)
                                                 : std::string{}));
  };
  return out;
}

// Nothing is lost; how much waits is what people want to know.
int explain_offline(const Frame& frame, field::Device& device, Error error) {
  auto txn = device.replica().store().begin_read();
  const auto unsent = txn ? node::count_unsent(**txn, device.replica().self().chain())
                          : Result<std::size_t>(std::unexpected(txn.error()));
  if (error.code == "exchange.offline" && unsent) {
    error.detail += frame.tr("；未送出 ", "; unsent ") + std::to_string(*unsent) + frame.tr(" 项", "");
    if (const auto blobs = blob::unsent(**txn)) error.detail += attachments_word(frame, blobs->first, blobs->second);
  }
  return frame.explain(error);
}

holder::ExchangeOptions until_nothing_waits(const Frame& frame, field::Device& device, const SyncOptions& options) {
  auto out = options_of(frame, options);
  out.live = true;
  out.ask_again = true;
  out.patience = kSettlePatience;
  out.enough = [&device] {
    const auto txn = device.replica().store().begin_read();
    const auto waiting =
        txn ? holder::waiting_statements(**txn, device.identity().id) : Result<std::vector<holder::Waiting>>{};
    return !waiting || waiting->empty();
  };
  return out;
}

// Numbers that came are given out, and asked for where few are left; what that leaves goes up at once. How many
// archives got theirs. A line that breaks meanwhile undoes nothing.
Result<std::size_t> settle_numbers(const Frame& frame, field::Device& device, const SyncOptions& options,
                                   holder::Exchange& done) {
  constexpr int kRounds = 2;  // asked for; then given out
  std::size_t assigned = 0;
  for (int round = 0; round < kRounds; ++round) {
    if (!done.sync.complete || !device.confirmed() || device.life() != holder::Device::Life::current) break;
    holder::Book book(device, frame.globals().lang);
    SATCHEL_GET(settled, field::settle_numbers(book));
    assigned += settled.assigned;
    if (!settled.any()) break;
    auto again = holder::exchange(
        device, settled.asked ? until_nothing_waits(frame, device, options) : options_of(frame, options));
    if (!again) break;
    again->sync.add(done.sync);
    done = std::move(*again);
  }
  return assigned;
}

int sync_once(const Frame& frame, field::Device& device, const SyncOptions& options) {
  const bool was_unconfirmed = !device.confirmed() && !device.revoked();
  auto done = holder::exchange(device, options_of(frame, options));
  frame.progress({});
  if (!done) return explain_offline(frame, device, done.error());
  // Also what an enrolment left undone: a branch hub may have to ask headquarters first, and an organisation needs
  // packs.
  if (const auto finished = field::finish_enrolment(device); !finished) return frame.explain(finished.error());
  if (was_unconfirmed) {
    // Rights just granted bring keys to be made, which a branch hub has to bring to headquarters first.
    const auto first = done->sync;
    done = holder::exchange(device, until_nothing_waits(frame, device, options));
    if (!done) return explain_offline(frame, device, done.error());
    done->sync.add(first);
  }
  const auto numbered = settle_numbers(frame, device, options, *done);
  frame.progress({});
  if (!numbered) return frame.explain(numbered.error());
  auto told = to_json(*done);
  told["numbered"] = *numbered;
  frame.print(told);
  tell(frame, *done);
  if (*numbered > 0)
    frame.say(frame.tr("  补上正式编号的客户：", "  customers that got their final number: ") +
              std::to_string(*numbered));
  if (device.revoked()) frame.note(frame.sentence({ErrorKind::permission, "directory.revoked", {}}));
  return code_of(*done);
}

int sync_live(const Frame& frame, field::Device& device, const SyncOptions& options) {
  const Interrupt interrupt;
  auto live = options_of(frame, options);
  std::size_t told = 0;
  live.settled = [&](const holder::Exchange& e) {
    const auto now = e.sync.sent + e.sync.received + e.sync.statements + e.sync.blobs_sent + e.sync.blobs_received + 1;
    if (std::exchange(told, now) == now) return;
    frame.progress({});
    frame.print(to_json(e));
    tell(frame, e);
  };
  const auto lost = [&](const Error& why, Millis wait) {
    frame.note(frame.sentence(why) + frame.tr(" 再试：", " Again in: ") +
               std::to_string(static_cast<std::uint64_t>(wait.count() + 999) / 1000) + " s");
  };
  frame.note(frame.tr("保持连接，有变化就交换；Ctrl-C 结束。",
                      "Stays connected and exchanges whatever changes; Ctrl-C ends it."));
  const auto ended = holder::stay_connected(device, interrupt.stop(), live, lost);
  frame.progress({});
  return ended ? kOk : frame.explain(ended.error());
}

int sync(const Frame& frame, const SyncOptions& options) {
  int code = kOk;
  const auto device = frame.open_any(code);
  if (!device) return code;
  return options.live ? sync_live(frame, *device, options) : sync_once(frame, *device, options);
}

// ---- verify ----

boost::json::object to_json(const Frame& frame, holder::Book& book, const node::WrapAudit& audit) {
  const auto now = book.directory();
  const Directory& directory = *now;
  boost::json::array readers, keys, findings;
  for (const auto& [audience, archives] : audit.readers)
    readers.push_back({{"readers", audience_word(directory, audience, frame.globals().lang)}, {"archives", archives}});
  for (const auto& key : audit.keys) {
    boost::json::array whom;
    for (const auto& audience : key.readers)
      whom.emplace_back(audience_word(directory, audience, frame.globals().lang));
    keys.push_back({{"archive", key.archive.hex()}, {"epoch", key.epoch}, {"readers", std::move(whom)}});
  }
  for (const auto& f : audit.findings) {
    findings.push_back(
        {{"archive", f.archive.hex()},
         {"name", book.archive_name(f.archive)},
         {"readers", audience_word(directory, f.wrap.audience, frame.globals().lang)},
         {"made_by", f.wrap.maker.none() ? std::string{} : nodes_word(directory, {f.wrap.maker}, frame.globals().lang)},
         {"nodes", nodes_word(directory, f.nodes, frame.globals().lang)}});
  }
  return {{"archives", audit.archives},         {"readers", std::move(readers)}, {"keys", std::move(keys)},
          {"rotation_due", audit.rotation_due}, {"unjustified", audit.found},    {"findings", std::move(findings)}};
}

// Who can read, as far as keys go; and who could though the directory gives no right to.
void tell(const Frame& frame, holder::Book& book, const node::WrapAudit& audit) {
  const auto now = book.directory();
  const Directory& directory = *now;
  const Lang lang = frame.globals().lang;
  std::string readers;
  for (const auto& [audience, archives] : audit.readers)
    readers += (readers.empty() ? "" : frame.tr("，", ", ")) + audience_word(directory, audience, lang) + " " +
               std::to_string(archives);
  if (!readers.empty()) frame.say(frame.tr("当前密钥交给了：", "Current keys are wrapped for: ") + readers);
  if (audit.found == 0) return;
  frame.say(frame.tr("⚠ 通讯录不再允许的密钥 ", "⚠ Keys the directory no longer justifies: ") +
            std::to_string(audit.found) +
            frame.tr("；其中换钥待下次记录的档案 ", "; archives that get a new key with their next entry: ") +
            std::to_string(audit.rotation_due));
  for (const auto& f : audit.findings) {
    frame.say("  " + printable(book.archive_name(f.archive)) + "  " + audience_word(directory, f.wrap.audience, lang) +
              (f.nodes.empty() ? std::string{}
                               : frame.tr("，可用它的设备：", ", devices that could use it: ") +
                                     nodes_word(directory, f.nodes, frame.globals().lang)) +
              (f.wrap.maker.none() ? std::string{}
                                   : frame.tr("，交出者：", ", given by: ") +
                                         nodes_word(directory, {f.wrap.maker}, frame.globals().lang)));
  }
  frame.say(frame.tr("  刚收回过权限的，下一条记录就换新密钥；从未授权过的，请问交出者，并告诉管理员。",
                     "  Where a right was just taken back, the next entry gets a new key; where none was ever given, "
                     "ask whoever gave the key, and tell an administrator."));
}

boost::json::object to_json(const holder::DeviceVerification& v) {
  boost::json::array findings;
  if (!v.directory.empty()) findings.push_back({{"code", v.directory}, {"where", v.where}});
  for (const auto* list : {&v.log.findings, &v.derived.findings}) {
    for (const auto& f : *list) findings.push_back({{"code", f.code}, {"where", f.where}});
  }
  return {{"sound", v.sound()},
          {"archives", v.log.archives},
          {"chains", v.log.chains},
          {"entries", v.log.entries},
          {"bodies", v.log.bodies},
          {"withheld", v.log.withheld},
          {"batches", v.log.batches},
          {"stamps", v.log.stamps},
          {"wraps", v.log.wraps},
          {"unsealed", v.log.unsealed},
          {"attachments", v.log.attachments},
          {"chunks", v.log.chunks},
          {"forks", v.log.forks},
          {"keys", v.derived.keys},
          {"records", v.derived.records},
          {"rows", v.derived.rows},
          {"not_ours", v.derived.not_ours},
          {"unreadable", v.derived.unreadable},
          {"not_shown_here", v.derived.missing},
          {"seen_otherwise", v.derived.otherwise},
          {"found", v.log.found + v.derived.found + (v.directory.empty() ? 0 : 1)},
          {"findings", std::move(findings)}};
}

// What colleagues' own entries say that they had seen, where it is not what is here.
void tell_seen(const Frame& frame, const node::DerivedReport& derived) {
  if (derived.missing > 0)
    frame.say(frame.tr("同事记录时已看到、却没有给到本机的记录项：",
                       "Entries colleagues had seen that were never shown here: ") +
              std::to_string(derived.missing) +
              frame.tr("。请与另一个枢纽同步；若仍缺少，请通知管理员。",
                       ". Sync with another hub; if they are still missing then, tell an administrator."));
  if (derived.otherwise > 0)
    frame.say(frame.tr("⚠ 同事看到的与本机不同的记录项：", "⚠ Entries that are others here than colleagues saw: ") +
              std::to_string(derived.otherwise) +
              frame.tr("。有人给出了两种历史；本机内容未受影响，请通知管理员。",
                       ". Somebody gave out two histories; what is here is not affected. Tell an administrator."));
}

int verify(const Frame& frame) {
  int code = kOk;
  const auto device = frame.open_any(code);
  if (!device) return code;
  const auto v = holder::verify_device(*device);
  if (!v) return frame.explain(v.error());
  auto body = to_json(*v);
  holder::Book book(*device, frame.globals().lang);
  // Only for the names of what was found.
  if (v->wraps.found > 0 && v->sound()) {
    if (const auto fresh = book.refresh(); !fresh) return frame.explain(fresh.error());
  }
  body["access"] = to_json(frame, book, v->wraps);
  body["against_hubs"] = hub_findings_json(v->log.against_hubs);
  frame.print(body);
  frame.say(frame.tr("日志：档案 ", "Log: archives ") + std::to_string(v->log.archives) +
            frame.tr("，链 ", ", chains ") + std::to_string(v->log.chains) + frame.tr("，记录项 ", ", entries ") +
            std::to_string(v->log.entries) + frame.tr("，批次 ", ", batches ") + std::to_string(v->log.batches) +
            frame.tr("，戳记 ", ", stamps ") + std::to_string(v->log.stamps) + frame.tr("，附件 ", ", attachments ") +
            std::to_string(v->log.attachments) + frame.tr("，其中的块 ", ", chunks of them ") +
            std::to_string(v->log.chunks));
  frame.say(frame.tr("重新推导：记录 ", "Derived again: records ") + std::to_string(v->derived.records) +
            frame.tr("，行 ", ", rows ") + std::to_string(v->derived.rows) + frame.tr("，密钥 ", ", keys ") +
            std::to_string(v->derived.keys) + frame.tr("，打不开的内容 ", ", bodies that will not open ") +
            std::to_string(v->derived.unreadable));
  tell(frame, book, v->wraps);
  tell(frame, v->log.against_hubs);
  tell_seen(frame, v->derived);
  if (v->sound()) {
    frame.say(frame.tr("核对通过：链、签名、戳记、推导出的表都相符。",
                       "Sound: chains, signatures, stamps and derived tables all hold."));
    return kOk;
  }
  if (!v->directory.empty()) frame.note(frame.sentence({ErrorKind::integrity, v->directory, v->where}));
  for (const auto* list : {&v->log.findings, &v->derived.findings}) {
    for (const auto& f : *list) frame.note("  " + f.code + "  " + f.where);
  }
  const auto found = v->log.found + v->derived.found + (v->directory.empty() ? 0 : 1);
  if (!frame.globals().json) frame.explain({ErrorKind::integrity, "verify.damage", std::to_string(found)});
  return static_cast<int>(ExitCode::integrity);
}

}  // namespace

void add_sync_commands(CLI::App& app, Frame& frame) {
  auto* sync_app =
      app.add_subcommand("sync", frame.tr("与枢纽交换：送出、收取", "Exchange with a hub: send and receive"));
  const auto options = std::make_shared<SyncOptions>();
  sync_app->add_option("--hub", options->hub,
                       frame.tr("改用这个地址（主机:端口）；枢纽的密钥仍须相符",
                                "Use this address (host:port); the hub's key must still be right"));
  sync_app->add_flag("--live,--watch", options->live,
                     frame.tr("保持连接，有变化就交换", "Stay connected and exchange whatever changes"));
  sync_app->add_flag(
      "--text-only", options->text_only,
      frame.tr("不传附件，留到下次（省流量）", "Leave attachments for another time, as on a metered line"));
  sync_app->footer(frame.example("satchel --vault rep sync"));
  sync_app->callback([=, &frame] { frame.choose([=, &frame] { return sync(frame, *options); }); });
  auto* verify_app =
      app.add_subcommand("verify", frame.tr("核对链、签名、戳记，并重新推导各表比较",
                                            "Check chains, signatures and stamps, and derive all tables again"));
  verify_app->footer(frame.example("satchel --vault rep verify"));
  verify_app->callback([&frame] { frame.choose([&frame] { return verify(frame); }); });
}

}  // namespace satchel::cli
