// SPDX-License-Identifier: AGPL-3.0-or-later
// Keys of the tables blobs and chunks (store.md). Included by this room only.
#pragma once

#include "sync/blob/shelf.h"

namespace satchel::blob {

inline Bytes tagged(char tag) { return {static_cast<Byte>(tag)}; }
inline Bytes tagged(char tag, std::uint32_t a) {
  Bytes key = tagged(tag);
  put_be32(key, a);
  return key;
}
inline Bytes tagged(char tag, std::uint32_t a, std::uint32_t b) {
  Bytes key = tagged(tag, a);
  put_be32(key, b);
  return key;
}
inline Bytes tagged(char tag, std::uint32_t a, View rest) {
  Bytes key = tagged(tag, a);
  key.insert(key.end(), rest.begin(), rest.end());
  return key;
}
inline Bytes tagged(char tag, const Name& name) { return tagged(tag, name.archive, name.root.view()); }
inline Bytes tagged_number(char tag, std::uint64_t number) {
  Bytes key = tagged(tag);
  put_be64(key, number);
  return key;
}
inline Bytes chunk_key(std::uint32_t archive, const Digest& id) {
  Bytes key;
  put_be32(key, archive);
  key.insert(key.end(), id.bytes.begin(), id.bytes.end());
  return key;
}
// After the tag.
inline Name name_in(View key) { return {be32(key.subspan(1)), Digest::of(key.subspan(5))}; }

inline constexpr char kRowTag = 'b';
inline constexpr char kIdsTag = 'l';
inline constexpr char kPartTag = 'p';
inline constexpr char kWantTag = 'w';
inline constexpr char kUnsentTag = 'u';
inline constexpr char kNumberTag = 'n';
inline constexpr char kOfferedTag = 'h';
inline constexpr char kDueTag = 'q';
inline constexpr char kCutTag = 'c';
inline constexpr char kArchiveBytesTag = 's';
inline constexpr char kAuthorBytesTag = 't';

inline std::unexpected<Error> damaged(const char* where) { return fail(ErrorKind::integrity, "log.damaged", where); }

Result<std::uint64_t> number_at(const ReadTxn& txn, View key);
Result<void> put_number(WriteTxn& txn, View key, std::uint64_t value);

}  // namespace satchel::blob
