// SPDX-License-Identifier: AGPL-3.0-or-later
#include "server/admin/reader_commands.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <boost/json.hpp>
#include <csignal>
#include <iostream>

#include "server/admin/hub_view.h"
#include "server/reader/reader.h"
#include "sync/holder/passphrase.h"
#include "sync/holder/reports.h"
#include "sync/holder/standing.h"
#include "sync/holder/verify.h"

namespace satchel::admin {

namespace {

constexpr Text kReaderHelp{"总部阅读端：持有密钥，做报表", "Headquarters' reader: holds keys, makes reports"};
constexpr Text kReaderData{"阅读端的文件夹", "The reader's folder"};
constexpr Text kHubData{"总部枢纽的文件夹，内有 reader.invite",
                        "The folder of headquarters' hub, with reader.invite in it"};
constexpr Text kPassphraseFile{
    "口令取自此文件的第一行（也可用 SATCHEL_PASSPHRASE_FILE）；否则在终端询问",
    "Take the passphrase from this file's first line (or SATCHEL_PASSPHRASE_FILE); else ask on the terminal"};
constexpr Text kReaderInitHelp{"建立阅读端：新保险箱，凭枢纽留下的邀请登记",
                               "Make the reader: a new vault, enrolled by the invitation the hub left"};
constexpr Text kSyncHelp{"与枢纽交换一次", "Exchange with the hub once"};
constexpr Text kReaderServeHelp{"保持连接，随到随整理，直到收到 SIGTERM 或 SIGINT",
                                "Stay connected and derive as data arrives, until SIGTERM or SIGINT"};
constexpr Text kAttachments{"连同全部附件取回；不加则只取被要求的",
                            "Fetch all attachments, too; without, only those asked for"};
constexpr Text kReportHelp{"报表：对总部可读的全部档案；不带名称则列出全部",
                           "Reports over everything headquarters may read; without a name, lists them"};
constexpr Text kReaderStatusHelp{"阅读端的状态", "The reader's condition"};
constexpr Text kReaderVerifyHelp{"核对链、签名、戳记，并重新推导各表比较",
                                 "Check chains, signatures and stamps, and derive all tables again"};

// Sentences of a vault holder that a hub has no use for; codes that are not here are satcheld's own.
constexpr Message kSentences[] = {
    {"reader.no-invitation",
     {"枢纽文件夹里没有阅读端的邀请：{}。没有建立任何东西。请检查 --hub-data 是否为总部枢纽的文件夹。",
      "The hub's folder holds no invitation for a reader: {}. Nothing was made. Check that --hub-data is headquarters' "
      "hub's folder."}},
    {"reader.not-a-reader", {"这是个人的保险箱，不是阅读端：{}。", "This is a person's vault and no reader: {}."}},
    {"vault.missing",
     {"这里没有阅读端：{}。请检查 --data，或先用 `satcheld reader init` 建立。",
      "There is no reader here: {}. Check --data, or make one with `satcheld reader init`."}},
    {"vault.exists",
     {"这里已经有一个保险箱：{}。没有改动它。", "There is a vault here already: {}. It was not touched."}},
    {"vault.wrong-passphrase",
     {"口令不对。数据完好，没有改动。请再试一次。",
      "The passphrase is wrong. The data is whole and was not touched. Try again."}},
    {"vault.empty-passphrase", {"口令不能为空。", "The passphrase must not be empty."}},
    {"vault.damaged",
     {"保险箱的钥匙文件已损坏（不是口令的问题）：{}。请从备份取回该文件。",
      "The vault's key file is damaged (the passphrase is not the matter): {}. Take it from a backup."}},
    {"passphrase.no-file", {"找不到口令文件：{}。", "The passphrase file is missing: {}."}},
    {"passphrase.mismatch",
     {"两次输入的口令不同。没有建立任何东西。", "The two passphrases differ. Nothing was made."}},
    {"passphrase.no-terminal",
     {"没有终端可以询问口令。请用 --passphrase-file 文件。",
      "There is no terminal to ask for the passphrase. Use --passphrase-file FILE."}},
    {"invite.wrong-purpose", {"这份邀请不是给阅读端用的。", "This invitation is not for a reader."}},
    {"enrol.unconfirmed", {"阅读端还没有被确认，指纹：{}。", "The reader is not confirmed yet; its fingerprint: {}."}},
    {"exchange.offline",
     {"连不上枢纽：{}。没有丢失任何东西；请启动枢纽后再运行一次。",
      "The hub cannot be reached: {}. Nothing is lost; start it and run this again."}},
    {"report.unknown", {"没有这个报表：{}。", "There is no such report: {}."}},
    {"report.parameter-missing", {"报表缺少参数：{}。", "The report lacks a parameter: {}."}},
    {"report.no-such-name", {"没有这个名字：{}。", "There is nobody and nothing of this name: {}."}},
    {"report.parameter-wrong", {"报表参数有误：{}。", "A parameter of the report is wrong: {}."}},
    {"report.no-such-parameter", {"报表没有这个参数：{}。", "The report has no such parameter: {}."}},
    {"report.no-such-format",
     {"没有这种格式：{}。可用 text、csv、json、html。", "There is no such format: {}. Use text, csv, json or html."}},
    {"export.no-purpose",
     {"请用 --purpose 写明用途：导出会登记。没有写出。",
      "Say with --purpose what for: it is noted. Nothing was written."}},
    {"file.exists", {"文件已存在：{}。没有改动它。", "There is such a file: {}. It was not touched."}},
    {"report.cut",
     {"超过 {} 行，CSV 放不下全部。请缩小范围。", "More than {} lines, which CSV would cut. Narrow it down."}},
    {"report.needs-file",
     {"{} 不能写到屏幕；请加 --out 文件。", "{} cannot be written to the screen; add --out FILE."}},
    {"template.none",
     {"还没有收到任何模板包。请先让管理员登记，再同步。",
      "No packs have arrived yet. Let the administrator enrol, then sync."}},
};

struct ReaderWishes {
  std::string data;
  std::string hub_data;
  std::string passphrase_file;
  std::string name, date, from, to, branch, person, parameter;
  std::string format, out, purpose;
  bool verbose = false;
  bool attachments = false;
};

int explain(const Program& program, const Error& error) {
  for (const auto& message : kSentences) {
    if (message.code != error.code) continue;
    std::string out = program.tr(message.text);
    if (const auto at = out.find("{}"); at != std::string::npos) out.replace(at, 2, error.detail);
    return program.explain(error, out + " [" + error.code + "]");
  }
  return program.explain(error);
}

Result<std::string> passphrase(const Program& program, const ReaderWishes& wishes, bool fresh) {
  return holder::read_passphrase(
      wishes.passphrase_file, fresh,
      {program.tr({"阅读端口令：", "The reader's passphrase: "}), program.tr({"再输一次：", "Once more: "})});
}

// Opens the reader, does the work, words the error.
int with_reader(Program& program, const ReaderWishes& wishes, const std::function<Result<int>(holder::Device&)>& work) {
  const auto word = passphrase(program, wishes, false);
  if (!word) return explain(program, word.error());
  const auto device = reader::open_reader(wishes.data, *word);
  if (!device) return explain(program, device.error());
  const auto done = work(**device);
  return done ? *done : explain(program, done.error());
}

int init(Program& program, const ReaderWishes& wishes) {
  const auto word = passphrase(program, wishes, true);
  if (!word) return explain(program, word.error());
  // Test vaults open often: they take the least that is allowed.
  const char* floor = std::getenv("SATCHEL_FLOOR_ARGON2");
  const bool least = floor != nullptr && std::string_view(floor) == "1";
  const auto made = reader::make_reader(
      {wishes.data, wishes.hub_data, *word, least ? StretchParams{} : calibrate(program.entropy, program.clock)});
  if (!made) return explain(program, made.error());
  const std::string fingerprint = holder::fingerprint_of(*made->device);
  program.say(program.tr({"阅读端已建立：", "The reader was made: "}) + wishes.data);
  if (made->confirmed) {
    program.say(
        program.tr({"已登记。运行：satcheld reader serve --data ", "Enrolled. Run: satcheld reader serve --data "}) +
        wishes.data);
  } else if (!made->reached) {
    std::cerr
        << "satcheld: "
        << program.tr(
               {"枢纽没有应答，登记尚未完成；启动枢纽后运行 `satcheld reader sync` 即可。",
                "The hub did not answer and the enrolment is unfinished; start it, then run `satcheld reader sync`."})
        << std::endl;
  } else {
    program.say(program.tr({"等待确认，指纹：", "Waits for confirmation, fingerprint: "}) + fingerprint);
  }
  program.print({{"data", wishes.data},
                 {"node", made->device->identity().id.hex()},
                 {"fingerprint", fingerprint},
                 {"confirmed", made->confirmed},
                 {"reached", made->reached}});
  return made->reached || made->confirmed ? kOk : static_cast<int>(ExitCode::offline);
}

Result<int> sync(Program& program, const ReaderWishes& wishes, holder::Device& device) {
  holder::ExchangeOptions options;
  options.fetch_blobs = wishes.attachments;
  SATCHEL_GET(e, holder::exchange(device, options));
  if (!device.confirmed()) SATCHEL_TRY(holder::complete_enrolment(device));
  const auto& s = e.sync;
  program.say(
      program.tr({"收到 ", "received "}) + std::to_string(s.received) + program.tr({"，声明 ", ", statements "}) +
      std::to_string(s.statements) + program.tr({"，整理 ", ", derived "}) + std::to_string(e.derived) +
      program.tr({"，冲突 ", ", conflicts "}) + std::to_string(e.conflicts) + program.tr({"，待裁定 ", ", held "}) +
      std::to_string(e.held) +
      (s.blobs_received > 0 ? program.tr({"，附件 ", ", attachments "}) + std::to_string(s.blobs_received) : ""));
  if (e.locked > 0)
    std::cerr
        << "satcheld: " << e.locked
        << program.tr(
               {" 份档案的密钥还没有到：等管理员或业务员同步之后再同步一次。",
                " archives are here without their key: sync again when an administrator or salesperson has synced."})
        << std::endl;
  program.print(
      {{"hub", e.hub},
       {"address", e.address},
       {"sent", s.sent},
       {"accepted", s.accepted},
       {"held", s.held},
       {"rejected", s.rejected},
       {"received", s.received},
       {"conflicts", e.conflicts},
       {"held_here", e.held},
       {"locked", e.locked},
       {"statements", s.statements},
       {"derived", e.derived},
       {"forks", s.forks},
       {"attachments", {{"received", s.blobs_received}, {"bytes_down", s.blob_bytes_down}, {"wanted", e.wanted_blobs}}},
       {"bytes_up", s.bytes_up},
       {"bytes_down", s.bytes_down},
       {"complete", s.complete}});
  return static_cast<int>(s.rejected > 0 || s.refused_statements > 0 ? ExitCode::partial : ExitCode::ok);
}

// Days as people say them, in China's time wherever the machine stands; the report says what is wrong with others.
std::string day_said(const Program& program, const std::string& text) {
  const auto day = parse_day_said(text, date_of(program.clock.wall(), kChinaZoneMinutes));
  return day ? format_date(*day) : text;
}

Result<holder::ReportRequest> request_of(const Program& program, const ReaderWishes& wishes) {
  holder::ReportRequest request{wishes.name, {}};
  for (const auto& [id, text] : {std::pair{"date", day_said(program, wishes.date)},
                                 {"from", day_said(program, wishes.from)},
                                 {"to", day_said(program, wishes.to)},
                                 {"branch", wishes.branch},
                                 {"person", wishes.person}}) {
    if (!text.empty()) request.parameters.emplace_back(id, text);
  }
  if (wishes.parameter.empty()) return request;
  const auto at = wishes.parameter.find('=');
  if (at == std::string::npos) return fail(ErrorKind::usage, "report.parameter-wrong", wishes.parameter);
  request.parameters.emplace_back(wishes.parameter.substr(0, at), wishes.parameter.substr(at + 1));
  return request;
}

Result<int> report(Program& program, const ReaderWishes& wishes, holder::Device& device) {
  const Lang lang = program.language == Language::en ? Lang::en : Lang::zh;
  holder::Book book(device, lang);
  SATCHEL_TRY(book.refresh());
  if (wishes.name.empty()) {
    if (book.catalogue().reports().empty()) return fail(ErrorKind::not_found, "template.none");
    std::cout << holder::list_reports(book.catalogue(), lang, program.json) << std::flush;
    return kOk;
  }
  SATCHEL_GET(request, request_of(program, wishes));
  SATCHEL_GET(made, holder::run_report(book, request));
  const std::string format = !wishes.format.empty() ? wishes.format : program.json ? "json" : "text";
  const std::string what = "satcheld reader: " + wishes.name + " " + format;
  if (!wishes.out.empty()) {
    SATCHEL_TRY(holder::write_report(book, made, format, {wishes.out, what, wishes.purpose}));
    program.say(program.tr({"报表已写入 ", "Report written to "}) + wishes.out);
    return kOk;
  }
  if (made.sensitive) SATCHEL_TRY(holder::note_report(book, made, what, wishes.purpose));
  SATCHEL_GET(text, holder::print_report(made, format, lang));
  std::cout << text << std::flush;
  return kOk;
}

Result<int> status_of_reader(Program& program, holder::Device& device) {
  SATCHEL_GET(s, holder::standing_of(device));
  const auto time = [](WallTime t) { return t.ms == 0 ? std::string("-") : format_time(t, 480); };
  program.say(program.tr({"单位：", "organisation: "}) + s.organisation);
  program.say(program.tr({"阅读端：", "reader: "}) + s.node.hex() + " " + s.fingerprint + " " +
              std::string(s.known ? node_state_name(s.state) : "enrolled"));
  program.say(program.tr({"档案：", "archives: "}) + std::to_string(s.archives) +
              program.tr({"，记录项 ", ", entries "}) + std::to_string(s.entries));
  program.say(program.tr({"冲突：", "conflicts: "}) + std::to_string(s.conflicts) +
              program.tr({"，待裁定 ", ", held "}) + std::to_string(s.held) + program.tr({"，分叉 ", ", forks "}) +
              std::to_string(s.forks) + program.tr({"，密钥未到的档案 ", ", without key "}) + std::to_string(s.locked));
  boost::json::array hubs;
  for (const auto& hub : s.hubs) {
    program.say(program.tr({"枢纽：", "hub: "}) + hub.name + " " + hub.address +
                program.tr({"，上次同步 ", ", last sync "}) + time(hub.last.complete));
    hubs.push_back({{"name", hub.name},
                    {"address", hub.address},
                    {"last_exchange_ms", hub.last.complete.ms},
                    {"failed_ms", hub.last.tried.ms},
                    {"code", hub.last.code}});
  }
  tell(program, s.against_hubs);
  program.print({{"role", "reader"},
                 {"organisation", s.organisation},
                 {"node", s.node.hex()},
                 {"fingerprint", s.fingerprint},
                 {"state", s.known ? node_state_name(s.state) : "enrolled"},
                 {"directory", s.directory.n},
                 {"archives", s.archives},
                 {"entries", s.entries},
                 {"attachments",
                  {{"named", s.attachments.named}, {"here", s.attachments.whole}, {"bytes_here", s.attachments.bytes}}},
                 {"conflicts", s.conflicts},
                 {"held", s.held},
                 {"locked", s.locked},
                 {"forks", s.forks},
                 {"hubs", std::move(hubs)},
                 {"against_hubs", hub_findings_json(s.against_hubs)},
                 {"disk_bytes", s.disk_bytes}});
  return kOk;
}

Result<int> verify_reader(Program& program, holder::Device& device) {
  SATCHEL_GET(v, holder::verify_device(device));
  boost::json::array findings;
  if (!v.directory.empty()) findings.push_back({{"code", v.directory}, {"where", v.where}});
  for (const auto* list : {&v.log.findings, &v.derived.findings}) {
    for (const auto& f : *list) findings.push_back({{"code", f.code}, {"where", f.where}});
  }
  for (const auto& f : findings) {
    if (!program.json)
      std::cerr << f.at("code").as_string().c_str() << "  " << f.at("where").as_string().c_str() << std::endl;
  }
  const auto found = v.log.found + v.derived.found + (v.directory.empty() ? 0 : 1);
  program.say(program.tr({"档案 ", "archives "}) + std::to_string(v.log.archives) +
              program.tr({"，记录项 ", ", entries "}) + std::to_string(v.log.entries) +
              program.tr({"，重新推导的行 ", ", rows derived again "}) + std::to_string(v.derived.rows) +
              program.tr({"，不符 ", ", faults "}) + std::to_string(found));
  if (v.wraps.found > 0)
    program.say(program.tr({"⚠ 通讯录不再允许的密钥 ", "⚠ keys the directory no longer justifies "}) +
                std::to_string(v.wraps.found) +
                program.tr({"，其中换钥待下次记录的档案 ", ", archives that get a new key with their next entry "}) +
                std::to_string(v.wraps.rotation_due));
  tell(program, v.log.against_hubs);
  program.print({{"sound", v.sound()},
                 {"archives", v.log.archives},
                 {"chains", v.log.chains},
                 {"entries", v.log.entries},
                 {"batches", v.log.batches},
                 {"stamps", v.log.stamps},
                 {"keys", v.derived.keys},
                 {"records", v.derived.records},
                 {"rows", v.derived.rows},
                 {"unreadable", v.derived.unreadable},
                 {"not_shown_here", v.derived.missing},
                 {"seen_otherwise", v.derived.otherwise},
                 {"unjustified_keys", v.wraps.found},
                 {"rotation_due", v.wraps.rotation_due},
                 {"found", found},
                 {"against_hubs", hub_findings_json(v.log.against_hubs)},
                 {"findings", std::move(findings)}});
  return static_cast<int>(v.sound() ? ExitCode::ok : ExitCode::integrity);
}

holder::Stop* asked_to_stop = nullptr;
extern "C" void on_signal(int) { asked_to_stop->request(); }

Result<int> serve(Program& program, const ReaderWishes& wishes, holder::Device& device) {
  const auto log = std::make_shared<spdlog::logger>("satcheld", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  log->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
  log->set_level(wishes.verbose ? spdlog::level::debug : program.quiet ? spdlog::level::warn : spdlog::level::info);
  log->flush_on(spdlog::level::info);
  static holder::Stop stop;  // a handler may still run while this function returns
  asked_to_stop = &stop;
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  SATCHEL_TRY(reader::serve_reader(
      device, stop, *log,
      [&] {
        program.say("ready " + wishes.data);
        program.print({{"ready", wishes.data}, {"role", "reader"}});
      },
      wishes.attachments));
  log->info("reader.stopping");
  return kOk;
}

Command child(std::string name, const Text& help, std::string example, const std::shared_ptr<ReaderWishes>& wishes,
              std::function<Result<int>(Program&, holder::Device&)> work) {
  return {
      std::move(name),
      help,
      std::move(example),
      {{"--data", kReaderData, &wishes->data, true}, {"--passphrase-file", kPassphraseFile, &wishes->passphrase_file}},
      [wishes, work](Program& program) {
        return with_reader(program, *wishes, [&](holder::Device& device) { return work(program, device); });
      }};
}

Command report_command(const std::shared_ptr<ReaderWishes>& w) {
  Command made = child("report", kReportHelp, "satcheld reader report daily-visits --data hq-reader --date 2026-11-20",
                       w, [w](Program& program, holder::Device& device) { return report(program, *w, device); });
  made.options.push_back({"name", {"报表代码，如 daily-visits", "The report's id, as daily-visits"}, &w->name});
  made.options.push_back({"--date", {"日期", "Day"}, &w->date});
  made.options.push_back({"--from", {"自", "From"}, &w->from});
  made.options.push_back({"--to", {"至", "To"}, &w->to});
  made.options.push_back({"--branch", {"分支", "Branch"}, &w->branch});
  made.options.push_back({"--person", {"人员", "Person"}, &w->person});
  made.options.push_back({"--param", {"其他参数=值", "Other parameter=value"}, &w->parameter});
  made.options.push_back({"--format", {"text、csv、json、html 或 xlsx", "text, csv, json, html or xlsx"}, &w->format});
  made.options.push_back({"--out", {"写入文件；会登记", "Write it to a file; it is noted"}, &w->out});
  made.options.push_back({"--purpose", {"用途", "What for"}, &w->purpose});
  return made;
}

}  // namespace

Command reader_command() {
  const auto w = std::make_shared<ReaderWishes>();
  Command init_reader{"init",
                      kReaderInitHelp,
                      "satcheld reader init --data hq-reader --hub-data hq",
                      {{"--data", kReaderData, &w->data, true},
                       {"--hub-data", kHubData, &w->hub_data, true},
                       {"--passphrase-file", kPassphraseFile, &w->passphrase_file}},
                      [w](Program& program) { return init(program, *w); }};
  Command serve_reader = child("serve", kReaderServeHelp, "satcheld reader serve --data hq-reader", w,
                               [w](Program& program, holder::Device& device) { return serve(program, *w, device); });
  serve_reader.options.push_back({"--verbose", {"记录得更细", "Log more"}, &w->verbose});
  Command reader{"reader", kReaderHelp, {}};
  reader.children.push_back(std::move(init_reader));
  Command sync_reader = child("sync", kSyncHelp, "satcheld reader sync --data hq-reader --attachments", w,
                              [w](Program& program, holder::Device& device) { return sync(program, *w, device); });
  sync_reader.options.push_back({"--attachments", kAttachments, &w->attachments});
  serve_reader.options.push_back({"--attachments", kAttachments, &w->attachments});
  reader.children.push_back(std::move(sync_reader));
  reader.children.push_back(std::move(serve_reader));
  reader.children.push_back(report_command(w));
  reader.children.push_back(
      child("status", kReaderStatusHelp, "satcheld reader status --data hq-reader", w, status_of_reader));
  reader.children.push_back(
      child("verify", kReaderVerifyHelp, "satcheld reader verify --data hq-reader", w, verify_reader));
  return reader;
}

}  // namespace satchel::admin
