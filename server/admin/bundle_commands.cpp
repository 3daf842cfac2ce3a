// SPDX-License-Identifier: AGPL-3.0-or-later
// satcheld bundle export|import: a hub's exchange by file. Beside a running hub, too: the store has one writer at a
// time, and the hub sees what was written with its next transaction; devices on a line hear of it with the next change.
#include <boost/json/array.hpp>

#include "schema/command_line/byte_size.h"
#include "server/admin/program.h"
#include "server/hub/hub_folder.h"
#include "sync/bundle/export.h"
#include "sync/bundle/import.h"

namespace satchel::admin {

namespace {

constexpr Text kBundleHelp{"用文件（U 盘）交换：导出、导入（可在运行时使用）",
                           "Exchange by file (a USB stick): export, import (also while the hub runs)"};
constexpr Text kExportHelp{"把对方还没有的内容写成文件", "Write what the other side is not known to have into files"};
constexpr Text kImportHelp{"导入文件；次序不限，重复无妨", "Import files; in any order, twice does no harm"};
constexpr Text kTo{"枢纽（名称、分支、HQ）或人", "A hub (name, branch, HQ) or a person"};
constexpr Text kListOnly{"只列出这里有什么，不带内容：初次以包裹往来时先给对方",
                         "List what is here and bring nothing of it: given first where two have never met"};
constexpr Text kMaxSize{"每个文件的最大大小，如 4M、1G", "Largest size of a file, such as 4M or 1G"};
constexpr Text kFolder{"写到哪个文件夹", "Folder to write to"};
constexpr Text kFiles{"文件", "Files"};

struct BundleWishes {
  std::string data;
  std::string to;
  std::string max_size;
  std::string folder;
  bool list_only = false;
  std::vector<std::string> files;
};

struct OpenReplica {
  hub::OpenHub hub;
  std::unique_ptr<node::Replica> replica;
};

Result<OpenReplica> open_replica(Program& program, const std::string& data) {
  SATCHEL_GET(open, hub::open_hub({data}));
  node::Self self{open.identity, open.config.org, wire::Role::hub};
  SATCHEL_GET(replica, node::Replica::open(*open.store, program.clock, program.entropy, std::move(self)));
  return OpenReplica{std::move(open), std::move(replica)};
}

// ---- export ----

void tell(const Program& program, const bundle::Exported& e, const std::string& to) {
  program.say(program.tr({"给 ", "For "}) + to + program.tr({" 的第 ", ", bundle "}) + std::to_string(e.number) +
              program.tr({" 个包裹：记录项 ", ": entries "}) + std::to_string(e.entries) +
              program.tr({"，声明 ", ", statements "}) + std::to_string(e.statements + e.directory) +
              program.tr({"，戳记 ", ", stamps "}) + std::to_string(e.stamps) +
              program.tr({"，回执 ", ", acknowledgements "}) + std::to_string(e.acknowledged));
  boost::json::array files;
  for (const auto& file : e.files) {
    program.say("  " + file.string());
    files.emplace_back(file.string());
  }
  if (e.outstanding > 0)
    program.say(std::to_string(e.outstanding) +
                program.tr({" 个以前的包裹还没有收到回执；它们的内容也在这个包裹里。",
                            " earlier bundles have not been acknowledged; their content is in this "
                            "one, too."}));
  program.print({{"bundle", e.id.hex()},
                 {"to", to},
                 {"number", e.number},
                 {"files", std::move(files)},
                 {"bytes", e.bytes},
                 {"devices", e.devices},
                 {"entries", e.entries},
                 {"statements", e.statements},
                 {"directory", e.directory},
                 {"stamps", e.stamps},
                 {"wraps", e.wraps},
                 {"attachments", e.attachments},
                 {"attachment_bytes", e.attachment_bytes},
                 {"acknowledged", e.acknowledged},
                 {"unacknowledged", e.outstanding},
                 {"nothing_new", e.nothing_new()}});
}

int export_bundle(Program& program, const BundleWishes& wishes) {
  bundle::ExportWishes out{{}, wishes.folder, 0, wishes.list_only};
  if (!wishes.max_size.empty()) {
    const auto size = parse_byte_size(wishes.max_size);
    if (!size) return program.explain({ErrorKind::usage, "bundle.bad-size", wishes.max_size});
    out.part_bytes = *size;
  }
  auto open = open_replica(program, wishes.data);
  if (!open) return program.explain(open.error());
  const auto to = bundle::find_recipient(*open->replica->directory(), wishes.to);
  if (!to) return program.explain(to.error());
  out.to = *to;
  const auto done = bundle::export_bundle(*open->replica, out);
  if (!done) return program.explain(done.error());
  tell(program, *done, bundle::name_of(*open->replica->directory(), *to));
  return kOk;
}

// ---- import ----

boost::json::object to_json(const bundle::Imported& r) {
  boost::json::array missing;
  for (const auto part : r.missing) missing.emplace_back(part);
  return {{"bundle", r.header.id.hex()},
          {"from", r.sender},
          {"number", r.header.number},
          {"part", r.header.part},
          {"parts", r.header.parts},
          {"seen_before", r.seen_before},
          {"older", r.older},
          {"complete", r.complete},
          {"missing", std::move(missing)},
          {"received", r.received},
          {"known", r.known},
          {"held", r.held},
          {"rejected", r.rejected},
          {"gaps", r.gaps},
          {"later", r.later},
          {"forks", r.forks},
          {"handed_in", r.handed_in},
          {"statements", r.statements},
          {"refused_statements", r.refused_statements},
          {"stamps", r.stamps},
          {"attachments", r.attachments},
          {"chunks_refused", r.chunks_refused},
          {"acknowledged", r.acknowledged}};
}

std::string one_line(const Program& program, const std::string& name, const bundle::Imported& r) {
  if (r.seen_before) return sentence({ErrorKind::failed, "bundle.seen-before", name}, program.language);
  std::string out =
      name + program.tr({"：来自 ", ": from "}) + r.sender + program.tr({"，第 ", ", bundle "}) +
      std::to_string(r.header.number) + program.tr({" 个包裹的第 ", ", part "}) + std::to_string(r.header.part) + "/" +
      std::to_string(r.header.parts) + program.tr({" 份；收到 ", "; received "}) + std::to_string(r.received) +
      program.tr({"，已有 ", ", known "}) + std::to_string(r.known) + program.tr({"，待裁定 ", ", held "}) +
      std::to_string(r.held) + program.tr({"，拒绝 ", ", rejected "}) + std::to_string(r.rejected) +
      program.tr({"，声明 ", ", statements "}) + std::to_string(r.statements + r.handed_in) +
      program.tr({"，附件 ", ", attachments "}) + std::to_string(r.attachments);
  if (r.chunks_refused > 0) {
    out += "\n" +
           program.tr({"附件超过了空间限额，没有全收；没收的块：",
                       "Attachments are beyond the quota and were not all taken; chunks left out: "}) +
           std::to_string(r.chunks_refused);
  }
  if (r.older) out += "\n" + sentence({ErrorKind::failed, "bundle.older", name}, program.language);
  return out;
}

int import_files(Program& program, const BundleWishes& wishes) {
  auto open = open_replica(program, wishes.data);
  if (!open) return program.explain(open.error());
  const auto outcomes = bundle::import_files(*open->replica, wishes.files);
  if (outcomes.size() == 1 && !outcomes.front().result) return program.explain(outcomes.front().result.error());
  boost::json::array list;
  std::map<bundle::BundleId, std::vector<std::uint32_t>> missing;
  bool bad = false;
  for (const auto& outcome : outcomes) {
    boost::json::object told;
    if (outcome.result) {
      told = to_json(*outcome.result);
      program.say(one_line(program, outcome.file.filename().string(), *outcome.result));
      missing[outcome.result->header.id] = outcome.result->missing;
    } else {
      bad = true;
      program.say(sentence(outcome.result.error(), program.language));
      told["error"] = {{"code", outcome.result.error().code}, {"detail", outcome.result.error().detail}};
    }
    told["file"] = outcome.file.string();
    list.push_back(std::move(told));
  }
  for (const auto& [id, parts] : missing) {
    if (parts.empty()) continue;
    bad = true;
    std::string text;
    for (const auto part : parts) text += (text.empty() ? "" : ", ") + std::to_string(part);
    program.say(sentence({ErrorKind::failed, "bundle.incomplete", text}, program.language));
  }
  program.print({{"files", std::move(list)}, {"complete", !bad}});
  return static_cast<int>(bad ? ExitCode::partial : ExitCode::ok);
}

}  // namespace

Command bundle_command() {
  auto wishes = std::make_shared<BundleWishes>();
  Command out{"export",
              kExportHelp,
              "satcheld bundle export --data sz --to HQ --max-size 1G /media/usb",
              {{"--data", kDataFolder, &wishes->data, true},
               {"--to", kTo, &wishes->to, true},
               {"--max-size", kMaxSize, &wishes->max_size},
               {"--list", kListOnly, &wishes->list_only},
               {"folder", kFolder, &wishes->folder, true}},
              [wishes](Program& program) { return export_bundle(program, *wishes); }};
  Command in{"import",
             kImportHelp,
             "satcheld bundle import --data sz /media/usb/*.satchel",
             {{"--data", kDataFolder, &wishes->data, true}, {"files", kFiles, &wishes->files, true}},
             [wishes](Program& program) { return import_files(program, *wishes); }};
  Command group{"bundle", kBundleHelp, ""};
  group.children = {std::move(out), std::move(in)};
  return group;
}

}  // namespace satchel::admin
