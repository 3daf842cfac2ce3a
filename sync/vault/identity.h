// SPDX-License-Identifier: AGPL-3.0-or-later
// Who a node is: its two key pairs, the id that follows from them, and its incarnation (grows whenever the node goes on
// from a restored copy). A device keeps its Identity in the vault; a hub, which starts unattended, in an
// identity file (store.md, 'Key files'): not encrypted, mode 0600, so whoever can read it is the hub.
//
// Errors: not_found "vault.identity-missing", integrity "vault.identity-damaged", failed "vault.identity-exists",
// failed "vault.newer" for the file of a newer program, storage "vault.io" and "vault.full" from the disk.
#pragma once

#include <filesystem>

#include "sync/seal/seal.h"

namespace satchel {

struct Identity {
  NodeId id;
  SignKeys sign;
  BoxKeys box;
  std::uint32_t incarnation = 1;  // the first is 1
};

Identity make_identity(Entropy& entropy);

Result<void> create_identity_file(const std::filesystem::path& file, const Identity& identity);
Result<Identity> load_identity_file(const std::filesystem::path& file);
// Puts the identity into its next incarnation, durably. `next` must be greater than what the file holds, else failed
// "vault.incarnation-back".
Result<Identity> advance_identity_file(const std::filesystem::path& file, std::uint32_t next);

// What both kinds of file hold of an identity: sign seed(32) | box secret(32) | incarnation(4). Secret: wipe the bytes.
inline constexpr std::size_t kIdentityBytes = 68;
void write_identity(Writer& out, const Identity& identity);
Identity read_identity(Reader& in);

}  // namespace satchel
