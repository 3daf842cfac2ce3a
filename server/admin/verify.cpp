// SPDX-License-Identifier: AGPL-3.0-or-later
// satcheld verify: goes through everything a hub holds; works beside a running hub, of which it sees one moment.
#include "server/admin/hub_view.h"
#include "server/admin/program.h"
#include "server/hub/hub_folder.h"
#include "sync/node/verify_log.h"
#include "sync/store/lmdb_store.h"

namespace satchel::admin {

namespace {

constexpr Text kVerifyVerifyHelp{"核对全部数据：通讯录、链、批次、签名、盖章、馈送",
                                 "Verify everything: directory, chains, batches, signatures, stamps, feeds"};
constexpr Text kSound{"完好。", "Sound. "};
constexpr Text kMore{"……以及更多", "... and more"};

struct Verified {
  Position directory;
  std::uint64_t statements = 0;
  node::VerifyReport log;
};

Result<Verified> verify_folder(const hub::HubFolder& folder) {
  SATCHEL_GET(config, hub::read_config(folder));
  // A damaged page kills whoever reads it: the child goes first.
  SATCHEL_TRY(check_in_child(folder.store()));
  SATCHEL_GET(open, hub::open_hub(folder, true));
  SATCHEL_GET(txn, open.store->begin_read());
  SATCHEL_GET(directory, node::verify_directory(*txn, config.org));
  SATCHEL_GET(log, node::verify_log(*txn, directory, {open.identity.id, true}));
  const auto& counts = directory.counts();
  return Verified{directory.position(), counts.applied + counts.refused + counts.unknown + counts.withheld,
                  std::move(log)};
}

boost::json::object to_json(const Verified& v) {
  boost::json::object out;
  out["sound"] = v.log.sound();
  out["directory"] = boost::json::object{{"incarnation", v.directory.incarnation}, {"position", v.directory.n}};
  out["statements"] = v.statements;
  out["archives"] = v.log.archives;
  out["chains"] = v.log.chains;
  out["entries"] = v.log.entries;
  out["bodies"] = v.log.bodies;
  out["withheld"] = v.log.withheld;
  out["batches"] = v.log.batches;
  out["stamps"] = v.log.stamps;
  out["wraps"] = v.log.wraps;
  out["feed_items"] = v.log.feed_items;
  out["attachments"] = v.log.attachments;
  out["chunks"] = v.log.chunks;
  out["forks"] = v.log.forks;
  out["against_hubs"] = hub_findings_json(v.log.against_hubs);
  out["findings"] = v.log.found;
  boost::json::array list;
  for (const auto& finding : v.log.findings)
    list.push_back(boost::json::object{{"code", finding.code}, {"where", finding.where}});
  out["list"] = std::move(list);
  return out;
}

void tell(const Program& program, const Verified& v) {
  const auto n = [](std::uint64_t value) { return std::to_string(value); };
  program.say((v.log.sound() ? program.tr(kSound) : std::string()) + program.tr({"声明 ", "statements "}) +
              n(v.statements) + program.tr({"，档案 ", ", archives "}) + n(v.log.archives) +
              program.tr({"，链 ", ", chains "}) + n(v.log.chains) + program.tr({"，记录项 ", ", entries "}) +
              n(v.log.entries) + program.tr({"，批次 ", ", batches "}) + n(v.log.batches) +
              program.tr({"，盖章 ", ", stamps "}) + n(v.log.stamps) + program.tr({"，附件 ", ", attachments "}) +
              n(v.log.attachments) + program.tr({"，块 ", ", chunks "}) + n(v.log.chunks) +
              program.tr({"，分叉证据 ", ", fork evidence "}) + n(v.log.forks));
  tell(program, v.log.against_hubs);
  for (const auto& finding : v.log.findings) program.say(finding.code + " " + finding.where);
  if (v.log.found > v.log.findings.size()) program.say(program.tr(kMore));
}

int run_verify(const Program& program, const std::string& data) {
  auto verified = verify_folder({data});
  if (!verified) {
    // Whatever the code: bytes on disk that do not hold are an integrity problem here.
    if (verified.error().kind == ErrorKind::invalid && verified.error().code != "hub.config")
      verified.error().kind = ErrorKind::integrity;
    return program.explain(verified.error());
  }
  tell(program, *verified);
  program.print(to_json(*verified));
  if (verified->log.sound()) return kOk;
  if (!program.json)
    return program.explain({ErrorKind::integrity, "admin.damage", std::to_string(verified->log.found)});
  return static_cast<int>(ExitCode::integrity);
}

}  // namespace

Command verify_command() {
  auto data = std::make_shared<std::string>();
  return {"verify",
          kVerifyVerifyHelp,
          "satcheld verify --data hq",
          {{"--data", kDataFolder, data.get(), true}},
          [data](Program& program) { return run_verify(program, *data); }};
}

}  // namespace satchel::admin
