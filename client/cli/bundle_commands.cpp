// SPDX-License-Identifier: AGPL-3.0-or-later
// bundle export|import|show: what a sync carries, in files on a stick.
#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include "client/cli/commands.h"
#include "client/cli/words.h"
#include "schema/base/exit_code.h"
#include "schema/command_line/byte_size.h"
#include "sync/bundle/export.h"
#include "sync/bundle/import.h"
#include "sync/holder/device.h"
#include "sync/node/restored.h"
#include "sync/node/upkeep.h"

namespace satchel::cli {

namespace {

// ---- export ----

struct ExportOptions {
  std::string to;
  std::string max_size;
  std::string folder;
  bool list_only = false;
};

boost::json::object to_json(const bundle::Exported& e, const std::string& to) {
  boost::json::array files;
  for (const auto& file : e.files) files.emplace_back(file.string());
  return {{"bundle", e.id.hex()},
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
          {"archives_told", e.archives_told},
          {"acknowledged", e.acknowledged},
          {"unacknowledged", e.outstanding},
          {"nothing_new", e.nothing_new()}};
}

void tell(const Frame& frame, const bundle::Exported& e, const std::string& to, bool list_only) {
  frame.say(frame.tr("给 ", "For ") + to + frame.tr(" 的第 ", ", bundle ") + std::to_string(e.number) +
            frame.tr(" 个包裹：", ": ") + frame.tr("记录项 ", "entries ") + std::to_string(e.entries) +
            frame.tr("，声明 ", ", statements ") + std::to_string(e.statements + e.directory) +
            frame.tr("，戳记 ", ", stamps ") + std::to_string(e.stamps) + frame.tr("，附件 ", ", attachments ") +
            std::to_string(e.attachments) + frame.tr("，回执 ", ", acknowledgements ") +
            std::to_string(e.acknowledged) + frame.tr("；", "; ") + size_word(e.bytes));
  for (const auto& file : e.files) frame.say("  " + file.string());
  if (e.nothing_new() && !list_only)
    frame.note(
        frame.tr("其中没有对方未收到的内容。", "There is nothing in it that the recipient is not known to have."));
  if (e.outstanding > 0)
    frame.note(std::to_string(e.outstanding) +
               frame.tr(" 个以前的包裹还没有收到回执；它们的内容也在这个包裹里。",
                        " earlier bundles have not been acknowledged; their content is in this one, too."));
}

int export_bundle(const Frame& frame, const ExportOptions& options) {
  bundle::ExportWishes wishes{{}, options.folder, 0, options.list_only};
  if (!options.max_size.empty()) {
    const auto size = parse_byte_size(options.max_size);
    if (!size) return frame.explain({ErrorKind::usage, "bundle.bad-size", options.max_size});
    wishes.part_bytes = *size;
  }
  int code = kOk;
  const auto device = frame.open_any(code);
  if (!device) return code;
  if (!device->confirmed()) return frame.explain({ErrorKind::permission, "bundle.unconfirmed", {}});
  const auto to = bundle::find_recipient(*device->directory(), options.to);
  if (!to) return frame.explain(to.error());
  wishes.to = *to;
  // Keys and wraps that others wait for go along.
  const auto kept_up = node::do_upkeep(device->replica(), device->keyring());
  if (!kept_up) return frame.explain(kept_up.error());
  const auto done = bundle::export_bundle(device->replica(), wishes);
  if (!done) return frame.explain(done.error());
  const std::string name = bundle::name_of(*device->directory(), *to);
  frame.print(to_json(*done, name));
  tell(frame, *done, name, options.list_only);
  return kOk;
}

// ---- import ----

boost::json::array numbers(const std::vector<std::uint32_t>& list) {
  boost::json::array out;
  for (const auto value : list) out.emplace_back(value);
  return out;
}

boost::json::object to_json(const bundle::FileOutcome& outcome) {
  boost::json::object out{{"file", outcome.file.string()}};
  if (!outcome.result) {
    out["error"] = {{"code", outcome.result.error().code}, {"detail", outcome.result.error().detail}};
    return out;
  }
  const auto& r = *outcome.result;
  out["bundle"] = r.header.id.hex();
  out["from"] = r.sender;
  out["number"] = r.header.number;
  out["part"] = r.header.part;
  out["parts"] = r.header.parts;
  out["seen_before"] = r.seen_before;
  out["older"] = r.older;
  out["complete"] = r.complete;
  out["missing"] = numbers(r.missing);
  out["received"] = r.received;
  out["known"] = r.known;
  out["rejected"] = r.rejected;
  out["later"] = r.later;
  out["forks"] = r.forks;
  out["passed_over"] = r.passed_over;
  out["statements"] = r.statements;
  out["refused_statements"] = r.refused_statements;
  out["stamps"] = r.stamps;
  out["attachments"] = r.attachments;
  out["acknowledged"] = r.acknowledged;
  return out;
}

void tell(const Frame& frame, const bundle::FileOutcome& outcome) {
  const std::string name = outcome.file.filename().string();
  if (!outcome.result) {
    if (!frame.globals().json) frame.explain(outcome.result.error());
    return;
  }
  const auto& r = *outcome.result;
  if (r.seen_before) return frame.say(frame.sentence({ErrorKind::failed, "bundle.seen-before", name}));
  frame.say(name + frame.tr("：来自 ", ": from ") + r.sender + frame.tr("，第 ", ", bundle ") +
            std::to_string(r.header.number) + frame.tr(" 个包裹的第 ", ", part ") + std::to_string(r.header.part) +
            "/" + std::to_string(r.header.parts) + frame.tr(" 份；收到 ", "; received ") + std::to_string(r.received) +
            frame.tr("，已有 ", ", known ") + std::to_string(r.known) + frame.tr("，声明 ", ", statements ") +
            std::to_string(r.statements) + frame.tr("，戳记 ", ", stamps ") + std::to_string(r.stamps) +
            frame.tr("，附件 ", ", attachments ") + std::to_string(r.attachments) +
            frame.tr("，回执 ", ", acknowledgements ") + std::to_string(r.acknowledged));
  if (r.older) frame.note(frame.sentence({ErrorKind::failed, "bundle.older", name}));
  if (r.rejected > 0)
    frame.note(frame.tr("枢纽拒绝了记录，仍在本机：`satchel status` 查看。",
                        "The hub rejected entries; they are kept here: see `satchel status`."));
  if (r.refused_statements > 0)
    frame.note(frame.tr("总部拒绝了声明：`satchel status` 查看原因。",
                        "Headquarters refused statements: `satchel status` says why."));
  if (r.forks > 0)
    frame.note(frame.tr("发现两份互相矛盾的记录链，证据已保留：请通知管理员。",
                        "Two chains contradict each other; the evidence is kept: tell an administrator."));
}

std::string list_text(const std::vector<std::uint32_t>& parts) {
  std::string out;
  for (const auto part : parts) out += (out.empty() ? "" : ", ") + std::to_string(part);
  return out;
}

// What waits for other files, once for each bundle, as the last of its files left it.
bool tell_missing(const Frame& frame, const std::vector<bundle::FileOutcome>& outcomes) {
  std::map<bundle::BundleId, const bundle::Imported*> last;
  for (const auto& outcome : outcomes) {
    if (outcome.result) last[outcome.result->header.id] = &*outcome.result;
  }
  bool missing = false;
  for (const auto& [id, r] : last) {
    if (r->missing.empty()) continue;
    missing = true;
    const std::string what = frame.tr("第 ", "parts ") + list_text(r->missing) + frame.tr(" 份，共 ", " of ") +
                             std::to_string(r->header.parts) + frame.tr(" 份", "");
    frame.note(frame.sentence({ErrorKind::failed, "bundle.incomplete", what}));
  }
  return missing;
}

int import_files(const Frame& frame, const std::vector<std::string>& files) {
  int code = kOk;
  const auto device = frame.open_any(code);
  if (!device) return code;
  const auto outcomes = bundle::import_files(device->replica(), files);
  // A whole bundle of a hub tells what was destroyed and taken, as an exchange does.
  const bool hub_spoke = std::ranges::any_of(outcomes, [&](const bundle::FileOutcome& o) {
    const KnownNode* from = o.result ? device->directory()->node(o.result->header.from.node) : nullptr;
    return from != nullptr && from->kind == NodeKind::hub && o.result->complete;
  });
  if (hub_spoke) {
    if (const auto admitted = node::admit_restored(device->replica(), device->keyring()); !admitted)
      return frame.explain(admitted.error());
  }
  const auto kept_up = node::do_upkeep(device->replica(), device->keyring());
  if (!kept_up) return frame.explain(kept_up.error());
  if (const auto derived = device->derive(); !derived) return frame.explain(derived.error());
  const auto bad = static_cast<std::size_t>(std::ranges::count_if(outcomes, [](const auto& o) { return !o.result; }));
  if (bad == outcomes.size() && outcomes.size() == 1) return frame.explain(outcomes.front().result.error());
  boost::json::array list;
  for (const auto& outcome : outcomes) {
    tell(frame, outcome);
    list.push_back(to_json(outcome));
  }
  const bool missing = tell_missing(frame, outcomes);
  frame.print(boost::json::object{{"files", std::move(list)}, {"complete", bad == 0 && !missing}});
  return static_cast<int>(bad > 0 || missing ? ExitCode::partial : ExitCode::ok);
}

// ---- show ----

// By the directory of the vault that is named, where it is of that organisation. An empty one knows no names.
Directory directory_here(const Frame& frame, const OrgId& org) {
  auto known = holder::Device::peek_directory(frame.globals().vault, org);
  return known ? std::move(*known) : Directory(org);
}

// "甲 (3f2a…)"; the id alone where nobody here knows the name.
std::string named(const std::string& name, const std::string& id) { return name == id ? id : name + " (" + id + ")"; }

int show(const Frame& frame, const std::string& file) {
  const auto reader = bundle::look_at(file);
  if (!reader) return frame.explain(reader.error());
  const auto& h = reader->header();
  const bool hub = h.to.kind == bundle::RecipientKind::hub;
  const Directory directory = directory_here(frame, h.org);
  const std::string from = bundle::name_of(directory, h.from.node);
  const std::string to = bundle::name_of(directory, h.to);
  const auto known = [](const std::string& name, const std::string& id) { return name == id ? std::string{} : name; };
  boost::json::array devices;
  for (const auto& box : h.boxes) devices.emplace_back(box.node.hex());
  frame.print({{"bundle", h.id.hex()},
               {"organisation", h.org.hex()},
               {"organisation_name", directory.founded() ? directory.name() : ""},
               {"from", h.from.node.hex()},
               {"from_name", known(from, h.from.node.hex())},
               {"incarnation", h.from.incarnation},
               {"to_kind", hub ? "hub" : "person"},
               {"to", hex(h.to.id)},
               {"to_name", known(to, hex(h.to.id))},
               {"devices", std::move(devices)},
               {"number", h.number},
               {"made_ms", h.made.ms},
               {"part", h.part},
               {"parts", h.parts},
               {"bytes", reader->file_bytes()},
               {"whole", true}});
  const auto line = [&](std::string_view zh, std::string_view en, const std::string& value) {
    frame.say(frame.tr(zh, en) + value);
  };
  line("包裹：　　", "bundle:        ", h.id.hex());
  line("单位：　　", "organisation:  ", named(directory.founded() ? directory.name() : h.org.hex(), h.org.hex()));
  line("发出者：　", "from:          ", named(from, h.from.node.hex()) + " #" + std::to_string(h.from.incarnation));
  line("收件者：　",
       "to:            ", (hub ? frame.tr("枢纽 ", "hub ") : frame.tr("人员 ", "person ")) + named(to, hex(h.to.id)));
  line("能打开的：", "opened by:     ", std::to_string(h.boxes.size()) + frame.tr(" 台", " nodes"));
  line("编号：　　", "number:        ", std::to_string(h.number));
  line("时间：　　", "made:          ", time_word(h.made));
  line("份：　　　", "part:          ",
       std::to_string(h.part) + "/" + std::to_string(h.parts) + frame.tr("，", ", ") + size_word(reader->file_bytes()));
  line("文件：　　", "file:          ",
       frame.tr("完整；内容密封，签名在导入时核对",
                "whole; its content is sealed, its signature is checked by an import"));
  return kOk;
}

}  // namespace

void add_bundle_commands(CLI::App& app, Frame& frame) {
  auto* group = app.add_subcommand("bundle", frame.tr("用文件（U 盘）交换：导出、导入、查看",
                                                      "Exchange by file (a USB stick): export, import, show"));
  group->require_subcommand(1);
  auto* out = group->add_subcommand(
      "export", frame.tr("把对方还没有的内容写成文件", "Write what the other side is not known to have into files"));
  const auto options = std::make_shared<ExportOptions>();
  out->add_option("--to", options->to, frame.tr("枢纽（名称、分支、HQ）或人", "A hub (name, branch, HQ) or a person"))
      ->required();
  out->add_option("--max-size", options->max_size,
                  frame.tr("每个文件的最大大小，如 4M、1G", "Largest size of a file, such as 4M or 1G"));
  out->add_flag("--list", options->list_only,
                frame.tr("只列出本机有什么，不带内容：初次以包裹往来时先给对方，对方的包裹就只含缺少的",
                         "List what is here and bring nothing of it: given first where two have never met, so that the "
                         "bundle back holds only what is lacking"));
  out->add_option("folder", options->folder, frame.tr("写到哪个文件夹", "Folder to write to"))->required();
  out->footer(frame.example("satchel --vault rep bundle export --to 深圳 --max-size 1G /media/usb"));
  out->callback([=, &frame] { frame.choose([=, &frame] { return export_bundle(frame, *options); }); });

  auto* in = group->add_subcommand(
      "import", frame.tr("导入文件；次序不限，重复无妨", "Import files; in any order, twice does no harm"));
  const auto files = std::make_shared<std::vector<std::string>>();
  in->add_option("files", *files, frame.tr("文件", "Files"))->required();
  in->footer(frame.example("satchel --vault rep bundle import /media/usb/*.satchel"));
  in->callback([=, &frame] { frame.choose([=, &frame] { return import_files(frame, *files); }); });

  auto* look =
      group->add_subcommand("show", frame.tr("不用口令就能知道的：谁的、给谁的、第几份、是否完整",
                                             "What can be told without a key: whose, for whom, which part, whole"));
  const auto file = std::make_shared<std::string>();
  look->add_option("file", *file, frame.tr("文件", "File"))->required();
  look->footer(frame.example("satchel bundle show 3f2a91c0-to-77aa01b2-0001.satchel"));
  look->callback([=, &frame] { frame.choose([=, &frame] { return show(frame, *file); }); });
}

}  // namespace satchel::cli
