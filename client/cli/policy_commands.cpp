// SPDX-License-Identifier: AGPL-3.0-or-later
// policy list|set: what the organisation has laid down, each a word with a value (docs/directory.md).
#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <charconv>

#include "client/cli/commands.h"
#include "client/cli/told.h"
#include "client/cli/words.h"
#include "client/field/destruction.h"
#include "schema/base/exit_code.h"
#include "schema/exchange/text_table.h"
#include "sync/backup/limits.h"
#include "sync/directory/authority.h"
#include "sync/node/lease.h"
#include "sync/node/volume.h"

namespace satchel::cli {

namespace {

struct KnownPolicy {
  std::string key;
  std::string otherwise;  // the default
  bool (*good)(std::string_view value);
  const char* zh;
  const char* en;
};

template <std::uint64_t most>
bool number_up_to(std::string_view text) {
  std::uint64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  return read.ec == std::errc{} && read.ptr == text.data() + text.size() && number <= most;
}

bool good_retention(std::string_view text) { return parse_retention(text).has_value(); }
bool on_or_off(std::string_view text) { return text == "on" || text == "off"; }

std::vector<KnownPolicy> known_policies() {
  return {
      {std::string(node::kPolicyLease), std::to_string(node::kLeaseDaysDefault), number_up_to<node::kLeaseDaysMax>,
       "设备多少天没有连接枢纽就锁上档案（0：不锁）",
       "Days without meeting a hub after which a device locks its archives (0: never)"},
      {std::string(node::kPolicyReplicaArchives), std::to_string(node::kReplicaArchivesDefault),
       number_up_to<UINT64_MAX>, "一台设备最多存放的档案数（0：不限）", "Archives a device may hold (0: any number)"},
      {std::string(node::kPolicyReplicaBytes), std::to_string(node::kReplicaBytesDefault), number_up_to<UINT64_MAX>,
       "一台设备最多存放的字节数，不含附件（0：不限）",
       "Bytes a device may hold, attachments not counted (0: any number)"},
      {std::string(backup::kPolicyBackup), std::to_string(backup::kBackupDaysDefault),
       number_up_to<backup::kBackupDaysMax>, "设备的备份多少天内可以恢复（0：不过期）",
       "Days for which a device's backup may be restored (0: for ever)"},
      {std::string(field::kPolicyRetention), std::string(field::kRetentionDefault), good_retention,
       "档案至少保管多久（90d、18m、3y、long-term）", "How long archives are kept at least (90d, 18m, 3y, long-term)"},
      {std::string(kPolicyTwoPersons), "off", on_or_off, "任命能会签的人须两人签字（on / off）",
       "Appointing who may countersign needs two persons (on / off)"}};
}

// What nobody would obey is not said.
Result<void> check_policy(const std::string& key, const std::string& value) {
  const auto known = known_policies();
  const auto policy = std::ranges::find(known, key, &KnownPolicy::key);
  if (policy == known.end()) return fail(ErrorKind::usage, "policy.unknown", key);
  if (!value.empty() && !policy->good(value)) return fail(ErrorKind::usage, "policy.bad-value", key + " = " + value);
  return {};
}

int list_policies(const Frame& frame) {
  int code = kOk;
  const auto device = frame.open(code);
  if (!device) return code;
  const auto directory = device->directory();
  boost::json::array list;
  TextTable table({{frame.tr("规定", "policy")}, {frame.tr("值", "value")}, {frame.tr("说明", "meaning"), false, 100}});
  const auto row = [&](const std::string& key, const std::string& value, bool set, const std::string& meaning) {
    table.row({key, value + (set ? "" : frame.tr("（默认）", " (default)")), meaning});
    list.push_back({{"key", key}, {"value", value}, {"set", set}});
  };
  const auto known = known_policies();
  for (const auto& policy : known) {
    const auto value = directory->policy(policy.key);
    row(policy.key, value.value_or(policy.otherwise), value.has_value(), frame.tr(policy.zh, policy.en));
  }
  for (const auto& [key, value] : directory->policies()) {
    if (std::ranges::find(known, key, &KnownPolicy::key) == known.end()) row(key, value, true, {});
  }
  frame.print(list);
  frame.say(table.text());
  return code;
}

int set_policy(const Frame& frame, const std::string& key, const std::string& value) {
  int code = kOk;
  if (const auto checked = check_policy(key, value); !checked) return frame.explain(checked.error());
  const auto device = frame.open(code);
  if (!device) return code;
  const auto said = field::set_policy(*device, key, value);
  if (!said) return frame.explain(said.error());
  const std::string shown = value.empty() ? frame.tr("默认", "default") : value;
  return tell_said(frame, *said, frame.tr("已规定：", "Laid down: ") + key + " = " + shown,
                   {{"key", key}, {"value", value}});
}

}  // namespace

void add_policy_commands(CLI::App& app, Frame& frame) {
  auto* policy =
      app.add_subcommand("policy", frame.tr("规定：列出、设定", "Policies: list, set"))->require_subcommand(1);
  auto* list = policy->add_subcommand("list", frame.tr("列出全部规定", "List all policies"));
  list->footer(frame.example("satchel policy list"));
  list->callback([&frame] { frame.choose([&frame] { return list_policies(frame); }); });
  auto* set =
      policy->add_subcommand("set", frame.tr("设定一条规定（总部管理员）", "Lay down a policy (HQ administrators)"));
  const auto key = std::make_shared<std::string>();
  const auto value = std::make_shared<std::string>();
  set->add_option("key", *key, frame.tr("规定", "Policy"))->required();
  set->add_option("value", *value, frame.tr("值；不写：恢复默认", "Value; none: back to the default"));
  set->footer(frame.example("satchel --vault admin policy set replica-archives-max 5000"));
  set->callback([=, &frame] { frame.choose([=, &frame] { return set_policy(frame, *key, *value); }); });
}

}  // namespace satchel::cli
