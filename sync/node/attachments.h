// SPDX-License-Identifier: AGPL-3.0-or-later
// Attaching a file to a record, and reading it back, for a node that holds keys. The file is cut onto the shelf in
// several commits (bounded memory, short turns at the store), then named by one entry; until that is durable nothing
// refers to what was cut, and a cut left unfinished is swept later. Nothing here knows files: bytes come in and go out
// by call.
#pragma once

#include <functional>

#include "sync/blob/chunk.h"
#include "sync/blob/shelf.h"
#include "sync/node/records.h"
#include "sync/node/scribe.h"

namespace satchel::node {

// Fills as much of the span as there is; fewer bytes only at the end.
using ReadBytes = std::function<Result<std::size_t>(std::span<Byte>)>;
using WriteBytes = std::function<Result<void>(View)>;
using Progress = std::function<void(std::uint64_t done, std::uint64_t of)>;

struct Cut {
  blob::CutId id;
  blob::Manifest manifest;
  Bytes ids;  // of its chunks
};

struct Incoming {
  std::string name;  // safe_name() is applied
  std::string media;
  std::uint64_t size = 0;
  ReadBytes read;
  Progress progress;  // may be empty
};
// The key it is cut under is the one the next entry goes under; where a new one is due, an entry of its own opens it
// first. usage "attach.too-large"; failed "attach.changed" when there is more or less to read than `size`; the store's
// errors. Whatever fails, what was cut is taken off again.
Result<Cut> cut_file(Replica& replica, Keyring& keyring, const StoredArchive& info, const Incoming& file);
// The entry that adds it to the record, and all that belongs to it, in the caller's transaction. conflict kCutAgain:
// the archive got another key meanwhile, and who may read the entry might not open the file, or the reverse.
inline constexpr const char* kCutAgain = "attach.key-renewed";
Result<Written> add_attachment(WriteTxn& txn, Scribe& scribe, const StoredArchive& info, RecordChange change,
                               const Cut& cut);
Result<void> forget_cut(Replica& replica, const Cut& cut);
// Of programs that died; called before a new one is cut.
Result<void> sweep_cuts(Replica& replica);

// The file, chunk by chunk. not_found "attachment.not-here"; integrity "attachment.broken"; the keyring's errors.
Result<void> read_attachment(Replica& replica, Keyring& keyring, const StoredArchive& info,
                             const blob::Manifest& manifest, const WriteBytes& write, const Progress& progress = {});

// Those a record has, by dot: the values of blob::kField that stand and can be read.
struct AttachedValue {
  Dot dot;
  blob::Manifest manifest;
  PersonId person;
  WallTime claimed;
};
std::vector<AttachedValue> attachments_in(const merge::RecordState& state);

}  // namespace satchel::node
