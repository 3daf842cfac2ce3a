// SPDX-License-Identifier: AGPL-3.0-or-later
// satcheld unit: prints the systemd unit a hub should run under.
#include <cstdio>
#include <filesystem>

#include "server/admin/program.h"
#include "server/hub/service_unit.h"

namespace satchel::admin {

namespace {

constexpr Text kUnitHelp{"打印运行枢纽的 systemd 单元（已加固）", "Print the hardened systemd unit for a hub"};
constexpr Text kUser{"运行枢纽的系统用户（默认 satchel）", "System user the hub runs as (default satchel)"};

struct UnitWishes {
  std::string data;
  std::string user = "satchel";
};

int run_unit(const Program& program, const UnitWishes& wishes) {
  std::error_code problem;
  hub::ServiceUnit wanted;
  wanted.program = std::filesystem::read_symlink("/proc/self/exe", problem).string();
  wanted.data = std::filesystem::weakly_canonical(wishes.data, problem).string();
  wanted.user = wishes.user;
  const auto text = hub::service_unit(wanted);
  if (!text) return program.explain(text.error());
  if (!program.json) std::fputs(text->c_str(), stdout);  // it is what was asked for, also with --quiet
  boost::json::object out;
  out["unit"] = *text;
  program.print(out);
  return kOk;
}

}  // namespace

Command unit_command() {
  auto wishes = std::make_shared<UnitWishes>();
  return {"unit",
          kUnitHelp,
          "satcheld unit --data /srv/satchel/hq > /etc/systemd/system/satcheld.service",
          {{"--data", kDataFolder, &wishes->data, true}, {"--user", kUser, &wishes->user}},
          [wishes](Program& program) { return run_unit(program, *wishes); }};
}

}  // namespace satchel::admin
