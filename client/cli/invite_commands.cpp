// SPDX-License-Identifier: AGPL-3.0-or-later
// invite NAME, hub invite|list: invitations as files and QR codes.
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>

#include "client/cli/commands.h"
#include "client/cli/qr.h"
#include "client/cli/terminal.h"
#include "client/cli/told.h"
#include "client/cli/words.h"
#include "schema/base/exit_code.h"
#include "schema/exchange/text_table.h"

namespace satchel::cli {

namespace {

// Asked before anything is said to headquarters. Only an older invitation is replaced.
Result<void> check_target(const std::string& file) {
  std::error_code ignored;
  const auto folder = std::filesystem::path(file).parent_path();
  if (::access(folder.empty() ? "." : folder.c_str(), W_OK) != 0) return fail(ErrorKind::storage, "file.io", file);
  if (!std::filesystem::exists(file, ignored)) return {};
  std::ifstream in(file, std::ios::binary);
  std::string old(16 * 1024, '\0');
  in.read(old.data(), static_cast<std::streamsize>(old.size()));
  old.resize(static_cast<std::size_t>(in.gcount()));
  return decode_invitation(old) ? Result<void>{} : fail(ErrorKind::failed, "file.exists", file);
}

// Mode 0600, because whoever has it may enrol.
Result<void> write_invitation(const std::string& file, const std::string& text) {
  SATCHEL_TRY(check_target(file));
  std::error_code ignored;
  std::filesystem::remove(file, ignored);
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return fail(ErrorKind::storage, "file.io", file);
  const bool whole = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(fd) == 0;
  const bool closed = ::close(fd) == 0;
  if (whole && closed) return {};
  std::filesystem::remove(file, ignored);
  return fail(ErrorKind::storage, "file.io", file);
}

// On a terminal wide enough for it; whoever sees the screen can enrol, once.
void show_qr(const Frame& frame, const InvitationFile& invitation) {
  const int columns = terminal_width();
  const auto line = encode_invitation(invitation);
  if (columns == 0 || frame.globals().json || frame.globals().quiet || !line) return;
  const auto qr = qr_text(*line);
  if (qr.text.empty() || qr.width > columns) {
    frame.note(frame.tr("终端太窄，显示不下二维码，需要列数：",
                        "The terminal is too narrow for the QR code, columns needed: ") +
               std::to_string(qr.width));
    return;
  }
  frame.say(qr.text);
}

int hand_over(const Frame& frame, const field::Invited& invited, const std::string& file,
              const std::vector<std::string>& notes, const std::string& done, boost::json::object body) {
  const auto text = print_invitation(invited.file, notes);
  if (!text) return frame.explain(text.error());
  if (const auto written = write_invitation(file, *text); !written) return frame.explain(written.error());
  boost::json::array hubs;
  for (const auto& hub : invited.file.hubs) hubs.push_back(boost::json::string(hub.address));
  body["file"] = file;
  body["hubs"] = std::move(hubs);
  body["expires_ms"] = invited.file.expiry.ms;
  body["branch"] = invited.branch;
  show_qr(frame, invited.file);
  return tell_said(frame, invited.said, done, std::move(body));
}

std::string expiry_text(const Frame& frame, const InvitationFile& file) {
  return frame.tr("一次有效，到期时间 ", "Valid once, until ") + time_word(file.expiry);
}

int invite_person(const Frame& frame, const std::string& name, const std::string& file) {
  int code = kOk;
  if (const auto free = check_target(file); !free) return frame.explain(free.error());
  const auto device = frame.open(code);
  if (!device) return code;
  const auto invited = field::invite_person(*device, name);
  if (!invited) return frame.explain(invited.error());
  const Lang lang = frame.globals().lang;
  const std::string where = invited->branch.empty() ? frame.tr("总部", "headquarters") : invited->branch;
  const std::string who =
      invited->person + frame.tr("，", ", ") + role_word(invited->role, lang) + frame.tr("，", ", ") + where;
  const std::vector<std::string> notes{
      frame.tr("Satchel 设备邀请：", "Satchel invitation for a device: ") + who, expiry_text(frame, invited->file),
      frame.tr("使用：satchel --vault 文件夹 enrol 本文件", "Use: satchel --vault FOLDER enrol THIS-FILE")};
  const std::string volume = frame.tr("。该设备将收到档案 ", ". The device will receive archives: ") +
                             std::to_string(invited->volume.archives) + frame.tr("，约 ", ", about ") +
                             size_word(invited->volume.bytes);
  const std::string done =
      frame.tr("邀请已写入 ", "Invitation written to ") + file + frame.tr("（", " (") + who + frame.tr("）。", "). ") +
      expiry_text(frame, invited->file) + volume +
      frame.tr("。请当面或用可信的途径交给本人。", ". Hand it over in person or by a way you trust.");
  return hand_over(frame, *invited, file, notes, done,
                   {{"person", invited->person},
                    {"role", role_name(invited->role)},
                    {"volume", {{"archives", invited->volume.archives}, {"bytes", invited->volume.bytes}}}});
}

int invite_hub(const Frame& frame, const std::string& branch, const std::string& file) {
  int code = kOk;
  if (const auto free = check_target(file); !free) return frame.explain(free.error());
  const auto device = frame.open(code);
  if (!device) return code;
  const auto invited = field::invite_hub(*device, branch);
  if (!invited) return frame.explain(invited.error());
  const std::vector<std::string> notes{
      frame.tr("Satchel 分支枢纽邀请：", "Satchel invitation for a branch hub: ") + invited->branch,
      expiry_text(frame, invited->file),
      frame.tr("使用：satcheld join --data 文件夹 --listen 主机:端口 本文件",
               "Use: satcheld join --data FOLDER --listen HOST:PORT THIS-FILE")};
  const std::string done =
      frame.tr("枢纽邀请已写入 ", "Hub invitation written to ") + file + frame.tr("（", " (") + invited->branch +
      frame.tr("）。", "). ") + expiry_text(frame, invited->file) +
      frame.tr("。在枢纽的机器上运行 `satcheld join`。无需再确认，请妥善保管。",
               ". Run `satcheld join` on the hub's machine. It needs no confirmation: keep it safe.");
  return hand_over(frame, *invited, file, notes, done, {});
}

int list_hubs(const Frame& frame) {
  int code = kOk;
  const auto device = frame.open(code);
  if (!device) return code;
  const auto directory = device->directory();
  const Lang lang = frame.globals().lang;
  boost::json::array list;
  TextTable table({{frame.tr("枢纽", "hub")},
                   {frame.tr("分支", "branch")},
                   {frame.tr("地址", "address")},
                   {frame.tr("状态", "state")}});
  for (const auto& [id, node] : directory->nodes()) {
    if (node.kind != NodeKind::hub) continue;
    const Branch* branch = directory->branch(node.branch);
    const std::string where = node.hq_hub         ? frame.tr("总部", "headquarters")
                              : branch != nullptr ? branch->name
                                                  : std::string{};
    table.row({node.name, where, node.address, state_word(node.state(), lang)});
    list.push_back({{"id", id.hex()},
                    {"name", node.name},
                    {"headquarters", node.hq_hub},
                    {"branch", branch != nullptr ? branch->name : ""},
                    {"address", node.address},
                    {"state", node_state_name(node.state())}});
  }
  frame.print(list);
  frame.say(table.text());
  return kOk;
}

}  // namespace

void add_invite_commands(CLI::App& app, Frame& frame) {
  auto* invite =
      app.add_subcommand("invite", frame.tr("为一个人的设备做邀请", "Make an invitation for a person's device"));
  const auto name = std::make_shared<std::string>();
  const auto out = std::make_shared<std::string>();
  invite->add_option("name", *name, frame.tr("姓名", "Name"))->required();
  invite->add_option("--out", *out, frame.tr("写到哪个文件", "File to write"))->required();
  invite->footer(frame.example("satchel --vault admin invite 甲 --out rep.invite"));
  invite->callback([=, &frame] { frame.choose([=, &frame] { return invite_person(frame, *name, *out); }); });

  auto* hub = app.add_subcommand("hub", frame.tr("枢纽：邀请、列出", "Hubs: invite, list"))->require_subcommand(1);
  auto* hub_invite =
      hub->add_subcommand("invite", frame.tr("为一个分支的枢纽做邀请", "Make an invitation for a branch's hub"));
  const auto branch = std::make_shared<std::string>();
  const auto hub_out = std::make_shared<std::string>();
  hub_invite->add_option("--branch", *branch, frame.tr("分支的名称或代码", "Branch, by name or code"))->required();
  hub_invite->add_option("--out", *hub_out, frame.tr("写到哪个文件", "File to write"))->required();
  hub_invite->footer(frame.example("satchel --vault admin hub invite --branch 深圳 --out sz.invite"));
  hub_invite->callback([=, &frame] { frame.choose([=, &frame] { return invite_hub(frame, *branch, *hub_out); }); });
  auto* list = hub->add_subcommand("list", frame.tr("列出全部枢纽", "List all hubs"));
  list->footer(frame.example("satchel --vault admin hub list"));
  list->callback([&frame] { frame.choose([&frame] { return list_hubs(frame); }); });
}

}  // namespace satchel::cli
