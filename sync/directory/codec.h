// SPDX-License-Identifier: AGPL-3.0-or-later
// The few shapes that all of the directory's layouts are made of, on top of Writer and Reader. Private to the room.
// Every byte string has one meaning and every meaning one byte string: flags are 0 or 1, numbers have one
// spelling, lists that are sets ascend. So what was decoded and encoded again is what was received.
#pragma once

#include <string>
#include <vector>

#include "schema/base/id.h"
#include "sync/model/position.h"

namespace satchel::codec {

template <class AnyId>
AnyId take_id(Reader& in) {
  return AnyId::of(in.raw(AnyId::size));
}

inline void put_position(Writer& out, const Position& p) { out.u32(p.incarnation).u64(p.n); }
inline Position take_position(Reader& in) {
  Position p;
  p.incarnation = in.u32();
  p.n = in.u64();
  return p;
}

// UTF-8 without control characters: a name is shown on terminals and pages.
bool good_text(std::string_view text);
// Fails the reader on text that is not good.
std::string take_text(Reader& in, std::size_t most);
// The same, and not empty.
std::string take_name(Reader& in, std::size_t most);

inline void put_flag(Writer& out, bool v) { out.u8(v ? 1 : 0); }
bool take_flag(Reader& in);

// An enum whose values go from 1 to `last`.
template <class E>
E take_enum(Reader& in, E last) {
  const auto v = in.u8();
  if (v == 0 || v > static_cast<std::uint8_t>(last)) in.fail();
  return static_cast<E>(v);
}

template <class AnyId>
void put_ids(Writer& out, const std::vector<AnyId>& ids) {
  out.varint(ids.size());
  for (const auto& id : ids) out.raw(id.view());
}

// No none ids, no id twice.
template <class AnyId>
std::vector<AnyId> take_ids(Reader& in, std::size_t most) {
  std::vector<AnyId> ids(in.count(most));
  for (auto& id : ids) id = take_id<AnyId>(in);
  auto sorted = ids;
  std::sort(sorted.begin(), sorted.end());
  if (!sorted.empty() && sorted.front().none()) in.fail();
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) in.fail();
  return ids;
}

void put_texts(Writer& out, const std::vector<std::string>& texts);
std::vector<std::string> take_texts(Reader& in, std::size_t most, std::size_t bytes_most);

}  // namespace satchel::codec
