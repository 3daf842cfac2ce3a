// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/holder/device.h"

#include <thread>

#include <fstream>
#include <sstream>

#include "sync/holder/locked.h"
#include "sync/node/directory_log.h"
#include "sync/node/dropping.h"
#include "sync/store/lmdb_store.h"

namespace satchel::holder {

namespace fs = std::filesystem;

namespace {

constexpr const char* kKeyFile = "vault.key";
constexpr const char* kStoreFolder = "store";
constexpr const char* kConfigFile = "device.toml";

// Written and read by us alone: one line a value, so that no parser of foreign text is needed here.
std::string print_config(const DeviceConfig& c, wire::Role role) {
  std::ostringstream out;
  out << "# Satchel device. No secrets here; the keys are in vault.key.\n";
  out << "role = " << (role == wire::Role::reader ? "reader" : "device") << "\n";
  out << "organisation = " << c.org_name << "\n";
  out << "root = " << c.root.hex() << "\n";
  for (const auto& hub : c.hubs)
    out << "hub = " << hub.address << " " << hub.node.hex() << " " << hub.pin.hex() << "\n";
  return out.str();
}

struct ReadConfig {
  DeviceConfig config;
  wire::Role role = wire::Role::device;
};

Result<ReadConfig> read_config(const fs::path& file) {
  std::ifstream in(file);
  if (!in) return fail(ErrorKind::not_found, "vault.missing", file.string());
  ReadConfig out;
  for (std::string line; std::getline(in, line);) {
    const auto at = line.find(" = ");
    if (line.starts_with('#') || at == std::string::npos) continue;
    const std::string key = line.substr(0, at);
    const std::string value = line.substr(at + 3);
    if (key == "role") out.role = value == "reader" ? wire::Role::reader : wire::Role::device;
    if (key == "organisation") out.config.org_name = value;
    if (key == "root") out.config.root = SignPublic::parse(value).value_or(SignPublic{});
    if (key == "hub") {
      std::istringstream parts(value);
      std::string address, node, pin;
      parts >> address >> node >> pin;
      out.config.hubs.push_back(
          {address, NodeId::parse(node).value_or(NodeId{}), Digest::parse(pin).value_or(Digest{})});
    }
  }
  if (out.config.root.none()) return fail(ErrorKind::integrity, "device.config", file.string());
  out.config.org = org_id(out.config.root);
  return out;
}

Result<void> write_file(const fs::path& file, const std::string& content) {
  const fs::path aside = file.string() + ".new";
  std::ofstream out(aside, std::ios::trunc);
  out << content;
  out.close();
  std::error_code error;
  if (out) fs::rename(aside, file, error);
  if (!out || error) return fail(ErrorKind::storage, "store.io", file.string());
  return {};
}

// An empty one may be left of an attempt that was cut; one with something in it is a vault whose key was lost.
Result<void> make_store(const fs::path& folder) {
  SATCHEL_GET(store, open_lmdb(folder / kStoreFolder));
  SATCHEL_GET(txn, store->begin_read());
  for (const Table table : {Table::log, Table::directory, Table::pending}) {
    SATCHEL_GET(rows, txn->count(table));
    if (rows > 0) return fail(ErrorKind::failed, "vault.exists", folder.string());
  }
  return {};
}

}  // namespace

Device::~Device() = default;

namespace {

// While the passphrase is stretched on one processor, another brings in what is asked for next. Ends with it.
class Meanwhile {
 public:
  Meanwhile(Store& store, const std::optional<node::Days>& asked) {
    if (!asked || std::thread::hardware_concurrency() < 2) return;
    thread_ = std::thread([this, &store, days = *asked] {
      if (const auto txn = store.begin_read()) node::touch_sheets(**txn, days, enough_);
    });
  }
  ~Meanwhile() {
    enough_ = true;
    if (thread_.joinable()) thread_.join();
  }
  Meanwhile(const Meanwhile&) = delete;

 private:
  std::atomic<bool> enough_ = false;
  std::thread thread_;
};

}  // namespace

// The store before the vault: while this process has its share in it, no other one renews the vault's key.
Result<void> Device::open_store() {
  SATCHEL_GET(store, open_lmdb(folder_ / kStoreFolder, {.create = false}));
  store_ = std::move(store);
  return {};
}

Result<void> Device::start(Vault vault, wire::Role role) {
  vault_ = std::make_unique<Vault>(std::move(vault));
  {
    SATCHEL_GET(txn, store_->begin_read());
    SATCHEL_TRY(node::settle_vault(*txn, *vault_, entropy_));
  }
  SATCHEL_GET(replica, node::Replica::open(*store_, clock_, entropy_, {vault_->identity(), config_.org, role}));
  replica_ = std::move(replica);
  keyring_ = std::make_unique<node::Keyring>(*vault_, entropy_);
  replica_->on_undo([this] { keyring_->forget(); });
  deriver_ = std::make_unique<node::Deriver>(*replica_, *keyring_);
  return {};
}

Result<std::unique_ptr<Device>> Device::create(const fs::path& folder, std::string_view passphrase,
                                               const StretchParams& params, const DeviceConfig& config,
                                               wire::Role role) {
  std::error_code error;
  const bool there = fs::exists(folder / kKeyFile, error);
  if (there) return fail(ErrorKind::failed, "vault.exists", folder.string());
  fs::create_directories(folder, error);
  fs::permissions(folder, fs::perms::owner_all, error);
  if (error) return fail(ErrorKind::storage, "store.io", folder.string());
  std::unique_ptr<Device> device(new Device(folder, config));
  device->config_.org = org_id(config.root);
  SATCHEL_TRY(write_file(folder / kConfigFile, print_config(device->config_, role)));
  // Before the key: a vault whose key is there always has its store, and one that lost it says so.
  SATCHEL_TRY(make_store(folder));
  const Identity identity = make_identity(device->entropy_);
  SATCHEL_GET(vault, Vault::create(folder / kKeyFile, passphrase, params, identity, device->entropy_));
  SATCHEL_TRY(device->open_store());
  SATCHEL_TRY(device->start(std::move(vault), role));
  return device;
}

Result<std::unique_ptr<Device>> Device::open(const fs::path& folder, std::string_view passphrase,
                                             const std::optional<node::Days>& asked) {
  std::error_code ignored;
  if (!fs::exists(folder / kKeyFile, ignored)) return fail(ErrorKind::not_found, "vault.missing", folder.string());
  SATCHEL_GET(read, read_config(folder / kConfigFile));
  std::unique_ptr<Device> device(new Device(folder, read.config));
  SATCHEL_TRY(device->open_store());
  auto vault = [&] {
    const Meanwhile touching(*device->store_, asked);
    return Vault::open(folder / kKeyFile, passphrase);
  }();
  if (!vault) return std::unexpected(vault.error());
  SATCHEL_TRY(device->start(std::move(*vault), read.role));
  // Before anybody reads: what is not this node's any more must not be shown.
  SATCHEL_TRY(device->let_go());
  return device;
}

Result<Directory> Device::peek_directory(const fs::path& folder, const OrgId& org) {
  std::error_code ignored;
  if (folder.empty() || !fs::exists(folder / kStoreFolder / "data.mdb", ignored))
    return fail(ErrorKind::not_found, "vault.missing", folder.string());
  SATCHEL_GET(store, open_lmdb(folder / kStoreFolder, {.read_only = true, .create = false}));
  SATCHEL_GET(txn, store->begin_read());
  return node::load_directory(*txn, org);
}

Result<void> Device::let_go() {
  const auto done = [&]() -> Result<void> {
    SATCHEL_GET(lease, node::count_lease(*replica_, *keyring_, [this] { (void)keep_references(*this); }));
    lease_ = lease;
    SATCHEL_TRY(node::drop_what_is_lost(*replica_, *keyring_, clock().wall()));
    SATCHEL_TRY(node::shred(*replica_, keyring_.get()));
    return {};
  }();
  // With a full disk what is here can still be read; it is tried again each time.
  if (!done && done.error().code != "store.full") return done;
  return {};
}

Result<void> Device::save_config(const DeviceConfig& config) {
  config_ = config;
  return write_file(folder_ / kConfigFile, print_config(config_, replica_->self().role));
}

Result<void> Device::derive() {
  const auto applied = deriver_->apply();
  if (!applied && applied.error().code != "store.full") return std::unexpected(applied.error());
  return {};
}

const Person* Device::person() const {
  const auto now = directory();
  const KnownNode* self = now->node(vault_->identity().id);
  // The snapshot stays alive in the replica until the next write; callers copy what they keep.
  return self != nullptr ? now->person(self->person) : nullptr;
}

bool Device::confirmed() const {
  const auto now = directory();
  const KnownNode* self = now->node(vault_->identity().id);
  return self != nullptr && self->state() == NodeState::confirmed;
}

bool Device::revoked() const {
  const auto now = directory();
  const KnownNode* self = now->node(vault_->identity().id);
  return self != nullptr && self->revoked.has_value();
}

Device::Life Device::life() const {
  const auto now = directory();
  const auto& self = vault_->identity();
  const KnownNode* node = now->node(self.id);
  if (node == nullptr || node->life_ended(self.incarnation) == nullptr) return Life::current;
  const bool copied = std::ranges::any_of(
      node->freezes, [&](const LifeMark& f) { return self.incarnation <= f.incarnation || node->frozen_now(); });
  return copied ? Life::copied : Life::former;
}

Result<void> Device::write(const std::function<Result<void>(WriteTxn&, node::Scribe&)>& work) {
  return replica_->write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
    node::Scribe scribe(txn, effects.directory(), vault_->identity(), *keyring_, entropy_,
                        {clock().wall(), clock().mono(), true});
    SATCHEL_TRY(work(txn, scribe));
    return scribe.finish();
  });
}

Result<Digest> Device::keep(const Envelope& envelope) {
  SATCHEL_TRY(replica_->write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
    SATCHEL_TRY(node::put_pending(txn, {envelope.id(), envelope.encode(), wire::SubmitStatus::pending, {}}));
    effects.pending_changed();
    return {};
  }));
  return envelope.id();
}

}  // namespace satchel::holder
