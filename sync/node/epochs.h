// SPDX-License-Identifier: AGPL-3.0-or-later
// Key epochs of an archive (wire.md, 'Clear part'). Whoever writes there next, after somebody lost the right to read,
// opens a new epoch: a fresh key, wrapped for those who may read now. Nobody orders epochs, so two may be opened under
// one number; an entry therefore never leaves open which key sealed it: its chain names the key of an epoch before it
// uses it, in the clear part of an entry at or before. Functions over a transaction.
#pragma once

#include "sync/node/keyring.h"

namespace satchel::node {

// The key that seals this entry. invalid "entry.unnamed-key" when its chain does not say.
Result<EpochKey> key_of_entry(const ReadTxn& txn, const StoredArchive& info, const Header& header);
// Whether this chain has named that key by now.
Result<bool> names_key(const ReadTxn& txn, const StoredArchive& info, const ChainId& chain, const EpochKey& key);
// All keys the archive's openings name, ascending; the ring may lack some.
Result<std::vector<EpochKey>> keys_named(const ReadTxn& txn, const StoredArchive& info);

// For whom a key is wrapped, as far as this node knows.
struct WrappedFor {
  AudienceId audience;
  std::uint32_t audience_epoch = 0;
  NodeId maker;  // none: by whoever opened the epoch
};
Result<std::vector<WrappedFor>> wrapped_for(const ReadTxn& txn, const StoredArchive& info, const EpochKey& key);
// The same of the wraps that are here, whatever the openings promised.
Result<std::vector<WrappedFor>> wrapped_here(const ReadTxn& txn, const StoredArchive& info, const EpochKey& key);

// A node that may not read holds what opens the key: a wrap for an audience that lost the right, or for an audience
// secret that a node had before it lost its place there.
struct Unjustified {
  WrappedFor wrap;
  std::vector<NodeId> nodes;  // who can open it and may not; empty: nobody is named by the directory at all
};
Result<std::vector<Unjustified>> unjustified(const ReadTxn& txn, const Directory& directory, const StoredArchive& info,
                                             const EpochKey& key, WallTime now);
// Whether somebody who belongs to the audience now holds its secret of that epoch.
bool can_open(const Directory& directory, const AudienceId& audience, std::uint32_t audience_epoch);
// Whether the node was ever given the secret of an audience that reads the archive, or did.
bool held_once(const Directory& directory, const StoredArchive& info, const NodeId& node, WallTime now);
// Nobody of the audience holds its newest secret, only who was of it: what is wrapped for it is wrapped for them. It
// gets its wraps when somebody of it has made a new key.
bool is_deserted(const Directory& directory, const AudienceId& audience);
// A wrap that nobody of its audience can open any more (a lost phone was the only one) makes way for this one, which
// somebody can. The first good one stays otherwise, so that nobody's keys are driven out by a colleague's wrap.
Result<void> make_way(WriteTxn& txn, const Directory& directory, ArchiveNo archive, const Wrap& wrap);
// Whether an entry that would be sealed with this key should open a new epoch. Not while a reader's own audience key
// has yet to be renewed: a new key would be open to the same node.
Result<bool> rotation_due(const ReadTxn& txn, const Directory& directory, const StoredArchive& info,
                          const EpochKey& key, WallTime now);

}  // namespace satchel::node
