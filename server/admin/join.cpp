// SPDX-License-Identifier: AGPL-3.0-or-later
// satcheld join: a branch hub enrols at headquarters by an invitation.
#include <fstream>
#include <sstream>

#include "server/admin/program.h"
#include "server/hub/joining.h"

namespace satchel::admin {

namespace {

constexpr Text kJoinHelp{"凭邀请建立分支枢纽并加入单位",
                         "Make a branch hub and join the organisation by an invitation"};
constexpr Text kJoinData{"数据文件夹（不存在或为空）", "Data folder (new or empty)"};
constexpr Text kJoinListen{"监听地址，数字 IP:端口", "Address to listen on, numeric IP:port"};
constexpr Text kJoinAddress{"设备用来连接的地址，主机:端口（默认同 --listen）",
                            "Address devices dial, host:port (default: as --listen)"};
constexpr Text kJoinName{"枢纽名称（默认用分支名称）", "The hub's name (default: its branch's)"};
constexpr Text kInvite{"邀请文件", "The invitation file"};
constexpr Text kJoinDone{"已加入，分支：", "Joined, branch: "};
constexpr Text kWaits{"已登记，等待管理员核对指纹：", "Enrolled; an administrator has to compare the fingerprint: "};
constexpr Text kGoesOn{"核对之后枢纽会自己继续。现在就可以启动：",
                       "The hub goes on by itself after that. It can be started now: "};
constexpr Text kJoinNext{"启动：", "Start it: "};

struct JoinWishes {
  std::string data;
  std::string listen;
  std::string address;
  std::string name;
  std::string invite;
};

Result<InvitationFile> read_invitation(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  if (in) text << in.rdbuf();
  if (!in) return fail(ErrorKind::not_found, "invite.file", file);
  return decode_invitation(text.str());
}

void tell(const Program& program, const JoinWishes& wishes, const hub::Joined& joined) {
  if (joined.confirmed) {
    program.say(program.tr(kJoinDone) + joined.branch);
    program.say(program.tr(kJoinNext) + "satcheld serve --data " + wishes.data);
  } else {
    program.say(program.tr(kWaits) + joined.fingerprint);
    program.say(program.tr(kGoesOn) + "satcheld serve --data " + wishes.data);
  }
  boost::json::object value;
  value["organisation"] = joined.org.hex();
  value["hub"] = joined.hub.hex();
  value["confirmed"] = joined.confirmed;
  value["fingerprint"] = joined.fingerprint;
  value["branch"] = joined.branch;
  value["statements"] = joined.statements;
  value["received"] = joined.received;
  program.print(value);
}

int run_join(const Program& program, const JoinWishes& wishes) {
  auto listen = parse_listen_address(wishes.listen);
  if (!listen) return program.explain(listen.error());
  auto invitation = read_invitation(wishes.invite);
  if (!invitation) return program.explain(invitation.error());
  const std::string address = wishes.address.empty() ? format_address(*listen) : wishes.address;
  const hub::Joining joining{{wishes.data}, wishes.name.empty() ? address : wishes.name, *listen, address, *invitation};
  const auto joined = hub::join_organisation(joining, program.clock, program.entropy);
  if (!joined) return program.explain(joined.error());
  tell(program, wishes, *joined);
  return static_cast<int>(joined->confirmed ? ExitCode::ok : ExitCode::partial);
}

}  // namespace

Command join_command() {
  auto wishes = std::make_shared<JoinWishes>();
  return {"join",
          kJoinHelp,
          "satcheld join --data sz --listen 127.0.0.1:7441 sz.invite",
          {{"--data", kJoinData, &wishes->data, true},
           {"--listen", kJoinListen, &wishes->listen, true},
           {"--address", kJoinAddress, &wishes->address},
           {"--name", kJoinName, &wishes->name},
           {"invitation", kInvite, &wishes->invite, true}},
          [wishes](Program& program) { return run_join(program, *wishes); }};
}

}  // namespace satchel::admin
