// SPDX-License-Identifier: AGPL-3.0-or-later
// satcheld status: what a hub holds and how it stands, on one screen; works beside a running hub.
#include "schema/base/version.h"
#include "server/admin/hub_view.h"
#include "server/admin/program.h"
#include "server/hub/condition.h"
#include "sync/backup/limits.h"

namespace satchel::admin {

namespace {

constexpr Text kStatusHelp{"显示枢纽的状态（可在运行时使用）", "Show the hub's condition (also while it runs)"};

std::string mebibytes(std::uint64_t bytes) { return std::to_string((bytes + (1 << 20) - 1) >> 20) + " MiB"; }

void tell(const Program& program, const hub::Condition& c) {
  const auto line = [&](const Text& name, const std::string& value) { program.say(program.tr(name) + value); };
  const auto n = [](std::uint64_t v) { return std::to_string(v); };
  const Text role = c.headquarters ? Text{"总部枢纽", "headquarters' hub"} : Text{"分支枢纽", "branch hub"};
  const Text running = c.running ? Text{"，运行中", ", running"} : Text{"，未运行", ", not running"};
  line({"角色：", "role: "}, program.tr(role) + program.tr(running));
  if (c.revoked) line({"已被总部停用", "revoked by headquarters"}, "");
  if (!c.confirmed && !c.revoked) line({"等待管理员核对指纹", "waits for an administrator's confirmation"}, "");
  line({"单位：", "organisation: "}, c.org_name + " (" + c.org.hex() + ")");
  if (!c.branch.empty()) line({"分支：", "branch: "}, c.branch);
  line({"枢纽：", "hub: "}, c.name + " (" + c.hub.hex() + ", " + n(c.incarnation) + ")");
  line({"地址：", "address: "}, (c.address.empty() ? c.listen : c.address));
  line({"版本：", "version: "}, std::string(kVersion));
  line({"通讯录：", "directory: "}, position_text(c.directory) + program.tr({"，人员 ", ", persons "}) + n(c.persons) +
                                        program.tr({"，分支 ", ", branches "}) + n(c.branches) +
                                        program.tr({"，设备 ", ", devices "}) + n(c.devices) +
                                        program.tr({"，枢纽 ", ", hubs "}) + n(c.hubs) +
                                        program.tr({"，待确认 ", ", unconfirmed "}) + n(c.unconfirmed));
  line({"档案：", "archives: "}, n(c.archives) + program.tr({"，记录项 ", ", entries "}) + n(c.entries) +
                                     program.tr({"，批次 ", ", batches "}) + n(c.batches));
  if (c.attachments.named > 0)
    line({"附件：", "attachments: "}, n(c.attachments.named) + program.tr({"，完整 ", ", whole "}) +
                                          n(c.attachments.whole) + ", " + mebibytes(c.attachments.bytes));
  line({"待送总部的声明：", "statements for headquarters: "}, n(c.pending));
  line({"分叉证据：", "fork evidence: "}, n(c.forks));
  if (c.copied > 0) line({"被复制而冻结的设备：", "devices frozen because they were copied: "}, n(c.copied));
  const bool stale =
      program.clock.wall().ms - c.backup_verified.ms > std::chrono::duration_cast<Millis>(backup::kVerifyEvery).count();
  if (c.backup.ms == 0)
    line({"备份：", "backup: "}, program.tr({"还没有：satcheld backup create", "none yet: satcheld backup create"}));
  else
    line({"备份：", "backup: "},
         time_text(c.backup) + program.tr({"，最近演练 ", ", last verified "}) + time_text(c.backup_verified) +
             (stale ? program.tr({"，⚠ 该演练了：satcheld backup verify", ", ⚠ rehearse: satcheld backup verify"})
                    : std::string{}));
  if (c.order_waits)
    line({"从备份恢复，暂不定序：需要管理员运行 `satchel hq resume`",
          "restored from a backup; orders nothing until an administrator runs `satchel hq resume`"},
         "");
  line({"磁盘：", "disk: "}, mebibytes(c.disk_used) + program.tr({"，剩余 ", ", free "}) + mebibytes(c.disk_free));
  for (const auto& device : c.near_limit) {
    const Text state = device.over ? Text{"超过容量上限的设备：", "device over its limit: "}
                                   : Text{"接近容量上限的设备：", "device near its limit: "};
    line(state, c.names.at(device.node) + " (" + device.node.hex() + "), " + n(device.volume.archives) +
                    program.tr({" 份档案，", " archives, "}) + mebibytes(device.volume.bytes));
  }
  if (c.shredding_since.ms != 0)
    line({"待整理（已销毁内容的残留）：重启枢纽，或停止后运行 satcheld compact；自 ",
          "to be compacted (remains of what was destroyed): restart the hub, or stop it and run satcheld compact; "
          "since "},
         time_text(c.shredding_since));
  if (c.headquarters) return;
  line({"上次与总部交换：", "last exchange with headquarters: "}, time_text(c.upstream.complete));
  if (!c.upstream.code.empty())
    line({"最近一次失败：", "last failure: "}, time_text(c.upstream.tried) + " " + c.upstream.code);
}

boost::json::object to_json(const hub::Condition& c) {
  boost::json::object out;
  out["role"] = c.headquarters ? "headquarters" : "branch";
  out["running"] = c.running;
  out["confirmed"] = c.confirmed;
  out["revoked"] = c.revoked;
  out["organisation"] = c.org.hex();
  out["organisation_name"] = c.org_name;
  out["hub"] = c.hub.hex();
  out["incarnation"] = c.incarnation;
  out["name"] = c.name;
  out["branch"] = c.branch;
  out["listen"] = c.listen;
  out["address"] = c.address;
  out["version"] = std::string(kVersion);
  out["directory"] = boost::json::object{{"incarnation", c.directory.incarnation}, {"position", c.directory.n}};
  out["archives"] = c.archives;
  out["entries"] = c.entries;
  out["batches"] = c.batches;
  out["attachments"] = boost::json::object{
      {"named", c.attachments.named}, {"whole", c.attachments.whole}, {"bytes", c.attachments.bytes}};
  out["persons"] = c.persons;
  out["branches"] = c.branches;
  out["devices"] = c.devices;
  out["hubs"] = c.hubs;
  out["readers"] = c.readers;
  out["unconfirmed"] = c.unconfirmed;
  out["pending"] = c.pending;
  out["forks"] = c.forks;
  out["copied"] = c.copied;
  out["order_waits"] = c.order_waits;
  out["backup"] = boost::json::object{{"last_ms", c.backup.ms}, {"verified_ms", c.backup_verified.ms}};
  out["against_hubs"] = hub_findings_json(c.against_hubs);
  out["shredding_since_ms"] = c.shredding_since.ms;
  out["disk_used"] = c.disk_used;
  out["disk_free"] = c.disk_free;
  boost::json::array near;
  for (const auto& device : c.near_limit) {
    near.push_back({{"node", device.node.hex()},
                    {"person", c.names.at(device.node)},
                    {"archives", device.volume.archives},
                    {"bytes", device.volume.bytes},
                    {"over", device.over}});
  }
  out["replica_limit"] = boost::json::object{{"archives", c.volume_limit.archives}, {"bytes", c.volume_limit.bytes}};
  out["devices_near_limit"] = std::move(near);
  if (!c.headquarters) {
    out["upstream"] = boost::json::object{
        {"complete_ms", c.upstream.complete.ms}, {"failed_ms", c.upstream.tried.ms}, {"code", c.upstream.code}};
  }
  return out;
}

int run_status(const Program& program, const std::string& data) {
  const auto condition = hub::condition_of({data}, program.clock, program.entropy);
  if (!condition) return program.explain(condition.error());
  tell(program, *condition);
  tell(program, condition->against_hubs);
  program.print(to_json(*condition));
  return kOk;
}

}  // namespace

Command status_command() {
  auto data = std::make_shared<std::string>();
  return {"status",
          kStatusHelp,
          "satcheld status --data hq --json",
          {{"--data", kDataFolder, data.get(), true}},
          [data](Program& program) { return run_status(program, *data); }};
}

}  // namespace satchel::admin
