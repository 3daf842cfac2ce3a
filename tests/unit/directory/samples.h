// SPDX-License-Identifier: AGPL-3.0-or-later
// One statement payload of each kind with fixed values: what the golden bytes and the hostile ones start from.
#pragma once

#include <catch2/catch.hpp>

#include "sync/directory/payloads.h"

namespace satchel {

// An id whose every byte is `n`.
template <class AnyId>
AnyId id_of(int n) {
  AnyId id;
  id.bytes.fill(static_cast<Byte>(n));
  return id;
}

struct Sample {
  StatementKind kind;
  Bytes bytes;
};

std::vector<Sample> samples();
// Decodes by kind and encodes again; empty when the bytes are refused.
std::optional<Bytes> through(StatementKind kind, View bytes);

}  // namespace satchel
