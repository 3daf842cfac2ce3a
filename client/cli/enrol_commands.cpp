// SPDX-License-Identifier: AGPL-3.0-or-later
// enrol FILE|confirm|list: a device joins and is confirmed.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fstream>
#include <sstream>

#include "client/cli/commands.h"
#include "client/cli/interrupt.h"
#include "client/cli/told.h"
#include "client/cli/words.h"
#include "client/field/enrolment.h"
#include "schema/base/exit_code.h"
#include "schema/exchange/text_table.h"

namespace satchel::cli {

namespace {

constexpr Millis kAskEvery{2'000};
constexpr std::size_t kInvitationFileBytesMax = 16 * 1024;

Result<InvitationFile> read_invitation(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return fail(ErrorKind::not_found, "file.missing", file);
  std::string text(kInvitationFileBytesMax, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return decode_invitation(text);
}

std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 && name[0] != '\0' ? name : "device";
}

StretchParams stretch_params(Entropy& entropy, Clock& clock) {
  // Test vaults open often: they take the least that is allowed.
  const char* floor = std::getenv("SATCHEL_FLOOR_ARGON2");
  return floor != nullptr && std::string_view(floor) == "1" ? StretchParams{} : calibrate(entropy, clock);
}

struct EnrolOptions {
  std::string file;
  std::string device_name;
  bool wait = false;
};

std::string packs_text(const std::vector<std::pair<std::string, int>>& packs) {
  std::string out;
  for (const auto& [id, version] : packs) out += (out.empty() ? "" : ", ") + id + " " + std::to_string(version);
  return out;
}

void tell_joined(const Frame& frame, const field::Joined& joined) {
  const auto& device = *joined.enrolled.device;
  const Person* person = device.person();
  if (joined.enrolled.confirmed) {
    const std::string who = person != nullptr ? person->name : std::string{};
    frame.say(frame.tr("登记完成：", "Enrolled: ") + device.config().org_name + frame.tr("，", ", ") + who);
    if (!joined.packs.empty())
      frame.say(frame.tr("已发布标准模板包：", "Standard packs published: ") + packs_text(joined.packs));
    frame.say(frame.tr("保险箱：", "Vault: ") + device.folder().string() +
              frame.tr("（请另外备份口令）", " (keep the passphrase safe)"));
    return;
  }
  frame.say(
      frame.tr("设备已登记，等待确认。请把这个指纹念给邀请您的人核对：",
               "The device has enrolled and waits to be confirmed. Read this fingerprint to whoever invited you:"));
  frame.say("  " + holder::fingerprint_of(device));
  frame.say(frame.tr(
      "对方运行：satchel enrol confirm 姓名 --fingerprint 指纹；确认之前没有任何权限。之后在这里运行 `satchel sync`。",
      "They run: satchel enrol confirm NAME --fingerprint FINGERPRINT; before that nothing is granted. Then run "
      "`satchel sync` here."));
  if (!joined.enrolled.reached) frame.note(frame.sentence(joined.enrolled.offline));
}

boost::json::object joined_json(const field::Joined& joined) {
  const auto& device = *joined.enrolled.device;
  const Person* person = device.person();
  boost::json::array packs;
  for (const auto& [id, version] : joined.packs) packs.push_back({{"pack", id}, {"version", version}});
  return {{"vault", device.folder().string()},
          {"organisation", device.config().org_name},
          {"node", device.identity().id.hex()},
          {"fingerprint", holder::fingerprint_of(device)},
          {"confirmed", joined.enrolled.confirmed},
          {"reached", joined.enrolled.reached},
          {"person", person != nullptr ? person->name : std::string{}},
          {"packs", std::move(packs)}};
}

// Asks again and again until somebody confirmed, or the person at this keyboard has had enough.
Result<void> wait_for_confirmation(const Frame& frame, field::Joined& joined) {
  const Interrupt interrupt;
  auto& device = *joined.enrolled.device;
  frame.note(frame.tr("等待确认……（Ctrl-C 结束等待，登记不受影响）",
                      "Waiting to be confirmed… (Ctrl-C ends the wait, the enrolment stays)"));
  while (!interrupt.stop().wait(kAskEvery)) {
    auto finished = field::finish_enrolment(device);
    if (finished) {
      joined.enrolled.confirmed = true;
      joined.packs = std::move(*finished);
      frame.say(frame.tr("已确认。", "Confirmed."));
      return {};
    }
    if (finished.error().code != "enrol.unconfirmed") return std::unexpected(finished.error());
  }
  return {};
}

int enrol(const Frame& frame, const EnrolOptions& options) {
  if (options.file.empty()) return frame.explain({ErrorKind::usage, "usage.command-line", "enrol FILE"});
  if (frame.globals().vault.empty()) return frame.explain({ErrorKind::usage, "vault.not-named", {}});
  const auto invitation = read_invitation(options.file);
  if (!invitation) return frame.explain(invitation.error());
  std::error_code trouble;
  // A vault that is there may be what an enrolment cut short has left: then its own passphrase opens it.
  const bool begun = std::filesystem::exists(std::filesystem::path(frame.globals().vault) / "vault.key", trouble);
  if (trouble) return frame.explain({ErrorKind::storage, "vault.io", frame.globals().vault + ": " + trouble.message()});
  const auto passphrase = frame.passphrase(!begun);
  if (!passphrase) return frame.explain(passphrase.error());
  SystemClock clock;
  SystemEntropy entropy;
  holder::Enrolling wishes;
  wishes.folder = frame.globals().vault;
  wishes.passphrase = *passphrase;
  wishes.params = stretch_params(entropy, clock);
  wishes.invitation = *invitation;
  wishes.device_name = options.device_name.empty() ? host_name() : options.device_name;
  auto joined = field::join(wishes);
  if (!joined) return frame.explain(joined.error());
  tell_joined(frame, *joined);
  if (options.wait && !joined->enrolled.confirmed) {
    if (const auto waited = wait_for_confirmation(frame, *joined); !waited) return frame.explain(waited.error());
  }
  frame.print(joined_json(*joined));
  return joined->enrolled.reached || joined->enrolled.confirmed ? kOk : static_cast<int>(ExitCode::offline);
}

std::string whose(const Directory& directory, const PendingEnrolment& pending) {
  const Person* person = directory.person(pending.person);
  if (person != nullptr) return person->name;
  const Branch* branch = directory.branch(pending.branch);
  return branch != nullptr ? branch->name : std::string{};
}

int list_enrolments(const Frame& frame) {
  int code = kOk;
  const auto device = frame.open(code);
  if (!device) return code;
  const auto pending = field::pending_enrolments(*device);
  if (!pending) return frame.explain(pending.error());
  const auto directory = device->directory();
  boost::json::array list;
  TextTable table({{frame.tr("谁", "who")},
                   {frame.tr("设备", "device")},
                   {frame.tr("种类", "kind")},
                   {frame.tr("指纹", "fingerprint")}});
  for (const auto& p : pending->list) {
    table.row({whose(*directory, p), p.name, std::string(node_kind_name(p.kind)), p.fingerprint});
    list.push_back({{"who", whose(*directory, p)},
                    {"device", p.name},
                    {"kind", node_kind_name(p.kind)},
                    {"node", p.node.hex()},
                    {"fingerprint", p.fingerprint}});
  }
  frame.print(list);
  frame.say(pending->list.empty() ? frame.tr("没有等待确认的设备。", "No device waits for confirmation.")
                                  : table.text());
  if (!pending->offline.code.empty()) frame.note(frame.sentence(pending->offline));
  return pending->offline.code.empty() ? kOk : static_cast<int>(ExitCode::offline);
}

int confirm(const Frame& frame, const std::string& name, const std::string& fingerprint) {
  int code = kOk;
  const auto device = frame.open(code);
  if (!device) return code;
  const auto confirmed = field::confirm_enrolment(*device, name, fingerprint);
  if (!confirmed) return frame.explain(confirmed.error());
  const auto& enrolment = confirmed->enrolment;
  return tell_said(
      frame, confirmed->said,
      frame.tr("已确认 ", "Confirmed ") + name + frame.tr(" 的设备：", "'s device: ") + enrolment.name +
          frame.tr("。对方再运行 `satchel sync` 即可开始使用。", ". They run `satchel sync` and can start."),
      {{"person", name},
       {"device", enrolment.name},
       {"node", enrolment.node.hex()},
       {"fingerprint", enrolment.fingerprint}});
}

}  // namespace

void add_enrol_commands(CLI::App& app, Frame& frame) {
  auto* enrol_app = app.add_subcommand(
      "enrol", frame.tr("用邀请登记本设备；确认别人的设备", "Enrol this device by an invitation; confirm others'"));
  const auto options = std::make_shared<EnrolOptions>();
  enrol_app->add_option("file", options->file, frame.tr("邀请文件", "Invitation file"));
  enrol_app->add_option("--device-name", options->device_name,
                        frame.tr("设备名称；默认为主机名", "The device's name; by default the host's"));
  enrol_app->add_flag("--wait", options->wait, frame.tr("等到被确认为止", "Wait until it is confirmed"));
  enrol_app->footer(frame.example("satchel --vault rep enrol rep.invite"));
  enrol_app->callback([=, &frame] {
    if (enrol_app->get_subcommands().empty()) frame.choose([=, &frame] { return enrol(frame, *options); });
  });
  auto* list = enrol_app->add_subcommand(
      "list", frame.tr("列出等待确认的设备和指纹", "List devices that wait, with fingerprints"));
  list->footer(frame.example("satchel --vault admin enrol list"));
  list->callback([&frame] { frame.choose([&frame] { return list_enrolments(frame); }); });
  auto* yes = enrol_app->add_subcommand(
      "confirm", frame.tr("核对指纹后确认一台设备", "Confirm a device whose fingerprint was compared"));
  const auto name = std::make_shared<std::string>();
  const auto fingerprint = std::make_shared<std::string>();
  yes->add_option("name", *name, frame.tr("姓名", "Name"))->required();
  yes->add_option("--fingerprint", *fingerprint, frame.tr("对方念出的指纹", "The fingerprint they read out"))
      ->required();
  yes->footer(frame.example("satchel --vault admin enrol confirm 甲 --fingerprint 7K3M-…"));
  yes->callback([=, &frame] { frame.choose([=, &frame] { return confirm(frame, *name, *fingerprint); }); });
}

}  // namespace satchel::cli
