// SPDX-License-Identifier: AGPL-3.0-or-later
// The invitation file: what one person hands another so that a device, hub or reader can enrol. Some lines for
// people, then one line for programs, which alone counts and which also is the QR code (capital letters and
// digits, so that a QR code needs 5.5 bits a character). It carries the token's secret: whoever has the file may enrol
// once, before it expires, and is then compared by fingerprint. Only the token's public key ever enters the log.
// Layout: docs/directory.md, 'Invitation'.
#pragma once

#include <span>

#include "schema/base/time.h"
#include "sync/directory/kinds.h"
#include "sync/seal/seal.h"

namespace satchel {

inline constexpr std::size_t kInvitationCodeMax = 800;  // characters: a QR code a phone reads from a screen
inline constexpr std::size_t kInvitationHubsMax = 4;
inline constexpr std::size_t kTokenBytes = 16;  // 128 random bits, above the 83 that are asked for

struct InvitedHub {
  std::string address;  // host:port
  NodeId hub;
  Digest tls_pin;
  bool operator==(const InvitedHub&) const = default;
};

struct InvitationFile {
  OrgId org;  // the root key's (identity.h); not in the file twice
  std::string org_name;
  SignPublic root;
  InviteId invite;
  std::array<Byte, kTokenBytes> token{};
  InvitePurpose purpose = InvitePurpose::person;
  WallTime expiry;               // what the inviter set; the hub decides by its own time
  std::vector<InvitedHub> hubs;  // in the order to try: the branch's, then headquarters'
  bool operator==(const InvitationFile&) const = default;
};

// A fresh invite id and token; the caller fills in the rest.
InvitationFile new_invitation(const SignPublic& root, Entropy& entropy);
// The key pair the token stands for. Random enough that a hash stretches it; bound to organisation and invite.
SignKeys token_keys(const InvitationFile& invitation);

// The line for programs and the QR code. usage "invite.too-large" when names and addresses do not fit.
Result<std::string> encode_invitation(const InvitationFile& invitation);
// The whole file: `notes` are lines for people and go in front.
Result<std::string> print_invitation(const InvitationFile& invitation, std::span<const std::string> notes);
// From a file or from the line alone, in whatever case and line breaks it arrived. invalid "invite.none" when there is
// no such line, "invite.damaged" when it is cut or garbled, "invite.newer-version" when this program is too old.
Result<InvitationFile> decode_invitation(std::string_view text);

}  // namespace satchel
