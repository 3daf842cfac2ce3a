// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/holder/enrol.h"

#include "sync/holder/statements.h"
#include "sync/node/enrol.h"

namespace satchel::holder {

namespace fs = std::filesystem;

namespace {

constexpr Millis kBranchPatience{1'500};  // for a branch hub to hear from headquarters whether the token is good
constexpr Millis kLookConnect{3'000};     // before an ordinary command: it should not wait for a hub that is away

// The refusal of this node's own enrolment, if it was refused.
Result<std::string> refused_code(Device& device) {
  SATCHEL_GET(txn, device.replica().store().begin_read());
  SATCHEL_GET(waiting, waiting_statements(*txn, device.identity().id));
  for (const auto& w : waiting) {
    if (w.kind == StatementKind::node_enrolled && w.refused) return w.code;
  }
  return std::string{};
}

Result<void> ask(Device& device, Millis patience, const Limits& limits) {
  ExchangeOptions options;
  options.limits = limits;
  auto first = exchange(device, options);
  if (!first) return std::unexpected(first.error());
  if (device.confirmed() || first->sync.top) return {};
  options.live = true;
  options.ask_again = true;
  options.patience = patience;
  options.enough = [&] {
    const auto refused = refused_code(device);
    return device.confirmed() || !refused || !refused->empty();
  };
  auto second = exchange(device, options);
  return second ? Result<void>{} : std::unexpected(second.error());
}

DeviceConfig config_of(const InvitationFile& invitation) {
  DeviceConfig config;
  config.org = invitation.org;
  config.root = invitation.root;
  config.org_name = invitation.org_name;
  for (const auto& hub : invitation.hubs) config.hubs.push_back({hub.address, hub.hub, hub.tls_pin});
  return config;
}

// What an attempt by the same invitation has left: its keys and its word may be ordered already, and then the token is
// used up for any other keys. Nothing when the vault is another one.
Result<std::unique_ptr<Device>> take_up(const Enrolling& wishes) {
  SATCHEL_GET(device, Device::open(wishes.folder, wishes.passphrase));
  const auto exists = fail(ErrorKind::failed, "vault.exists", wishes.folder.string());
  const auto& self = device->replica().self();
  if (self.org != wishes.invitation.org || self.role != wishes.role || device->confirmed()) return exists;
  SATCHEL_GET(txn, device->replica().store().begin_read());
  SATCHEL_GET(pending, node::all_pending(*txn));
  for (const auto& p : pending) {
    SATCHEL_GET(envelope, decode_envelope(p.envelope));
    const auto said = decode_payload<payload::NodeEnrolled>(envelope.statement().payload);
    const bool enrolment = envelope.statement().kind == StatementKind::node_enrolled;
    if (enrolment && said && said->invite == wishes.invitation.invite) return std::move(device);
  }
  // Cut before it had said anything.
  if (pending.empty() && !device->directory()->founded()) return std::move(device);
  return exists;
}

Result<void> say_once(Device& device, const Enrolling& wishes) {
  return device.replica().write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
    SATCHEL_GET(pending, node::all_pending(txn));
    if (!pending.empty()) return {};
    const auto word = node::enrolment(wishes.invitation, device.identity(), wishes.device_name, {},
                                      device.clock().wall(), device.entropy());
    return node::put_pending(txn, {word.id(), word.encode(), wire::SubmitStatus::pending, {}});
  });
}

// Nobody knows these keys.
void forget(Enrolled& enrolled, const fs::path& folder, bool folder_was_there) {
  enrolled.device.reset();
  std::error_code ignored;
  for (const char* part : {"vault.key", "vault.key.lock", "device.toml", "store"})
    fs::remove_all(folder / part, ignored);
  if (!folder_was_there) fs::remove(folder, ignored);  // only when it is empty
}

}  // namespace

std::string fingerprint_of(const Device& device) {
  const auto& self = device.identity();
  return fingerprint(self.id, self.sign.pub, self.box.pub);
}

Result<Enrolled> enrol(const Enrolling& wishes) {
  const auto purpose = wishes.role == wire::Role::reader ? InvitePurpose::reader : InvitePurpose::person;
  if (wishes.invitation.purpose != purpose) return fail(ErrorKind::usage, "invite.wrong-purpose");
  std::error_code trouble;
  const bool folder_was_there = fs::exists(wishes.folder, trouble);
  Enrolled out;
  auto device =
      fs::exists(wishes.folder / "vault.key", trouble)
          ? take_up(wishes)
          : Device::create(wishes.folder, wishes.passphrase, wishes.params, config_of(wishes.invitation), wishes.role);
  if (!device) return std::unexpected(device.error());
  out.device = std::move(*device);
  Device& mine = *out.device;
  SATCHEL_TRY(say_once(mine, wishes));
  const auto asked = ask(mine, kBranchPatience, {});
  out.reached = asked.has_value();
  if (!asked) out.offline = asked.error();
  SATCHEL_GET(code, refused_code(mine));
  if (!code.empty()) {
    const Error why = refusal(code, wishes.invitation.org_name);
    forget(out, wishes.folder, folder_was_there);
    return std::unexpected(why);
  }
  if (!asked && asked.error().kind != ErrorKind::offline) return std::unexpected(asked.error());
  out.confirmed = mine.confirmed();
  // Rights just granted bring keys to be made: a second exchange settles them.
  if (out.confirmed) SATCHEL_TRY(exchange(mine));
  return out;
}

Result<void> complete_enrolment(Device& device) {
  if (device.confirmed() || device.revoked()) return {};
  Limits limits;
  limits.connect = kLookConnect;
  [[maybe_unused]] const auto asked = ask(device, Millis{1'000}, limits);  // offline: it is unconfirmed as before
  if (device.confirmed()) return {};
  SATCHEL_GET(code, refused_code(device));
  if (!code.empty()) return std::unexpected(refusal(code, device.config().org_name));
  return fail(ErrorKind::permission, "enrol.unconfirmed", fingerprint_of(device));
}

}  // namespace satchel::holder
