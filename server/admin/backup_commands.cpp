// SPDX-License-Identifier: AGPL-3.0-or-later
// satcheld backup create|verify, restore: a hub's backups. Made beside a running hub: a moment of its store. Locked
// with the key in the recovery kit, so that verifying and restoring ask for the kit, and the machine itself cannot open
// them.
#include <boost/json/array.hpp>
#include <fstream>
#include <sstream>

#include "server/admin/program.h"
#include "server/hub/hub_folder.h"
#include "server/hub/recovery_kit.h"
#include "sync/backup/restore.h"
#include "sync/node/backups.h"
#include "sync/node/replica.h"

namespace satchel::admin {

namespace {

constexpr Text kBackupHelp{"枢纽的备份：做（可在运行时）、演练",
                           "A hub's backups: make (also while it runs), rehearse"};
constexpr Text kCreateHelp{"做一份备份；用恢复包里的密钥加密", "Make one; sealed to the key in the recovery kit"};
constexpr Text kBackupVerifyHelp{"演练：真的打开、核对全部内容", "Rehearse: really open it and check everything"};
constexpr Text kRestoreHelp{"从备份恢复到新的文件夹（不加 --yes 只看）",
                            "Restore a backup to a new folder (without --yes it only looks)"};
constexpr Text kOut{"文件或文件夹；默认在当前文件夹", "File or folder; by default the current folder"};
constexpr Text kFile{"备份文件", "The backup"};
constexpr Text kBackupKit{"恢复包文件（或手工输入的四行）", "The recovery kit (or its four lines typed into a file)"};
constexpr Text kYes{"真的恢复", "Really restore"};
constexpr Text kReplace{"那里已有枢纽也恢复，原来的留在旁边", "Also where a hub is; it is kept beside"};
constexpr std::uintmax_t kKitBytesMax = 64 * 1024;

struct BackupWishes {
  std::string data;
  std::string out;
  std::string file;
  std::string kit;
  bool yes = false;
  bool replace = false;
};

std::string counts_text(const Program& program, const backup::Summary& s) {
  return program.tr({"档案 ", "archives "}) + std::to_string(s.archives) + program.tr({"，记录项 ", ", entries "}) +
         std::to_string(s.entries) + program.tr({"，批次 ", ", batches "}) + std::to_string(s.batches) +
         program.tr({"，通讯录 ", ", directory "}) + position_text(s.directory);
}

boost::json::object to_json(const backup::Header& h, const backup::Summary& s) {
  return {{"backup", h.id.hex()},
          {"hub", h.node.node.hex()},
          {"incarnation", h.node.incarnation},
          {"made_ms", h.made.ms},
          {"archives", s.archives},
          {"entries", s.entries},
          {"batches", s.batches},
          {"directory", boost::json::object{{"incarnation", s.directory.incarnation}, {"position", s.directory.n}}},
          {"program", s.program}};
}

Result<backup::Unlock> unlock_with(const std::string& file) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  if (error || size > kKitBytesMax) return fail(ErrorKind::not_found, "kit.file", file);
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  std::string read = text.str();
  auto kit = hub::read_kit(read);
  wipe({reinterpret_cast<Byte*>(read.data()), read.size()});
  if (!kit) return std::unexpected(kit.error());
  wipe({reinterpret_cast<Byte*>(kit->reserve_tls.data()), kit->reserve_tls.size()});
  return backup::Unlock{{}, kit->root};
}

// ---- create ----

int create(Program& program, const BackupWishes& wishes) {
  auto open = hub::open_hub({wishes.data});
  if (!open) return program.explain(open.error());
  node::Self self{open->identity, open->config.org, wire::Role::hub};
  auto replica = node::Replica::open(*open->store, program.clock, program.entropy, std::move(self));
  if (!replica) return program.explain(replica.error());
  const WallTime now = program.clock.wall();
  const auto directory = (*replica)->directory();
  std::filesystem::path file = wishes.out;
  const std::filesystem::path name = backup::file_name(open->identity.id, now);
  std::error_code ignored;
  if (file.empty()) file = name;
  if (std::filesystem::is_directory(file, ignored)) file /= name;
  const backup::Source source{backup::Kind::hub, wishes.data,  open->config.org,
                              open->identity,    *open->store, *directory};
  const auto made = backup::create(source, file, now, program.entropy);
  if (!made) return program.explain(made.error());
  const auto& h = made->header;
  const auto noted = (*replica)->write([&](WriteTxn& txn, node::Effects&) {
    return node::note_backup(
        txn, {h.id.bytes, h.made, {}, {}, made->bytes, std::filesystem::absolute(file, ignored).string()});
  });
  if (!noted) return program.explain(noted.error());
  auto told = to_json(h, made->summary);
  told["file"] = file.string();
  told["bytes"] = made->bytes;
  program.print(told);
  program.say(program.tr({"备份：", "Backup: "}) + file.string() + " (" + std::to_string(made->bytes) + " B)");
  program.say("  " + counts_text(program, made->summary));
  program.say(program.tr({"  其中没有档案密钥；恢复时要用恢复包。请移到别的机器，并演练：satcheld backup verify",
                          "  It holds no archive keys, and is restored with the recovery kit. Keep it on another "
                          "machine, and rehearse: satcheld backup verify"}));
  return kOk;
}

// ---- verify ----

int verify(Program& program, const BackupWishes& wishes) {
  const auto unlock = unlock_with(wishes.kit);
  if (!unlock) return program.explain(unlock.error());
  const auto verified = backup::verify(wishes.file, *unlock, program.entropy);
  if (!verified) return program.explain(verified.error());
  auto told = to_json(verified->header, verified->summary);
  told["sound"] = verified->sound();
  told["directory_fault"] = verified->directory;
  told["stamps"] = verified->log.stamps;
  told["wraps"] = verified->log.wraps;
  told["chunks"] = verified->log.chunks;
  boost::json::array list;
  for (const auto& f : verified->log.findings)
    list.push_back(boost::json::object{{"code", f.code}, {"where", f.where}});
  told["findings"] = std::move(list);
  program.print(told);
  if (!verified->sound()) {
    for (const auto& f : verified->log.findings) program.say(f.code + " " + f.where);
    if (!program.json)
      program.explain({ErrorKind::integrity, "backup.unsound",
                       verified->directory.empty() ? std::to_string(verified->log.found) : verified->directory});
    return static_cast<int>(ExitCode::integrity);
  }
  if (!wishes.data.empty()) {
    auto open = hub::open_hub({wishes.data});
    if (!open) return program.explain(open.error());
    auto txn = open->store->begin_write();
    if (!txn) return program.explain(txn.error());
    auto noted = node::note_verified(**txn, verified->header.id.bytes, program.clock.wall());
    if (noted) noted = (*txn)->commit();
    if (!noted) return program.explain(noted.error());
  }
  program.say(program.tr({"备份完好：", "The backup is sound: "}) + wishes.file);
  program.say("  " + counts_text(program, verified->summary) + program.tr({"，做于 ", ", made "}) +
              time_text(verified->header.made));
  return kOk;
}

// ---- restore ----

void tell_sides(const Program& program, const BackupWishes& wishes, const backup::RestoreResult& r) {
  program.say(program.tr({"备份：", "backup: "}) + wishes.file + program.tr({"，做于 ", ", made "}) +
              time_text(r.header.made));
  program.say("  " + counts_text(program, r.summary));
  if (!r.before.there) return;
  program.say(program.tr({"现在那里：", "there now: "}) + wishes.data + program.tr({"，最后写入 ", ", last written "}) +
              time_text(r.before.written));
  program.say("  " + (r.before.readable ? counts_text(program, r.before.summary)
                                        : program.tr({"读不出来（损坏）", "cannot be read (damaged)"})));
}

int restore(Program& program, const BackupWishes& wishes) {
  const auto unlock = unlock_with(wishes.kit);
  if (!unlock) return program.explain(unlock.error());
  const auto done =
      backup::restore({wishes.file, wishes.data, *unlock, wishes.replace, !wishes.yes}, program.clock, program.entropy);
  if (!done) return program.explain(done.error());
  auto told = to_json(done->header, done->summary);
  told["restored"] = wishes.yes;
  told["new_incarnation"] = wishes.yes ? done->incarnation : 0;
  told["before"] = boost::json::object{{"there", done->before.there},
                                       {"readable", done->before.readable},
                                       {"written_ms", done->before.written.ms},
                                       {"entries", done->before.summary.entries}};
  told["kept"] = done->kept.string();
  program.print(told);
  tell_sides(program, wishes, *done);
  if (!wishes.yes) {
    program.say(program.tr({"只是看看，没有改动任何东西。加 --yes 恢复。",
                            "Nothing was changed: this was a look. Add --yes to restore."}));
    return kOk;
  }
  program.say(program.tr({"已恢复到 ", "Restored to "}) + wishes.data);
  if (!done->kept.empty())
    program.say(program.tr({"原来的文件夹在 ", "The former folder is in "}) + done->kept.string());
  program.say(
      program.tr({"启动后，设备和其他枢纽会把这里缺少的再送来。总部枢纽先不定序：请管理员运行 `satchel hq "
                  "resume`。原来的枢纽不要再启动。",
                  "Once it runs, devices and other hubs send again what is missing here. Headquarters' hub orders "
                  "nothing at first: "
                  "an administrator runs `satchel hq resume`. Never start the former hub again."}));
  return kOk;
}

}  // namespace

Command backup_command() {
  auto wishes = std::make_shared<BackupWishes>();
  Command make{"create",
               kCreateHelp,
               "satcheld backup create --data hq --out /backup",
               {{"--data", kDataFolder, &wishes->data, true}, {"--out", kOut, &wishes->out}},
               [wishes](Program& program) { return create(program, *wishes); }};
  Command check{
      "verify",
      kBackupVerifyHelp,
      "satcheld backup verify --kit recovery-kit.txt --data hq /backup/3f2a91c0-20261122T101500Z.satchel-backup",
      {{"--kit", kBackupKit, &wishes->kit, true},
       {"--data", kDataFolder, &wishes->data},
       {"file", kFile, &wishes->file, true}},
      [wishes](Program& program) { return verify(program, *wishes); }};
  Command group{"backup", kBackupHelp, ""};
  group.children = {std::move(make), std::move(check)};
  return group;
}

Command restore_command() {
  auto wishes = std::make_shared<BackupWishes>();
  return {
      "restore",
      kRestoreHelp,
      "satcheld restore --kit recovery-kit.txt --data hq-new /backup/3f2a91c0-20261122T101500Z.satchel-backup --yes",
      {{"--kit", kBackupKit, &wishes->kit, true},
       {"--data", kDataFolder, &wishes->data, true},
       {"--yes", kYes, &wishes->yes},
       {"--replace", kReplace, &wishes->replace},
       {"file", kFile, &wishes->file, true}},
      [wishes](Program& program) { return restore(program, *wishes); }};
}

}  // namespace satchel::admin
