// SPDX-License-Identifier: AGPL-3.0-or-later
// Entry: one atomic action of one node in one archive (wire.md, 'Entry').
// Its header is in the clear and of fixed layout; its body is sealed with the archive's epoch key and
// need not be there: chains are checked, stored and relayed by headers alone. An entry that opens an archive or
// a new epoch carries a clear part too, covered by the header's hash. Everything here is a plain value; nothing
// allocates beyond what it returns. Layouts are permanent: a new one gets a new version byte.
#pragma once

#include "schema/base/result.h"
#include "sync/model/position.h"
#include "sync/seal/seal.h"

namespace satchel {

inline constexpr std::size_t kBodyBytesMax = 256 * 1024;  // sealed; longer things are attachments
inline constexpr std::size_t kClearBytesMax = 16 * 1024;  // about 200 audiences

// One node's log in one archive; a restored node starts a new incarnation and so a new chain.
struct ChainId {
  NodeId node;
  std::uint32_t incarnation = 0;
  auto operator<=>(const ChainId&) const = default;
};

// How far a chain goes: the seq of its last entry (first is 1) and that entry's header hash.
struct Head {
  std::uint64_t seq = 0;
  Digest hash;
  bool operator==(const Head&) const = default;
};

struct ChainHead {
  ChainId chain;
  Head head;
  bool operator==(const ChainHead&) const = default;
};

// One digest over all chains of an archive, in ChainId order: equal digests mean equal logs.
Digest heads_digest(std::span<const ChainHead> sorted);

struct Header {
  static constexpr std::size_t kBytes = 168;
  using Raw = std::array<Byte, kBytes>;

  std::uint8_t flags = 0;  // none defined; unknown ones are refused
  std::uint32_t epoch = 0;
  ChainId chain;
  std::uint64_t seq = 0;
  std::uint32_t body_size = 0;  // sealed, 0 for an entry without a body
  Position directory;           // what the author knew of the directory
  ArchiveId archive;
  Digest body;      // hash of the sealed body
  Digest previous;  // header hash of seq - 1, none for the first
  Digest clear;     // hash of the clear part, none without one

  bool operator==(const Header&) const = default;
  Raw encode() const;
  // invalid "entry.header" on a wrong version, flag, seq 0 or a first entry that claims a predecessor.
  static Result<Header> decode(View raw);
};

Digest header_hash(const Header::Raw& raw);
Digest body_hash(View sealed);
Digest clear_hash(View clear);

// The header as associated data: its body hash left out, because that hash is of the sealed bytes.
Header::Raw associated_data(const Header& header);

// ---- the clear part of an entry that opens an archive or an epoch ----

// Values are permanent.
enum class ArchiveKind : std::uint8_t { customer = 1, branch = 2, organisation = 3, person = 4, common = 5 };

struct WrapCommitment {
  AudienceId audience;
  std::uint32_t audience_epoch = 0;
  Digest wrap;  // wrap_hash of the Wrap made for it
  bool operator==(const WrapCommitment&) const = default;
};

// Who the archive is for. Hubs route and check membership by it without any key.
struct Opening {
  ArchiveKind kind = ArchiveKind::customer;
  BranchId branch;  // the branch it belongs to, none for headquarters' own
  std::uint32_t epoch = 0;
  KeyId key;
  std::vector<PersonId> owners;
  std::vector<WrapCommitment> wraps;
  bool operator==(const Opening&) const = default;
  Bytes encode() const;
  static Result<Opening> decode(View clear);
};

// An archive key sealed to one audience. Deletable: never part of a chain, only its hash is.
struct Wrap {
  ArchiveId archive;
  std::uint32_t epoch = 0;
  AudienceId audience;
  std::uint32_t audience_epoch = 0;
  KeyId key;
  Bytes box;  // seal.h box of key(32) | previous epoch's key(32, absent for epoch 0 or when history is not granted)
  // Who made it, for wraps that came after the opening and so are not committed in the chain.
  NodeId by;
  Signature signature;

  Bytes encode() const;
  static Result<Wrap> decode(View bytes);
  Bytes associated() const;  // what the box is bound to
};
Digest wrap_hash(View encoded_wrap);
void sign_wrap(Wrap& wrap, const NodeId& by, const SignKeys& keys);
bool verify_wrap(const Wrap& wrap, const SignPublic& pub);

}  // namespace satchel
