// SPDX-License-Identifier: AGPL-3.0-or-later
// Who can open what: looked at as a thief would, with every byte there is.
#include <bitset>

#include "sync/blob/shelf.h"
#include "sync/node/dropping.h"
#include "sync/node/epochs.h"
#include "tests/simulation/invariants.h"

namespace satchel::sim {

namespace {

template <class Visit>
void each_value(const ReadTxn& txn, const Visit& visit) {
  for (std::size_t table = 0; table < kTableCount; ++table) {
    must(scan_prefix(txn, static_cast<Table>(table), {}, [&](KeyValue pair) {
      visit(table, pair.key);
      visit(table, pair.value);
      return true;
    }));
  }
}

}  // namespace

std::string check_hubs_blind(World& world, std::string_view marker) {
  for (Node* node : world.all()) {
    if (!node->running() || node->role != wire::Role::hub) continue;
    const auto txn = must(node->replica().store().begin_read());
    std::string wrong;
    for (std::size_t t = 0; t < kTableCount && wrong.empty(); ++t) {
      must(scan_prefix(*txn, static_cast<Table>(t), {}, [&](KeyValue pair) {
        if (text(pair.value).find(marker) != std::string_view::npos ||
            text(pair.key).find(marker) != std::string_view::npos) {
          wrong = node->name + ": customer text in table " + std::to_string(t);
        }
        return wrong.empty();
      }));
    }
    if (!wrong.empty()) return wrong;
  }
  return "";
}

std::string check_scope(World& world) {
  for (Node* node : world.all()) {
    if (!node->running() || node->role == wire::Role::hub) continue;
    const auto directory = world.hq().replica().directory();
    const auto txn = must(node->replica().store().begin_read());
    for (node::ArchiveNo no = 1; no <= must(node::archive_count(*txn)); ++no) {
      const auto info = must(node::archive_info(*txn, no));
      const KnownNode* known = directory->node(node->identity.id);
      if (known == nullptr || !known->confirmed) {
        for (const auto& head : must(node::heads_of(*txn, no))) {
          if (head.chain.chain.node != node->identity.id) return node->name + " was given work before it was confirmed";
        }
        continue;
      }
      if (reads(*directory, node->identity.id, *info, {world.time.ms})) continue;
      // What it had once it may still hold, sealed; but nothing that opens it, nor what followed from it.
      if (info->opener != node->person && !must(node::is_dropped(*txn, no)))
        return node->name + " holds an archive it was not given";
      node::Keyring fresh(node->vault(), node->entropy);
      if (!must(fresh.keys_of(*txn, *directory, *info))->epochs.empty())
        return node->name + " keeps the key of an archive it may not read";
      if (!must(node::records_of(*txn, no)).empty()) return node->name + " keeps records of an archive it may not read";
    }
  }
  return "";
}

namespace {

// 32 secret bytes each; found at any place.
class SecretSieve {
 public:
  void add(View secret) {
    if (secret.size() != 32) return;
    secrets_.insert(copy(secret));
    first_.set(static_cast<std::size_t>(secret[0]) << 8 | secret[1]);
  }
  bool finds(View bytes) const {
    for (std::size_t at = 0; at + 32 <= bytes.size(); ++at) {
      if (first_[static_cast<std::size_t>(bytes[at]) << 8 | bytes[at + 1]] &&
          secrets_.contains(copy(bytes.subspan(at, 32))))
        return true;
    }
    return false;
  }

 private:
  std::bitset<65536> first_;
  std::set<Bytes> secrets_;
};

void add_secrets(Node& node, const Directory& directory, SecretSieve& sieve) {
  sieve.add(node.identity.sign.seed.view());
  sieve.add(node.identity.box.secret.view());
  sieve.add(node.vault_key.view());
  node::Keyring ring(node.vault(), node.entropy);
  const auto txn = must(node.replica().store().begin_read());
  for (node::ArchiveNo no = 1; no <= must(node::archive_count(*txn)); ++no) {
    const auto keys = must(ring.keys_of(*txn, directory, *must(node::archive_info(*txn, no))));
    for (const auto& [which, key] : keys->epochs) sieve.add(key.view());
    if (keys->has_local) sieve.add(keys->local.view());
  }
  for (const auto& audience : directory.audiences_of(node.identity.id)) {
    for (std::uint32_t epoch = 1; epoch <= directory.audience(audience)->epoch(); ++epoch) {
      if (const auto seed = ring.audience_seed(directory, audience, epoch)) sieve.add(seed->view());
    }
  }
}

}  // namespace

std::string check_no_secrets(World& world, const Watch& watch, std::string_view marker) {
  SecretSieve sieve;
  for (Node* node : world.all()) {
    if (node->running() && node->role != wire::Role::hub) add_secrets(*node, watch.now(), sieve);
  }
  for (const auto& frame : watch.frames()) {
    if (sieve.finds(frame)) return "a secret was sent";
    if (text(frame).find(marker) != std::string_view::npos) return "customer text was sent";
  }
  std::string wrong;
  for (Node* node : world.all()) {
    if (!node->running()) continue;
    const auto txn = must(node->replica().store().begin_read());
    each_value(*txn, [&](std::size_t table, View bytes) {
      if (sieve.finds(bytes)) wrong = node->name + " keeps a secret in the clear in table " + std::to_string(table);
    });
  }
  return wrong;
}

namespace {

// A node that tries its own secrets on every wrap there is.
class Thief {
 public:
  Thief(Node& node, const Directory& directory)
      : node_(node), directory_(directory), ring_(node.vault(), node.entropy) {}

  bool opens(const Wrap& wrap) {
    auto& unboxer = tried_[{wrap.audience, wrap.audience_epoch}];
    if (!unboxer) {
      const auto secret = ring_.audience_secret(directory_, wrap.audience, wrap.audience_epoch);
      unboxer = std::make_unique<std::optional<Unboxer>>();
      if (secret) unboxer->emplace(*secret);
    }
    if (!*unboxer) return false;
    const auto plain = (*unboxer)->open(wrap.associated(), wrap.box);
    return plain && plain->size() >= 32 && key_id(Secret32::of(View(*plain).first(32))) == wrap.key;
  }
  const NodeId& id() const { return node_.identity.id; }
  const std::string& name() const { return node_.name; }

 private:
  Node& node_;
  const Directory& directory_;
  node::Keyring ring_;
  std::map<std::pair<AudienceId, std::uint32_t>, std::unique_ptr<std::optional<Unboxer>>> tried_;
};

// Whose the wrap is and who made it, for whoever has to find out.
std::string describe(const Watch& watch, const Wrap& wrap) {
  static constexpr const char* kKinds[] = {"?", "person", "managers", "hq", "everyone", "pool"};
  const auto* audience = watch.now().audience(wrap.audience);
  const auto kind = audience != nullptr ? static_cast<std::size_t>(audience->kind) : 0;
  return std::string(" (to ") + kKinds[kind] + " " + std::to_string(wrap.audience_epoch) + " of " +
         std::to_string(audience != nullptr ? audience->epoch() : 0) + ", epoch " + std::to_string(wrap.epoch) +
         (wrap.by.none() ? ", of the opening" : ", made later") + ", members " +
         std::to_string(watch.now().members(wrap.audience).size()) + ")";
}

// What the node's last entry there is sealed with.
std::optional<NamedKey> key_of_last(World& world, const node::StoredArchive& info, const ChainId& writer) {
  const auto txn = must(world.hq().replica().store().begin_read());
  for (const auto& head : must(node::heads_of(*txn, info.no))) {
    if (head.chain.chain != writer) continue;
    const auto key = node::key_of_entry(*txn, info, must(node::entry_at(*txn, head.last)).header);
    if (key) return NamedKey{key->epoch, key->id};
  }
  return std::nullopt;
}

std::string last_writer(World& world, const node::StoredArchive& info) {
  const auto txn = must(world.hq().replica().store().begin_read());
  std::string out;
  for (const auto& head : must(node::heads_of(*txn, *must(node::find_archive(*txn, info.id))))) {
    const auto header = must(node::entry_at(*txn, head.last)).header;
    for (Node* node : world.all()) {
      if (node->identity.id == header.chain.node)
        out += "; " + node->name + " wrote last in epoch " + std::to_string(header.epoch) + " at " +
               std::to_string(header.directory.n);
    }
  }
  return out;
}

std::map<Digest, Wrap> all_wraps(World& world) {
  std::map<Digest, Wrap> out;
  for (Node* node : world.all()) {
    if (!node->running()) continue;
    const auto txn = must(node->replica().store().begin_read());
    must(scan_prefix(*txn, Table::grants, {}, [&](KeyValue pair) {
      out.try_emplace(wrap_hash(pair.value), must(Wrap::decode(pair.value)));
      return true;
    }));
  }
  return out;
}

std::map<ArchiveId, node::StoredArchive> all_archives(World& world) {
  std::map<ArchiveId, node::StoredArchive> out;
  const auto txn = must(world.hq().replica().store().begin_read());
  for (node::ArchiveNo no = 1; no <= must(node::archive_count(*txn)); ++no) {
    const auto info = *must(node::archive_info(*txn, no));
    out.emplace(info.id, info);
  }
  return out;
}

// Whether the node was meant to have this key: it could read the archive from that epoch on, as whoever made the key
// knew it or at any time after; or its place in the audience was gone and the audience's key not yet renewed.
bool meant(const Watch& watch, const NodeId& id, const node::StoredArchive& info, const Wrap& wrap) {
  const auto& history = watch.history();
  const auto access = node::access_of(info);
  const auto named = watch.keys_of(info.id).find({wrap.epoch, wrap.key});
  const auto from = named == watch.keys_of(info.id).end() ? info.opened_at.n : named->second.n;
  std::uint64_t changes = UINT64_MAX;
  for (auto n = from; n < history.size(); ++n) {
    if (history[n].access_changes() == changes && n + 1 < history.size() && history[n].node(id) != nullptr &&
        history[n - 1].node(id) != nullptr && history[n].node(id)->state() == history[n - 1].node(id)->state() &&
        !history[n].archive_facts().contains(info.id) == !history[n - 1].archive_facts().contains(info.id))
      continue;
    changes = history[n].access_changes();
    for (const auto& reader : history[n].readers(access, {})) {
      if (reader.epoch_from <= wrap.epoch && history[n].member(id, reader.audience)) return true;
    }
  }
  const auto when = std::min<std::size_t>(from, history.size() - 1);
  const Directory& then = history[when];
  const auto* audience = then.audience(wrap.audience);
  const bool window =
      audience != nullptr && audience->epoch() == wrap.audience_epoch && then.rotation_due(wrap.audience);
  if (window && audience->box(wrap.audience_epoch, id) != nullptr) return true;
  const auto readers = then.readers(access, {});
  const bool reads = std::ranges::find(readers, wrap.audience, &ArchiveReader::audience) != readers.end();
  const auto belongs = [&](const Directory& d) { return d.member(id, wrap.audience); };
  // Whoever joins an audience is given its keys of before. What left it meanwhile no hub gives him, but it opens. A
  // wrap of its own is made by somebody who need not know what the maker of the key knew.
  const auto since = static_cast<std::ptrdiff_t>(wrap.by.none() ? when : 0);
  return reads && std::any_of(history.begin() + since, history.end(), belongs);
}

}  // namespace

std::string check_underivable(World& world, const Watch& watch) {
  const auto wraps = all_wraps(world);
  const auto archives = all_archives(world);
  for (Node* node : world.all()) {
    if (!node->running() || node->role == wire::Role::hub) continue;
    Thief thief(*node, watch.now());
    for (const auto& [digest, wrap] : wraps) {
      const auto info = archives.find(wrap.archive);
      // Of a destroyed one wraps stay only where nobody could tell yet, or with unsent work: check_destroyed() looks.
      if (info == archives.end() || watch.now().is_destroyed(wrap.archive) || !thief.opens(wrap)) continue;
      if (!meant(watch, thief.id(), info->second, wrap))
        return thief.name() + " can open epoch " + std::to_string(wrap.epoch) + " of an archive, which was not meant" +
               describe(watch, wrap);
    }
  }
  return "";
}

std::string check_newest_closed(World& world, const Watch& watch, const Writers& written) {
  const auto wraps = all_wraps(world);
  const auto archives = all_archives(world);
  std::map<ArchiveId, std::set<NamedKey>> used;
  for (const auto& [archive, writers] : written) {
    const auto found = archives.find(archive);
    if (found == archives.end()) continue;
    for (const auto& writer : writers) {
      if (const auto key = key_of_last(world, found->second, writer)) used[archive].insert(*key);
    }
  }
  for (Node* node : world.all()) {
    if (!node->running() || node->role == wire::Role::hub) continue;
    Thief thief(*node, watch.now());
    for (const auto& [digest, wrap] : wraps) {
      const auto found = archives.find(wrap.archive);
      if (found == archives.end() || !used[wrap.archive].contains({wrap.epoch, wrap.key})) continue;
      const auto& info = found->second;
      if (reads(watch.now(), thief.id(), info, {world.time.ms})) continue;
      if (thief.opens(wrap))
        return thief.name() + " lost the right and can open what was written since" + describe(watch, wrap) +
               last_writer(world, info);
    }
  }
  return "";
}

namespace {

bool opened_by_anybody(World& world, const ArchiveId& archive, const node::EpochKey& key) {
  return std::ranges::any_of(world.all(), [&](Node* node) {
    if (node->role == wire::Role::hub) return false;
    const auto txn = must(node->replica().store().begin_read());
    const auto no = must(node::find_archive(*txn, archive));
    if (!no) return false;
    node::Keyring fresh(node->vault(), node->entropy);
    const auto info = *must(node::archive_info(*txn, *no));
    return fresh.epoch_key(*txn, *node->replica().directory(), info, key).has_value();
  });
}

}  // namespace

namespace {

bool wrapped_anywhere(World& world, const ArchiveId& archive, const node::EpochKey& key, const NodeId& reader) {
  const auto directory = world.hq().replica().directory();
  return std::ranges::any_of(world.all(), [&](Node* node) {
    const auto txn = must(node->replica().store().begin_read());
    const auto no = must(node::find_archive(*txn, archive));
    if (!no) return false;
    const auto wraps = must(node::wraps_of(*txn, *no));
    return std::ranges::any_of(wraps, [&](const Bytes& bytes) {
      const auto wrap = must(Wrap::decode(bytes));
      return wrap.epoch == key.epoch && wrap.key == key.id && directory->member(reader, wrap.audience);
    });
  });
}

}  // namespace

std::string check_range(World& world, bool hubs_died, bool garbled) {
  for (Node* node : world.all()) {
    if (!node->running() || node->role == wire::Role::hub) continue;
    const auto directory = node->replica().directory();
    if (directory->position() != world.hq().replica().directory()->position()) continue;
    const auto txn = must(node->replica().store().begin_read());
    node::Keyring fresh(node->vault(), node->entropy);
    for (node::ArchiveNo no = 1; no <= must(node::archive_count(*txn)); ++no) {
      const auto info = *must(node::archive_info(*txn, no));
      const auto from = reads_from(*directory, node->identity.id, info, {world.time.ms});
      for (const auto& key : must(node::keys_named(*txn, info))) {
        if (hubs_died && !opened_by_anybody(world, info.id, key)) continue;
        if (!from || key.epoch < *from || fresh.epoch_key(*txn, *directory, info, key)) continue;
        // What was bent on its way to the first hub, by whoever sits on the line, nobody makes again.
        if (!garbled || wrapped_anywhere(world, info.id, key, node->identity.id))
          return node->name + " may read epoch " + std::to_string(key.epoch) + " and has no key";
      }
    }
  }
  return "";
}

std::string check_told(World& world) {
  const auto ordered = world.hq().replica().directory();
  const auto said_of = [](const Directory& directory, const ArchiveId& archive) {
    const auto found = directory.archive_facts().find(archive);
    return found == directory.archive_facts().end() ? 0 : found->second.size();
  };
  for (Node* node : world.all()) {
    if (!node->running()) continue;
    const auto directory = node->replica().directory();
    if (directory->position() != ordered->position()) continue;
    const auto txn = must(node->replica().store().begin_read());
    for (node::ArchiveNo no = 1; no <= must(node::archive_count(*txn)); ++no) {
      const auto info = *must(node::archive_info(*txn, no));
      const bool hub = node->role == wire::Role::hub;
      if (!hub && !reads(*ordered, node->identity.id, info, {world.time.ms})) continue;
      if (said_of(*directory, info.id) != said_of(*ordered, info.id))
        return node->name + " does not know all that was said of an archive it reads";
    }
  }
  return "";
}

std::string check_bound(World& world) {
  Node& boss = world["boss"];
  const auto directory = boss.replica().directory();
  const auto txn = must(boss.replica().store().begin_read());
  for (node::ArchiveNo no = 1; no <= must(node::archive_count(*txn)); ++no) {
    const auto info = *must(node::archive_info(*txn, no));
    for (const auto& head : must(node::heads_of(*txn, no))) {
      const auto ordinals = must(node::chain_after(*txn, head, 0));
      if (ordinals.size() < 2) continue;
      const auto one = must(node::entry_at(*txn, ordinals[0]));
      const auto other = must(node::entry_at(*txn, ordinals[1]));
      const auto key = node::key_of_entry(*txn, info, one.header);
      const auto secret = key ? boss.keyring().epoch_key(*txn, *directory, info, *key) : Result<Secret32>(Secret32{});
      if (!key || !secret || other.body.empty()) continue;
      if (open_body(one.header, other.body, *secret)) return "a body opens in another entry's place";
    }
  }
  return "";
}

std::string check_two_signers(World& world, const Watch& watch) {
  const auto txn = must(world.hq().replica().store().begin_read());
  const auto run = must(node::run_after(*txn, {}, [](auto&&...) { return true; }));
  std::map<Digest, Envelope> said;
  std::set<ArchiveId> signed_for;
  const auto director = [&](const Statement& s, std::uint64_t n, bool managers) {
    const Directory& then = watch.history()[n - 1];
    const Person* person = then.person(s.person);
    const KnownNode* node = then.node(s.by);
    if (person == nullptr || node == nullptr || node->person != s.person || !person->active()) return false;
    if (node->state() != NodeState::confirmed) return false;
    if (person->role() == Role::general_manager || (managers && person->role() == Role::branch_manager)) return true;
    return person->role() == Role::archive_administrator && person->branch().none();
  };
  for (const auto& record : run.records) {
    const auto envelope = must(decode_envelope(record.envelope));
    const auto n = must(decode_ordered(record.ordered)).position.n;
    const auto& s = envelope.statement();
    const KnownNode* node = watch.now().node(s.by);
    const bool signed_well = node != nullptr && envelope.signed_by(node->sign);
    if (s.kind == StatementKind::destroy_proposed && signed_well && director(s, n, true))
      said.emplace(envelope.id(), envelope);
    if (s.kind != StatementKind::destroy || !signed_well || !director(s, n, false)) continue;
    const auto proposal = said.find(must(decode_payload<payload::Destroy>(s.payload)).proposal);
    if (proposal == said.end() || proposal->second.statement().person == s.person) continue;
    const auto named = must(decode_payload<payload::DestroyProposed>(proposal->second.statement().payload));
    signed_for.insert(named.archives.begin(), named.archives.end());
  }
  for (Node* node : world.all()) {
    if (!node->running()) continue;
    for (const auto& [archive, destroyed] : node->replica().directory()->all_destroyed()) {
      if (!signed_for.contains(archive))
        return node->name + " holds an archive for destroyed that two never signed for";
    }
  }
  return "";
}

std::string check_destroyed(World& world) {
  const auto ordered = world.hq().replica().directory();
  for (const auto& [archive, destroyed] : ordered->all_destroyed()) {
    for (Node* node : world.all()) {
      if (!node->running()) continue;
      const auto receipt = ordered->drop_receipts().find(node->identity.id);
      const bool given = receipt != ordered->drop_receipts().end() && receipt->second.executed >= destroyed.said.at;
      const auto* known = ordered->node(node->identity.id);
      const bool owes = known != nullptr && known->state() == NodeState::confirmed && !ordered->lost_at(known->id);
      if (owes && !given) return node->name + " gave no receipt for a destroyed archive";
      const auto txn = must(node->replica().store().begin_read());
      const auto no = must(node::find_archive(*txn, archive));
      if (!given || !no) continue;
      if (!must(node::wraps_of(*txn, *no)).empty()) return node->name + " keeps a wrap of a destroyed archive";
      for (const auto& queued : must(node::queued_wraps(*txn, SIZE_MAX))) {
        if (must(Wrap::decode(queued)).archive == archive)
          return node->name + " still sends a wrap of a destroyed archive";
      }
      if (must(txn->get(Table::keys, node::key_of(*no)))) return node->name + " keeps keys of a destroyed archive";
      if (!must(node::records_of(*txn, *no)).empty()) return node->name + " keeps rows of a destroyed archive";
      if (!must(blob::rows(*txn, *no)).empty()) return node->name + " keeps attachments of a destroyed archive";
      for (const auto& head : must(node::heads_of(*txn, *no))) {
        for (const auto ordinal : must(node::chain_after(*txn, head, 0))) {
          if (!must(node::entry_at(*txn, ordinal)).body.empty())
            return node->name + " keeps what was sealed in a destroyed archive";
        }
      }
    }
  }
  return "";
}

}  // namespace satchel::sim
