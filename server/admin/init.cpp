// SPDX-License-Identifier: AGPL-3.0-or-later
// satcheld init: founds an organisation and its HQ hub.
#include "server/admin/program.h"
#include "server/hub/founding.h"

namespace satchel::admin {

namespace {

constexpr Text kInitHelp{"建立单位和总部枢纽：根密钥、恢复包、首位管理员和总部阅读端的邀请",
                         "Found an organisation and its HQ hub: root key, recovery kit, invitations for the first "
                         "administrator and HQ's reader"};
constexpr Text kInitData{"数据文件夹（不存在或为空）", "Data folder (new or empty)"};
constexpr Text kOrg{"单位名称", "The organisation's name"};
constexpr Text kInitListen{"监听地址，数字 IP:端口", "Address to listen on, numeric IP:port"};
constexpr Text kInitAddress{"别人用来连接的地址，主机:端口（默认同 --listen）",
                            "Address others dial, host:port (default: as --listen)"};
constexpr Text kInitName{"枢纽名称", "The hub's name"};
constexpr Text kAdmin{"首位管理员的姓名", "The first administrator's name"};
constexpr Text kInitDone{"单位“{}”已建立。", "'{}' is founded."};
constexpr Text kInitKit{"恢复包（请立即移出本机，至少两份，然后删除）：",
                        "Recovery kit (move it off this machine now, two copies, then delete it): "};
constexpr Text kFirst{"首位管理员的邀请（30 天内、一次有效）：",
                      "The first administrator's invitation (30 days, works once): "};
constexpr Text kInitReader{"总部阅读端的邀请：", "HQ's reader's invitation: "};
constexpr Text kConfig{"配置：", "Configuration: "};
constexpr Text kInitNext{"启动：", "Start it: "};

struct InitWishes {
  std::string data;
  std::string org;
  std::string listen;
  std::string address;
  std::string name = "总部";
  std::string admin = "管理员";
};

void tell(const Program& program, const InitWishes& wishes, const hub::Founding& founding,
          const hub::Founded& founded) {
  std::string done = program.tr(kInitDone);
  done.replace(done.find("{}"), 2, wishes.org);
  program.say(done);
  program.say(program.tr(kInitKit) + founding.folder.recovery_kit().string());
  program.say(program.tr(kFirst) + founding.folder.first_admin().string());
  program.say(program.tr(kInitReader) + founding.folder.reader().string());
  program.say(program.tr(kConfig) + founding.folder.config().string());
  program.say(program.tr(kInitNext) + "satcheld serve --data " + wishes.data);
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

int run_init(const Program& program, const InitWishes& wishes) {
  auto listen = parse_listen_address(wishes.listen);
  if (!listen) return program.explain(listen.error());
  const hub::Founding founding{{wishes.data}, wishes.org,
                               wishes.name,   wishes.admin,
                               *listen,       wishes.address.empty() ? format_address(*listen) : wishes.address};
  const auto founded = hub::found_organisation(founding, program.clock, program.entropy);
  if (!founded) return program.explain(founded.error());
  tell(program, wishes, founding, *founded);
  return kOk;
}

}  // namespace

Command init_command() {
  auto wishes = std::make_shared<InitWishes>();
  return {"init",
          kInitHelp,
          "satcheld init --data hq --org 华兴食品 --listen 127.0.0.1:7440",
          {{"--data", kInitData, &wishes->data, true},
           {"--org", kOrg, &wishes->org, true},
           {"--listen", kInitListen, &wishes->listen, true},
           {"--address", kInitAddress, &wishes->address},
           {"--name", kInitName, &wishes->name},
           {"--admin", kAdmin, &wishes->admin}},
          [wishes](Program& program) { return run_init(program, *wishes); }};
}

}  // namespace satchel::admin
