// SPDX-License-Identifier: AGPL-3.0-or-later
// Distinct types for every identity, so that a node can never be passed where a person is meant.
// All are plain bytes: 16 random ones, or the first 16 of a hash (NodeId), or a whole 32-byte digest.
// The all-zero id means 'none'.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstring>
#include <functional>
#include <optional>

#include "schema/base/bytes.h"

namespace satchel {

template <class Tag, std::size_t kSize>
struct Id {
  static constexpr std::size_t size = kSize;
  std::array<Byte, kSize> bytes{};

  auto operator<=>(const Id&) const = default;
  bool none() const { return *this == Id{}; }
  explicit operator bool() const { return !none(); }
  View view() const { return bytes; }
  std::string hex() const { return satchel::hex(bytes); }

  // `from` must be exactly kSize bytes; anything else yields the none id.
  static Id of(View from) {
    Id id;
    if (from.size() == kSize) std::copy(from.begin(), from.end(), id.bytes.begin());
    return id;
  }
  static std::optional<Id> parse(std::string_view digits) {
    const Bytes raw = unhex(digits);
    if (raw.size() != kSize) return std::nullopt;
    return of(raw);
  }
};

using OrgId = Id<struct OrgTag, 16>;
using ArchiveId = Id<struct ArchiveTag, 16>;
using RecordId = Id<struct RecordTag, 16>;
using NodeId = Id<struct NodeTag, 16>;
using PersonId = Id<struct PersonTag, 16>;
using BranchId = Id<struct BranchTag, 16>;
using AudienceId = Id<struct AudienceTag, 16>;
using InviteId = Id<struct InviteTag, 16>;
using DraftId = Id<struct DraftTag, 16>;
using KeyId = Id<struct KeyTag, 16>;
using Digest = Id<struct DigestTag, 32>;
using Signature = Id<struct SignatureTag, 64>;
using SignPublic = Id<struct SignPublicTag, 32>;
using BoxPublic = Id<struct BoxPublicTag, 32>;

}  // namespace satchel

template <class Tag, std::size_t kSize>
struct std::hash<satchel::Id<Tag, kSize>> {
  std::size_t operator()(const satchel::Id<Tag, kSize>& id) const noexcept {
    std::size_t v;
    static_assert(kSize >= sizeof v);
    std::memcpy(&v, id.bytes.data(), sizeof v);
    return v;
  }
};
