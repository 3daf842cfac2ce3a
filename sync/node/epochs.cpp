// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/epochs.h"

#include "schema/base/planted.h"
#include "sync/node/replica.h"

namespace satchel::node {

namespace {

struct Named {
  EpochKey key;
  ChainId chain;
  std::uint64_t seq = 0;
};

Result<std::vector<Named>> named(const ReadTxn& txn, const StoredArchive& info, std::uint32_t epoch) {
  std::vector<Named> out;
  SATCHEL_GET(ordinals, openings_of(txn, info.no, epoch));
  for (const auto ordinal : ordinals) {
    SATCHEL_GET(entry, entry_at(txn, ordinal));
    SATCHEL_GET(opening, Opening::decode(entry.clear));
    out.push_back({{epoch, opening.key}, entry.header.chain, entry.header.seq});
  }
  return out;
}

// Nodes that were given the audience's secret of that epoch and have no place there any more.
std::vector<NodeId> former_members(const Directory& directory, const AudienceId& id, std::uint32_t epoch) {
  std::vector<NodeId> out;
  const Audience* audience = directory.audience(id);
  const AudienceEpoch* at = audience != nullptr ? audience->at(epoch) : nullptr;
  if (at == nullptr) return out;
  for (const auto& [node, box] : at->boxes) {
    if (!directory.member(node, id)) out.push_back(node);
  }
  return out;
}

std::vector<NodeId> holders(const Directory& directory, const AudienceId& id, std::uint32_t epoch) {
  std::vector<NodeId> out;
  const Audience* audience = directory.audience(id);
  const AudienceEpoch* at = audience != nullptr ? audience->at(epoch) : nullptr;
  if (at == nullptr) return out;
  for (const auto& [node, box] : at->boxes) out.push_back(node);
  return out;
}

}  // namespace

Result<EpochKey> key_of_entry(const ReadTxn& txn, const StoredArchive& info, const Header& header) {
  if (header.epoch == info.epoch && (header.epoch == 0 || SATCHEL_PLANTED(epoch_known_by_number_alone)))
    return EpochKey{info.epoch, info.key};
  SATCHEL_GET(all, named(txn, info, header.epoch));
  // The archive's first opening names its first key for everybody.
  if (header.epoch == 0 && !all.empty()) return all.front().key;
  const Named* last = nullptr;
  for (const auto& n : all) {
    if (n.chain == header.chain && n.seq <= header.seq && (last == nullptr || n.seq > last->seq)) last = &n;
  }
  if (last == nullptr) return fail(ErrorKind::invalid, "entry.unnamed-key", info.id.hex());
  return last->key;
}

Result<bool> names_key(const ReadTxn& txn, const StoredArchive& info, const ChainId& chain, const EpochKey& key) {
  if (key.epoch == 0) return true;
  SATCHEL_GET(all, named(txn, info, key.epoch));
  const Named* last = nullptr;
  for (const auto& n : all) {
    if (n.chain == chain && (last == nullptr || n.seq > last->seq)) last = &n;
  }
  return last != nullptr && last->key == key;
}

Result<std::vector<EpochKey>> keys_named(const ReadTxn& txn, const StoredArchive& info) {
  std::vector<EpochKey> out;
  Result<void> inner{};
  SATCHEL_TRY(scan_prefix(txn, Table::archive_info, key_of(info.no), [&](KeyValue pair) {
    if (pair.key.size() != 16) return true;  // the archive's own row
    auto entry = entry_at(txn, be64(pair.key.subspan(8)));
    if (!entry) {
      inner = std::unexpected(entry.error());
      return false;
    }
    if (const auto opening = Opening::decode(entry->clear)) out.push_back({be32(pair.key.subspan(4)), opening->key});
    return true;
  }));
  if (!inner) return std::unexpected(inner.error());
  std::ranges::sort(out);
  out.erase(std::ranges::unique(out).begin(), out.end());
  return out;
}

Result<std::vector<WrappedFor>> wrapped_for(const ReadTxn& txn, const StoredArchive& info, const EpochKey& key) {
  std::vector<WrappedFor> out;
  SATCHEL_GET(ordinals, openings_of(txn, info.no, key.epoch));
  for (const auto ordinal : ordinals) {
    SATCHEL_GET(entry, entry_at(txn, ordinal));
    SATCHEL_GET(opening, Opening::decode(entry.clear));
    if (opening.key != key.id) continue;
    for (const auto& wrap : opening.wraps) out.push_back({wrap.audience, wrap.audience_epoch, {}});
  }
  SATCHEL_GET(wraps, wraps_of(txn, info.no));
  for (const auto& bytes : wraps) {
    const auto wrap = Wrap::decode(bytes);
    if (!wrap || wrap->epoch != key.epoch || wrap->key != key.id || wrap->by.none()) continue;
    out.push_back({wrap->audience, wrap->audience_epoch, wrap->by});
  }
  return out;
}

Result<std::vector<WrappedFor>> wrapped_here(const ReadTxn& txn, const StoredArchive& info, const EpochKey& key) {
  std::vector<WrappedFor> out;
  SATCHEL_GET(wraps, wraps_of(txn, info.no));
  for (const auto& bytes : wraps) {
    const auto wrap = Wrap::decode(bytes);
    if (wrap && wrap->epoch == key.epoch && wrap->key == key.id)
      out.push_back({wrap->audience, wrap->audience_epoch, wrap->by});
  }
  return out;
}

Result<std::vector<Unjustified>> unjustified(const ReadTxn& txn, const Directory& directory, const StoredArchive& info,
                                             const EpochKey& key, WallTime now) {
  std::vector<Unjustified> out;
  SATCHEL_GET(all, wrapped_for(txn, info, key));
  const auto readers = directory.readers(access_of(info), now);
  for (auto& wrap : all) {
    const auto reader = std::ranges::find(readers, wrap.audience, &ArchiveReader::audience);
    const bool reads = reader != readers.end() && reader->epoch_from <= key.epoch;
    auto nodes = reads ? former_members(directory, wrap.audience, wrap.audience_epoch)
                       : holders(directory, wrap.audience, wrap.audience_epoch);
    // Whoever reads by another audience is no stranger.
    std::erase_if(nodes, [&](const NodeId& node) { return directory.may_read(node, access_of(info), now); });
    if (!nodes.empty() || directory.audience(wrap.audience) == nullptr)
      out.push_back({std::move(wrap), std::move(nodes)});
  }
  return out;
}

bool can_open(const Directory& directory, const AudienceId& id, std::uint32_t audience_epoch) {
  const Audience* audience = directory.audience(id);
  const AudienceEpoch* at = audience != nullptr ? audience->at(audience_epoch) : nullptr;
  return at != nullptr &&
         std::ranges::any_of(at->boxes, [&](const auto& box) { return directory.member(box.first, id); });
}

bool held_once(const Directory& directory, const StoredArchive& info, const NodeId& node, WallTime now) {
  const auto access = access_of(info);
  const auto given = [&](const AudienceId& id) {
    const Audience* audience = directory.audience(id);
    return audience != nullptr && std::ranges::any_of(audience->epochs, [&](const AudienceEpoch& epoch) {
             return epoch.boxes.contains(node);
           });
  };
  return std::ranges::any_of(directory.readers(access, now), given, &ArchiveReader::audience) ||
         std::ranges::any_of(directory.former_readers(access, now), [&](const auto& f) { return given(f.first); });
}

bool is_deserted(const Directory& directory, const AudienceId& id) {
  const Audience* audience = directory.audience(id);
  return audience != nullptr && audience->epoch() > 0 && !can_open(directory, id, audience->epoch());
}

Result<void> make_way(WriteTxn& txn, const Directory& directory, ArchiveNo archive, const Wrap& wrap) {
  SATCHEL_GET(stored, wrap_like(txn, archive, wrap));
  if (!stored) return {};
  const auto old = Wrap::decode(*stored);
  if (!old || can_open(directory, old->audience, old->audience_epoch) ||
      !can_open(directory, wrap.audience, wrap.audience_epoch))
    return {};
  return drop_wrap(txn, archive, wrap);
}

namespace {

// What whoever made the key knew of the directory.
Result<Position> named_at(const ReadTxn& txn, const StoredArchive& info, const EpochKey& key) {
  if (key.epoch == 0) return info.opened_at;
  Position first{UINT32_MAX, UINT64_MAX};
  SATCHEL_GET(ordinals, openings_of(txn, info.no, key.epoch));
  for (const auto ordinal : ordinals) {
    SATCHEL_GET(entry, entry_at(txn, ordinal));
    SATCHEL_GET(opening, Opening::decode(entry.clear));
    if (opening.key != key.id) continue;
    first = std::min(first, entry.header.directory);
    SATCHEL_GET(run, run_of(txn, ordinal));
    if (!run) continue;
    // No later place than its batch names, which hubs compare with theirs.
    SATCHEL_GET(stored, batch_at(txn, run->batch));
    first = std::min(first, stored.batch.directory);
  }
  return first;
}

// Where the node lost its last place, if it did: by itself, or with its person.
Position moved_at(const Directory& directory, const NodeId& id) {
  const KnownNode* node = directory.node(id);
  const Person* person = node != nullptr ? directory.person(node->person) : nullptr;
  Position at = person != nullptr ? person->now().since.at : Position{};
  if (node != nullptr && node->revoked) at = std::max(at, node->revoked->at);
  return at;
}

// Wraps that were made for others later do not come here, so that what is held here does not tell all: by the directory
// somebody could have been given the key, and may not read any more.
Result<bool> somebody_left(const ReadTxn& txn, const Directory& directory, const StoredArchive& info,
                           const EpochKey& key, WallTime now) {
  SATCHEL_GET(since, named_at(txn, info, key));
  const auto access = access_of(info);
  const auto holds = [&](const AudienceId& id, const Position& lost) {
    const Audience* audience = directory.audience(id);
    if (audience == nullptr) return false;
    return std::ranges::any_of(audience->epochs, [&](const AudienceEpoch& epoch) {
      return std::ranges::any_of(epoch.boxes, [&](const auto& box) {
        return since < std::max(lost, moved_at(directory, box.first)) && !directory.may_read(box.first, access, now);
      });
    });
  };
  for (const auto& reader : directory.readers(access, now)) {
    if (holds(reader.audience, {})) return true;
  }
  for (const auto& [audience, lost] : directory.former_readers(access, now)) {
    if (since < lost && holds(audience, lost)) return true;
  }
  return false;
}

}  // namespace

Result<bool> rotation_due(const ReadTxn& txn, const Directory& directory, const StoredArchive& info,
                          const EpochKey& key, WallTime now) {
  // Nobody ever lost anything.
  if (directory.access_changes() == 0) return false;
  SATCHEL_GET(strangers, unjustified(txn, directory, info, key, now));
  SATCHEL_GET(left, somebody_left(txn, directory, info, key, now));
  if (strangers.empty() && !left) return false;
  const auto readers = directory.readers(access_of(info), now);
  return std::ranges::none_of(readers, [&](const ArchiveReader& r) {
    return directory.rotation_due(r.audience) && !is_deserted(directory, r.audience);
  });
}

}  // namespace satchel::node
