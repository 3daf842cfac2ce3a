// SPDX-License-Identifier: AGPL-3.0-or-later
// The grants table: archive keys wrapped for audiences (store.md: grants). It stands beside the log and can be deleted
// without breaking a chain. Key: archive no, audience, epoch, key id.
#pragma once

#include "sync/node/log.h"

namespace satchel::node {

// Whether it was new. A second wrap of the same key for the same audience is not taken (but see epochs.h, make_way).
Result<bool> put_wrap(WriteTxn& txn, ArchiveNo archive, const Wrap& wrap, View bytes);
Result<std::vector<Bytes>> wraps_of(const ReadTxn& txn, ArchiveNo archive);
Result<std::vector<Bytes>> wraps_for(const ReadTxn& txn, ArchiveNo archive, const AudienceId& audience);
// The one of the same key for the same audience, if there is one.
Result<std::optional<Bytes>> wrap_like(const ReadTxn& txn, ArchiveNo archive, const Wrap& wrap);
Result<void> drop_wrap(WriteTxn& txn, ArchiveNo archive, const Wrap& wrap);
// All wraps of the archive go: nobody here opens it any more, and nobody is given it from here.
Result<void> drop_wraps(WriteTxn& txn, ArchiveNo archive);
// Exclusive or of the first eight bytes of each wrap's hash: tells whether two nodes hold the same wraps for an
// audience.
Result<std::uint64_t> wraps_mark(const ReadTxn& txn, ArchiveNo archive, const AudienceId& audience);

// In Table::marks beside the peers' marks, whose numbers never reach this one: wraps that wait.
inline constexpr std::uint32_t kWrapQueue = 0xfffffffe;
// Late wraps on their way up, until a hub has acknowledged them.
Result<void> queue_wrap(WriteTxn& txn, const Digest& hash, View bytes);
Result<std::vector<Bytes>> queued_wraps(const ReadTxn& txn, std::size_t most);
Result<void> unqueue_wrap(WriteTxn& txn, const Digest& hash);
// Those of one archive: it was destroyed.
Result<void> unqueue_wraps_of(WriteTxn& txn, ArchiveNo archive);

}  // namespace satchel::node
