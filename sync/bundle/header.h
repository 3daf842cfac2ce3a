// SPDX-License-Identifier: AGPL-3.0-or-later
// What a part of a bundle says in the clear, so that whoever carries it can tell whose it is and for whom, and each
// part can be checked alone (wire.md, 'Bundle'). The signature covers everything here, the digest of the content among
// it. Of a person all confirmed devices have a box with the bundle's key; of a hub the hub.
#pragma once

#include <vector>

#include "schema/base/time.h"
#include "sync/model/entry.h"

namespace satchel::bundle {

using BundleId = Id<struct BundleTag, 16>;

// Values are permanent.
enum class RecipientKind : std::uint8_t { hub = 1, person = 2 };

struct Recipient {
  RecipientKind kind = RecipientKind::hub;
  std::array<Byte, 16> id{};  // a NodeId or a PersonId
  bool operator==(const Recipient&) const = default;
};
inline Recipient to_hub(const NodeId& hub) { return {RecipientKind::hub, hub.bytes}; }
inline Recipient to_person(const PersonId& person) { return {RecipientKind::person, person.bytes}; }

struct KeyBox {
  NodeId node;
  Bytes box;
  bool operator==(const KeyBox&) const = default;
};

struct Header {
  OrgId org;
  BundleId id;
  ChainId from;
  Recipient to;
  std::uint64_t number = 0;  // counts what this node made for this recipient, from 1
  WallTime made;
  std::vector<KeyBox> boxes;
  // of this part
  std::uint32_t part = 0;
  std::uint32_t parts = 0;
  std::uint32_t chunks = 0;
  std::uint64_t content_bytes = 0;
  Digest content;
  bool operator==(const Header&) const = default;
};

inline constexpr std::size_t kPreludeBytes = 16;  // magic, version, size of the rest of the header

// Of the same size whatever the numbers of the part are, so that it can be written when they are known.
Bytes encode_signed(const Header& header, const SignKeys& keys);
struct SignedHeader {
  Header header;
  Bytes bytes;  // all that is signed
  Signature signature;
};
// The size of the whole header from its first kPreludeBytes. invalid "bundle.none" (no bundle at all), "bundle.newer";
// integrity "bundle.damaged".
Result<std::size_t> header_size(View prelude);
// integrity "bundle.damaged".
Result<SignedHeader> decode_header(View bytes);
bool verify_header(const SignedHeader& header, const SignPublic& sender);

// What boxes and chunks are bound to: everything before the boxes.
Bytes bound_to(const Header& header);
// integrity "seal.broken"; permission "bundle.not-for-us" without a box for that node.
Result<Secret32> open_key(const Header& header, const NodeId& node, const BoxKeys& keys);

// The digest over a part's chunks, one after the other; none before the first.
Digest content_after(const Digest& before, View chunk);
// Associated data of a chunk.
Bytes chunk_bound(const Digest& bound, std::uint32_t part, std::uint32_t chunk);
Digest bound_digest(const Header& header);

inline constexpr DomainLabel kBundleLabel{"satchel bundle"};
inline constexpr DomainLabel kContentLabel{"satchel carried"};
inline constexpr DomainLabel kBoundLabel{"satchel bound"};

}  // namespace satchel::bundle
