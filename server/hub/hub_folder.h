// SPDX-License-Identifier: AGPL-3.0-or-later
// A hub's data folder: its configuration, identity, TLS key and store, and how they are opened. Mode 0700; files with
// secrets 0600. The configuration is written last, so that a folder with one is whole; the identity names the
// hub, so a folder must never be copied to run twice: one `serve` a folder, kept by a lock.
// Layout: satcheld.toml, hub.identity, hub.tls.pem, serve.lock, store/ (and, made by `init`, recovery-kit.txt and
// *.invite).
#pragma once

#include <filesystem>

#include "server/hub/caller.h"
#include "sync/link/address.h"
#include "sync/link/tls_identity.h"
#include "sync/store/store.h"
#include "sync/vault/identity.h"

namespace satchel::hub {

struct HubConfig {
  OrgId org;
  std::string name;
  HostPort listen;
  std::optional<HubPlace> headquarters;  // of a branch hub: as the invitation named it
  std::string upstream_address;          // of a branch hub: used instead of the directory's, when not empty
};

struct HubFolder {
  std::filesystem::path root;
  std::filesystem::path config() const { return root / "satcheld.toml"; }
  std::filesystem::path identity() const { return root / "hub.identity"; }
  std::filesystem::path tls() const { return root / "hub.tls.pem"; }
  std::filesystem::path store() const { return root / "store"; }
  std::filesystem::path lock() const { return root / "serve.lock"; }
  std::filesystem::path recovery_kit() const { return root / "recovery-kit.txt"; }
  std::filesystem::path first_admin() const { return root / "first-admin.invite"; }
  std::filesystem::path reader() const { return root / "reader.invite"; }

  // Makes the folder, mode 0700, when it is not there. storage "hub.folder".
  Result<void> make() const;
  // conflict "hub.exists" (a whole hub) or "hub.unfinished" (part of one) when anything of a hub is there.
  Result<void> must_be_free() const;
};

// not_found "hub.no-config", invalid "hub.config" with line and reason.
Result<HubConfig> read_config(const HubFolder& folder);
// Commented, for people to edit.
Result<void> write_config(const HubFolder& folder, const HubConfig& config);
// A new file of mode 0600, durable when it returns. conflict "hub.file-exists", storage "hub.file".
Result<void> write_private(const std::filesystem::path& file, std::string_view text);

struct OpenHub {
  HubConfig config;
  Identity identity;
  TlsIdentity tls;
  std::unique_ptr<Store> store;
};
// Everything a hub runs on; `read_only` for whoever only looks, beside a running hub or not.
Result<OpenHub> open_hub(const HubFolder& folder, bool read_only = false);

// Held by the one process that serves a folder.
class ServeLock {
 public:
  // conflict "hub.running".
  static Result<ServeLock> take(const HubFolder& folder);
  static bool held(const HubFolder& folder);
  ServeLock(ServeLock&& from) noexcept : fd_(std::exchange(from.fd_, -1)) {}
  ServeLock& operator=(ServeLock&&) = delete;
  ~ServeLock();

 private:
  explicit ServeLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace satchel::hub
