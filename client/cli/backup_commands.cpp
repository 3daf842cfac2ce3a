// SPDX-License-Identifier: AGPL-3.0-or-later
// backup create|verify|list, restore, renew.
#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <filesystem>

#include "client/cli/commands.h"
#include "client/cli/words.h"
#include "schema/base/exit_code.h"
#include "sync/backup/restore.h"
#include "sync/holder/backups.h"
#include "sync/holder/renew.h"

namespace satchel::cli {

namespace {

boost::json::object to_json(const backup::Header& h) {
  return {{"backup", h.id.hex()},
          {"node", h.node.node.hex()},
          {"incarnation", h.node.incarnation},
          {"made_ms", h.made.ms},
          {"expires_ms", h.expires.ms}};
}

boost::json::object to_json(const backup::Summary& s) {
  return {{"directory", {{"incarnation", s.directory.incarnation}, {"n", s.directory.n}}},
          {"archives", s.archives},
          {"entries", s.entries},
          {"program", s.program}};
}

std::string counts_text(const Frame& frame, const backup::Summary& s) {
  return frame.tr("档案 ", "archives ") + std::to_string(s.archives) + frame.tr("，记录项 ", ", entries ") +
         std::to_string(s.entries) + frame.tr("，通讯录 ", ", directory ") + position_text(s.directory);
}

// ---- create ----

int create(const Frame& frame, const std::string& out) {
  int code = kOk;
  const auto device = frame.open_any(code);
  if (!device) return code;
  const auto done = holder::back_up(*device, out);
  if (!done) return frame.explain(done.error());
  auto told = to_json(done->made.header);
  told["file"] = done->file.string();
  told["bytes"] = done->made.bytes;
  told["content"] = to_json(done->made.summary);
  frame.print(told);
  frame.say(frame.tr("备份：", "Backup: ") + done->file.string() + " (" + size_word(done->made.bytes) + ")");
  frame.say("  " + counts_text(frame, done->made.summary));
  if (done->made.header.expires.ms != 0)
    frame.say(frame.tr("  可恢复至 ", "  can be restored until ") + time_word(done->made.header.expires));
  frame.say(frame.tr("  用今天的口令打开。请移到别处保存，并用 `satchel backup verify` 演练一次。",
                     "  Today's passphrase opens it. Keep it elsewhere, and rehearse with `satchel backup verify`."));
  return kOk;
}

// ---- verify ----

boost::json::object to_json(const backup::Verified& v) {
  auto told = to_json(v.header);
  told["content"] = to_json(v.summary);
  told["sound"] = v.sound();
  told["directory_fault"] = v.directory;
  told["entries"] = v.log.entries;
  told["batches"] = v.log.batches;
  told["stamps"] = v.log.stamps;
  told["chunks"] = v.log.chunks;
  told["keys"] = v.keys;
  told["keys_broken"] = v.keys_broken;
  boost::json::array list;
  for (const auto& f : v.log.findings) list.push_back({{"code", f.code}, {"where", f.where}});
  told["findings"] = std::move(list);
  return told;
}

// Beside the vault that made it, when one is named and opens with the same passphrase, so that `status` knows.
std::unique_ptr<field::Device> vault_of(const Frame& frame, const std::string& passphrase) {
  std::error_code ignored;
  const auto& folder = frame.globals().vault;
  if (folder.empty() || !std::filesystem::exists(std::filesystem::path(folder) / "vault.key", ignored)) return nullptr;
  auto device = field::Device::open(folder, passphrase);
  return device ? std::move(*device) : nullptr;
}

int verify(const Frame& frame, const std::string& file) {
  const auto word = frame.passphrase(false);
  if (!word) return frame.explain(word.error());
  const auto device = vault_of(frame, *word);
  const auto verified = holder::verify_backup(device.get(), file, *word);
  if (!verified) return frame.explain(verified.error());
  frame.print(to_json(*verified));
  if (!verified->sound()) {
    for (const auto& f : verified->log.findings) frame.say(f.code + " " + f.where);
    if (!frame.globals().json)
      frame.explain({ErrorKind::integrity, "backup.unsound",
                     verified->directory.empty() ? std::to_string(verified->log.found) : verified->directory});
    return static_cast<int>(ExitCode::integrity);
  }
  frame.say(frame.tr("备份完好：", "The backup is sound: ") + file);
  frame.say("  " + counts_text(frame, verified->summary) + frame.tr("，能打开的档案 ", ", archives that open ") +
            std::to_string(verified->keys));
  frame.say(frame.tr("  做于 ", "  made ") + time_word(verified->header.made) +
            (verified->header.expires.ms != 0
                 ? frame.tr("，可恢复至 ", ", can be restored until ") + time_word(verified->header.expires)
                 : std::string{}));
  return kOk;
}

// ---- list ----

int list_backups(const Frame& frame) {
  int code = kOk;
  const auto device = frame.open_any(code);
  if (!device) return code;
  const auto txn = device->replica().store().begin_read();
  if (!txn) return frame.explain(txn.error());
  const auto known = node::known_backups(**txn);
  if (!known) return frame.explain(known.error());
  boost::json::array told;
  std::error_code ignored;
  for (const auto& b : *known) {
    const bool there = std::filesystem::exists(b.file, ignored);
    told.push_back({{"backup", hex(b.id)},
                    {"file", b.file},
                    {"there", there},
                    {"bytes", b.bytes},
                    {"made_ms", b.made.ms},
                    {"expires_ms", b.expires.ms},
                    {"verified_ms", b.verified.ms}});
    frame.say(time_word(b.made) + "  " + b.file + " (" + size_word(b.bytes) + ")" +
              (there ? std::string{} : frame.tr("，现在不在那里", ", not there now")) +
              frame.tr("，可恢复至 ", ", until ") + time_word(b.expires) + frame.tr("，演练 ", ", verified ") +
              time_word(b.verified));
  }
  if (known->empty())
    frame.say(frame.tr("还没有备份：`satchel backup create`。", "No backup yet: `satchel backup create`."));
  frame.print(boost::json::object{{"backups", std::move(told)}});
  return kOk;
}

// ---- restore ----

struct RestoreOptions {
  std::string file;
  bool yes = false;
  bool replace = false;
};

void tell_sides(const Frame& frame, const RestoreOptions& options, const backup::RestoreResult& r) {
  frame.say(frame.tr("备份：　　", "backup:      ") + options.file + frame.tr("，做于 ", ", made ") +
            time_word(r.header.made));
  frame.say("  " + counts_text(frame, r.summary));
  if (!r.before.there) return;
  frame.say(frame.tr("现在那里：", "there now:   ") + frame.globals().vault +
            frame.tr("，最后写入 ", ", last written ") + time_word(r.before.written));
  frame.say("  " + (r.before.readable ? counts_text(frame, r.before.summary)
                                      : frame.tr("读不出来（损坏）", "cannot be read (damaged)")));
}

int restore(const Frame& frame, const RestoreOptions& options) {
  if (frame.globals().vault.empty()) return frame.explain({ErrorKind::usage, "vault.not-named", {}});
  const auto word = frame.passphrase(false);
  if (!word) return frame.explain(word.error());
  SystemClock clock;
  SystemEntropy entropy;
  const auto done = backup::restore(
      {options.file, frame.globals().vault, {*word, std::nullopt}, options.replace, !options.yes}, clock, entropy);
  if (!done) return frame.explain(done.error());
  auto told = to_json(done->header);
  told["content"] = to_json(done->summary);
  told["vault"] = frame.globals().vault;
  told["restored"] = options.yes;
  told["new_incarnation"] = options.yes ? done->incarnation : 0;
  told["before"] = {{"there", done->before.there},
                    {"readable", done->before.readable},
                    {"written_ms", done->before.written.ms},
                    {"content", to_json(done->before.summary)}};
  told["kept"] = done->kept.string();
  frame.print(told);
  tell_sides(frame, options, *done);
  if (!options.yes) {
    frame.say(frame.tr("只是看看，没有改动任何东西。加 --yes 恢复",
                       "Nothing was changed: this was a look. Add --yes to restore") +
              (done->before.there ? frame.tr("（那里已有保险箱：还要 --replace，原来的会留在旁边）。",
                                             " (a vault is there: --replace, too; it is kept beside).")
                                  : frame.tr("。", ".")));
    return kOk;
  }
  frame.say(frame.tr("已恢复到 ", "Restored to ") + frame.globals().vault);
  if (!done->kept.empty()) frame.say(frame.tr("原来的保险箱在 ", "The former vault is in ") + done->kept.string());
  frame.say(frame.tr(
      "请同步一次：先向枢纽问明哪些档案已销毁或收回，之后才能打开；旧记录也从枢纽取回。同步之前可以照常记录拜访。"
      "原来的设备若还在，请不要再用。",
      "Sync once: archives open only after a hub has said which were destroyed or taken meanwhile, and "
      "your own later work comes back from it. Visits can be recorded before. If the old device turns "
      "up, do not use it any more."));
  return kOk;
}

// ---- renew ----

int renew(const Frame& frame, bool yes) {
  int code = kOk;
  auto device = frame.open_any(code);
  if (!device) return code;
  std::size_t parted = 0;
  {
    const auto txn = device->replica().store().begin_read();
    if (!txn) return frame.explain(txn.error());
    const auto counted = node::count_parted(**txn, device->identity().id);
    if (!counted) return frame.explain(counted.error());
    parted = *counted;
  }
  if (!yes || parted == 0) {
    frame.print(boost::json::object{{"parted", parted}, {"renewed", false}});
    frame.say(frame.tr("枢纽不能接收的记录项：", "Entries the hubs cannot take: ") + std::to_string(parted) +
              (parted == 0 ? frame.tr("，不需要做什么。", "; nothing has to be done.")
                           : frame.tr("。加 --yes 在新的编号下重新写出，再同步上交。",
                                      ". Add --yes to write them again in a life of this device's own; then sync.")));
    return kOk;
  }
  const auto word = frame.passphrase(false);
  if (!word) return frame.explain(word.error());
  const auto done = holder::renew(device, *word);
  if (!done) return frame.explain(done.error());
  frame.print({{"parted", parted},
               {"renewed", true},
               {"incarnation", done->incarnation},
               {"written", done->written.entries},
               {"unread", done->written.unread}});
  frame.say(frame.tr("已重新写出 ", "Written again: ") + std::to_string(done->written.entries) +
            frame.tr(" 项，时间和作者不变。请同步上交；之后由主管裁定。",
                     "; times and author are what they were. Sync to hand them in; a manager decides then."));
  if (done->written.unread > 0)
    frame.note(std::to_string(done->written.unread) +
               frame.tr(" 项的密钥不在这里，留在原处。", " stay as they are: their key is not here."));
  return done->written.unread > 0 ? static_cast<int>(ExitCode::partial) : kOk;
}

}  // namespace

void add_backup_commands(CLI::App& app, Frame& frame) {
  auto* group = app.add_subcommand(
      "backup", frame.tr("备份保险箱：做、演练、列出", "Backups of the vault: make, rehearse, list"));
  group->require_subcommand(1);
  auto* make = group->add_subcommand("create",
                                     frame.tr("做一份备份（可在使用中）", "Make one (also while the vault is in use)"));
  const auto out = std::make_shared<std::string>();
  make->add_option("--out", *out,
                   frame.tr("文件或文件夹；默认在当前文件夹", "File or folder; by default the current folder"));
  make->footer(frame.example("satchel --vault rep backup create --out /media/usb"));
  make->callback([=, &frame] { frame.choose([=, &frame] { return create(frame, *out); }); });

  auto* check = group->add_subcommand(
      "verify", frame.tr("演练：真的打开、核对全部内容（口令用当时的）",
                         "Rehearse: really open it and check everything (with the passphrase of that day)"));
  const auto file = std::make_shared<std::string>();
  check->add_option("file", *file, frame.tr("备份文件", "The backup"))->required();
  check->footer(frame.example("satchel --vault rep backup verify /media/usb/3f2a91c0-20261122T101500Z.satchel-backup"));
  check->callback([=, &frame] { frame.choose([=, &frame] { return verify(frame, *file); }); });

  auto* all = group->add_subcommand("list", frame.tr("已知的备份", "The backups this vault knows of"));
  all->footer(frame.example("satchel --vault rep backup list"));
  all->callback([&frame] { frame.choose([&frame] { return list_backups(frame); }); });

  auto* fresh = app.add_subcommand(
      "renew",
      frame.tr("设备被复制之后：把枢纽不能接收的记录重新写出（不加 --yes 只看）",
               "After this device was copied: write again what the hubs cannot take (without --yes it only looks)"));
  const auto sure = std::make_shared<bool>(false);
  fresh->add_flag("--yes", *sure, frame.tr("真的写", "Really write"));
  fresh->footer(frame.example("satchel --vault rep renew --yes"));
  fresh->callback([=, &frame] { frame.choose([=, &frame] { return renew(frame, *sure); }); });

  auto* back =
      app.add_subcommand("restore", frame.tr("从备份恢复到新的文件夹（默认只看不做）",
                                             "Restore a backup to a new folder (without --yes it only looks)"));
  const auto options = std::make_shared<RestoreOptions>();
  back->add_option("file", options->file, frame.tr("备份文件", "The backup"))->required();
  back->add_flag("--yes", options->yes, frame.tr("真的恢复", "Really restore"));
  back->add_flag("--replace", options->replace,
                 frame.tr("那里已有保险箱也恢复，原来的留在旁边", "Also where a vault is; it is kept beside"));
  back->footer(frame.example("satchel --vault new restore /media/usb/3f2a91c0-20261122T101500Z.satchel-backup --yes"));
  back->callback([=, &frame] { frame.choose([=, &frame] { return restore(frame, *options); }); });
}

}  // namespace satchel::cli
