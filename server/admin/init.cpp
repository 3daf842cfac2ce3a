// SPDX-License-Identifier: AGPL-3.0-or-later
// satcheld init: founds an organisation and its HQ hub.
#include "server/admin/program.h"
#include "server/hub/founding.h"

namespace satchel::admin {

namespace {

constexpr Text kHelp{"建立单位和总部枢纽：根密钥、恢复包、首位管理员和总部阅读端的邀请",
                     "Found an organisation and its HQ hub: root key, recovery kit, invitations for the first "
                     "administrator and HQ's reader"};
constexpr Text kData{"数据文件夹（不存在或为空）", "Data folder (new or empty)"};
constexpr Text kOrg{"单位名称", "The organisation's name"};
constexpr Text kListen{"监听地址，数字 IP:端口", "Address to listen on, numeric IP:port"};
constexpr Text kAddress{"别人用来连接的地址，主机:端口（默认同 --listen）",
                        "Address others dial, host:port (default: as --listen)"};
constexpr Text kName{"枢纽名称", "The hub's name"};
constexpr Text kAdmin{"首位管理员的姓名", "The first administrator's name"};
constexpr Text kDone{"单位“{}”已建立。", "'{}' is founded."};
constexpr Text kKit{"恢复包（请立即移出本机，至少两份，然后删除）：",
                    "Recovery kit (move it off this machine now, two copies, then delete it): "};
constexpr Text kFirst{"首位管理员的邀请（30 天内、一次有效）：",
                      "The first administrator's invitation (30 days, works once): "};
constexpr Text kReader{"总部阅读端的邀请：", "HQ's reader's invitation: "};
constexpr Text kConfig{"配置：", "Configuration: "};
constexpr Text kNext{"启动：", "Start it: "};

struct Wishes {
  std::string data;
  std::string org;
  std::string listen;
  std::string address;
  std::string name = "总部";
  std::string admin = "管理员";
};

void tell(const Program& program, const Wishes& wishes, const hub::Founding& founding, const hub::Founded& founded) {
  std::string done = program.tr(kDone);
  done.replace(done.find("{}"), 2, wishes.org);
  program.say(done);
  program.say(program.tr(kKit) + founding.folder.recovery_kit().string());
  program.say(program.tr(kFirst) + founding.folder.first_admin().string());
  program.say(program.tr(kReader) + founding.folder.reader().string());
  program.say(program.tr(kConfig) + founding.folder.config().string());
  program.say(program.tr(kNext) + "satcheld serve --data " + wishes.data);
  boost::json::object value;
  value["organisation"] = founded.org.hex();
  value["hub"] = founded.hub.hex();
  value["address"] = founding.address;
  value["tls_pin"] = founded.tls_pin.hex();
  value["recovery_kit"] = founding.folder.recovery_kit().string();
  value["first_admin_invite"] = founding.folder.first_admin().string();
  value["reader_invite"] = founding.folder.reader().string();
  value["config"] = founding.folder.config().string();
  program.print(value);
}

int run(const Program& program, const Wishes& wishes) {
  auto listen = parse_listen_address(wishes.listen);
  if (!listen) return program.explain(listen.error());
  const hub::Founding founding{{wishes.data}, wishes.org,
                               wishes.name,   wishes.admin,
                               *listen,       wishes.address.empty() ? format_address(*listen) : wishes.address};
  const auto founded = hub::found_organisation(founding, program.clock, program.entropy);
  if (!founded) return program.explain(founded.error());
  tell(program, wishes, founding, *founded);
  return static_cast<int>(ExitCode::ok);
}

}  // namespace

Command init_command() {
  auto wishes = std::make_shared<Wishes>();
  return {"init",
          kHelp,
          "satcheld init --data hq --org 华兴食品 --listen 127.0.0.1:7440",
          {{"--data", kData, &wishes->data, true},
           {"--org", kOrg, &wishes->org, true},
           {"--listen", kListen, &wishes->listen, true},
           {"--address", kAddress, &wishes->address},
           {"--name", kName, &wishes->name},
           {"--admin", kAdmin, &wishes->admin}},
          [wishes](Program& program) { return run(program, *wishes); }};
}

}  // namespace satchel::admin
