// SPDX-License-Identifier: AGPL-3.0-or-later
// Attachments in a bundle, behind all text: up what a hub has not said it has, down what was asked for, and what is
// whole here of theirs.
#include "sync/bundle/exporter.h"
#include "sync/bundle/limits.h"

namespace satchel::bundle {

namespace {

constexpr std::size_t kChunksPerLook = 8;  // 2 MiB written in one read transaction
constexpr std::size_t kDuePerLook = 256;

}  // namespace

Result<void> Exporter::put_blobs() {
  for (const auto& target : targets_) SATCHEL_TRY(put_whole_states(target));
  if (up_) {
    SATCHEL_TRY(put_wishes());
    SATCHEL_TRY(put_due());
  }
  for (const auto& target : targets_) SATCHEL_TRY(put_asked_for(target));
  return writer_->end_chunk();
}

Result<void> Exporter::put_whole_states(const Target& target) {
  SATCHEL_GET(txn, reading());
  SATCHEL_GET(names, whole_of(*txn, target.no));
  wire::BlobStates states;
  for (const auto& name : names) {
    given_.told.push_back(name);
    SATCHEL_GET(info, node::archive_info(*txn, name.archive));
    if (!info) continue;
    wire::BlobState state;
    state.name = {info->id, name.root};
    state.status = wire::BlobStatus::whole;
    states.items.push_back(std::move(state));
    if (states.items.size() == wire::kBlobsMax) SATCHEL_TRY(send(std::exchange(states, {})));
  }
  return states.items.empty() ? Result<void>{} : send(states);
}

// What people here wait for.
Result<void> Exporter::put_wishes() {
  SATCHEL_GET(txn, reading());
  SATCHEL_GET(names, blob::wanted(*txn, kBlobsTold));
  for (const auto& name : names) {
    SATCHEL_GET(info, node::archive_info(*txn, name.archive));
    if (!info) continue;
    wire::BlobWant want;
    want.name = {info->id, name.root};
    want.list = true;
    SATCHEL_TRY(send(want));
  }
  return {};
}

Result<void> Exporter::put_due() {
  const auto& hub = targets_.front();
  for (std::uint64_t after = 0;;) {
    SATCHEL_GET(txn, reading());
    SATCHEL_GET(due, blob::due(*txn, hub.no, hub_life_, after, kDuePerLook));
    if (due.empty()) return {};
    after = due.back().number;
    for (const auto& d : due) SATCHEL_TRY(put_blob(d.name));
  }
}

Result<void> Exporter::put_asked_for(const Target& target) {
  SATCHEL_GET(txn, reading());
  SATCHEL_GET(names, wanted_by(*txn, target.no));
  for (const auto& name : names) {
    SATCHEL_GET(look, reading());
    SATCHEL_GET(info, node::archive_info(*look, name.archive));
    SATCHEL_GET(row, blob::find(*look, name));
    if (!info || !may_have(*info) || !row || !row->whole()) continue;
    given_.told.push_back(name);
    SATCHEL_TRY(put_blob(name));
  }
  return {};
}

// Its list, and every chunk that is here, one a frame.
Result<void> Exporter::put_blob(const blob::Name& name) {
  wire::BlobName called;
  std::uint32_t chunks = 0;
  {
    SATCHEL_GET(txn, reading());
    SATCHEL_GET(info, node::archive_info(*txn, name.archive));
    SATCHEL_GET(row, blob::find(*txn, name));
    SATCHEL_GET(ids, blob::ids(*txn, name));
    if (!info || !row || !ids || row->have == 0) return {};
    called = {info->id, name.root};
    chunks = row->chunks();
    SATCHEL_TRY(send(wire::BlobList{called, *ids}));
  }
  ++out_.attachments;
  for (std::uint32_t index = 0; index < chunks;) {
    SATCHEL_GET(txn, reading());
    SATCHEL_GET(ids, blob::ids(*txn, name));
    if (!ids) return {};  // dropped meanwhile
    for (std::size_t i = 0; i < kChunksPerLook && index < chunks; ++i, ++index) {
      SATCHEL_GET(chunk, blob::chunk(*txn, name.archive, blob::id_at(*ids, index)));
      if (!chunk) continue;
      out_.attachment_bytes += chunk->size();
      SATCHEL_TRY(send(wire::BlobPiece{called, index, 0, *chunk}));
    }
  }
  return {};
}

}  // namespace satchel::bundle
