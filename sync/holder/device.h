// SPDX-License-Identifier: AGPL-3.0-or-later
// Device: a person's vault folder opened and unlocked: key file, store, replica, keys, derived tables. Everything a
// salesperson, manager or administrator does goes through it; nothing here needs the network but exchange.h.
// A folder holds: vault.key (identity, sealed by the passphrase), store/ (LMDB), device.toml (hubs, organisation; no
// secrets), invitation.pending while enrolment waits for confirmation. One Device a process and thread; several
// processes may have the same folder open.
#pragma once

#include <filesystem>
#include <memory>

#include "sync/link/system_clock.h"
#include "sync/node/deriver.h"
#include "sync/node/lease.h"
#include "sync/node/scribe.h"
#include "sync/node/warm.h"
#include "sync/seal/system_entropy.h"
#include "sync/vault/vault.h"

namespace satchel::holder {

// A hub as the device reaches it before (or without) asking the directory.
struct KnownHub {
  std::string address;
  NodeId node;
  Digest pin;
  bool operator==(const KnownHub&) const = default;
};

struct DeviceConfig {
  OrgId org;
  SignPublic root;
  std::string org_name;
  std::vector<KnownHub> hubs;  // in the order to try
};

class Device {
 public:
  // Fresh folder with its own new keys; failed "vault.exists" over an existing one.
  static Result<std::unique_ptr<Device>> create(const std::filesystem::path& folder, std::string_view passphrase,
                                                const StretchParams& params, const DeviceConfig& config,
                                                wire::Role role = wire::Role::device);
  // not_found "vault.missing", permission "vault.wrong-passphrase", integrity "vault.damaged" or "store.damaged".
  // `asked`: the days whose rows will be read at once, where that is known (sync/node/warm.h).
  static Result<std::unique_ptr<Device>> open(const std::filesystem::path& folder, std::string_view passphrase,
                                              const std::optional<node::Days>& asked = {});
  ~Device();
  // What a folder knows of that organisation's directory. It lies in the clear, so that nobody is asked for a
  // passphrase; nothing of it is vouched for. not_found "vault.missing".
  static Result<Directory> peek_directory(const std::filesystem::path& folder, const OrgId& org);

  const std::filesystem::path& folder() const { return folder_; }
  const DeviceConfig& config() const { return config_; }
  Result<void> save_config(const DeviceConfig& config);
  const Identity& identity() const { return vault_->identity(); }
  Vault& vault() { return *vault_; }
  node::Replica& replica() { return *replica_; }
  node::Keyring& keyring() { return *keyring_; }
  node::Deriver& deriver() { return *deriver_; }
  Entropy& entropy() { return entropy_; }
  // Put right by the last hub that was met.
  Clock& clock() { return replica_->clock(); }
  std::shared_ptr<const Directory> directory() const { return replica_->directory(); }

  // How long this device may keep its keys without meeting a hub, as counted when it was opened.
  const node::Lease& lease() const { return lease_; }

  // Brings the derived tables up to the log. With a full disk they stay as they are: then what was derived can still be
  // read.
  Result<void> derive();

  // This device's person as the directory knows it; null until the enrolment is confirmed.
  const Person* person() const;
  bool confirmed() const;
  // It was taken out of use: it may hand in what it has, and no more.
  bool revoked() const;

  // This life of the device is over: another one began from a backup, or its disk was copied and both copies live. What
  // it has can be handed in, and it is given nothing more.
  enum class Life : std::uint8_t { current, former, copied };
  Life life() const;

  // Puts the key file into the next life; the device must be opened again before anything is written.
  Result<void> begin_life(std::uint32_t incarnation) { return vault_->set_incarnation(incarnation, entropy_); }

  // One durable transaction of own entries. `work` gets a Scribe; finish() is called for it.
  Result<void> write(const std::function<Result<void>(WriteTxn&, node::Scribe&)>& work);
  // The directory's statement, signed by this person's node, kept until it is ordered. Its id.
  template <class P>
  Result<Digest> propose(const P& payload, const ArchiveId& archive = {});

 private:
  Device(std::filesystem::path folder, DeviceConfig config) : folder_(std::move(folder)), config_(std::move(config)) {}
  Result<void> open_store();
  Result<void> start(Vault vault, wire::Role role);
  Result<void> let_go();
  Result<Digest> keep(const Envelope& envelope);

  std::filesystem::path folder_;
  DeviceConfig config_;
  SystemClock clock_;
  SystemEntropy entropy_;
  std::unique_ptr<Vault> vault_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<node::Replica> replica_;
  std::unique_ptr<node::Keyring> keyring_;
  std::unique_ptr<node::Deriver> deriver_;
  node::Lease lease_;
};

template <class P>
Result<Digest> Device::propose(const P& payload, const ArchiveId& archive) {
  const auto now = directory();
  const Person* me = person();
  const Speaker speaker{config_.org, identity().id, me != nullptr ? me->id : PersonId{}, now->position(),
                        replica_->clock().wall()};
  return keep(make_statement(speaker, identity().sign, payload, entropy_, archive));
}

}  // namespace satchel::holder
