// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/simulation/invariants.h"

#include "sync/blob/shelf.h"
#include "sync/node/dropping.h"
#include "sync/node/hub_word.h"
#include "sync/node/verify_derived.h"

namespace satchel::sim {

namespace {

std::string check_chain(const ReadTxn& txn, const node::StoredArchive& info, const node::StoredHead& head,
                        std::set<node::Ordinal>& seen) {
  const auto ordinals = must(node::chain_after(txn, head, 0));
  if (ordinals.size() != head.chain.head.seq) return "chain length differs from its head";
  Digest previous;
  std::uint64_t seq = 0;
  for (const auto ordinal : ordinals) {
    const auto entry = must(node::entry_at(txn, ordinal));
    if (!seen.insert(ordinal).second) return "one ordinal in two chains";
    if (entry.header.seq != ++seq) return "gap in a chain";
    if (entry.header.previous != previous) return "broken link in a chain";
    if (entry.header.archive != info.id || entry.header.chain != head.chain.chain) return "entry in a foreign chain";
    if (!entry.body.empty() && body_hash(entry.body) != entry.header.body) return "body is not what the header says";
    previous = header_hash(entry.header.encode());
  }
  return previous == head.chain.head.hash ? "" : "head is not the chain's end";
}

std::string difference(const merge::RecordState& a, const merge::RecordState& b) {
  std::string out = a.type() == b.type() ? "" : " type";
  for (const auto& field : a.fields()) {
    for (const auto* value : a.values(field)) {
      const auto others = b.values(field);
      const auto same = std::ranges::find(others, value->dot, &merge::FieldValue::dot);
      if (same == others.end()) {
        out += " " + field + " missing";
      } else if (!(**same == *value)) {
        out += " " + field + " effective " + std::to_string(value->effective.ms) + "/" +
               std::to_string((*same)->effective.ms);
      }
    }
  }
  return out;
}

std::string describe(const ReadTxn& txn, node::ArchiveNo no) {
  std::string out;
  for (const auto& h : must(node::heads_of(txn, no))) {
    out += " " + h.chain.chain.node.hex().substr(0, 6) + "=" + std::to_string(h.chain.head.seq) + "(" +
           h.chain.head.hash.hex().substr(0, 6) + ")";
  }
  return out;
}

// Who saved it, and what that device was told became of it.
std::string told_of(World& world, const SavedEntry& entry) {
  std::string out;
  for (Node* node : world.all()) {
    if (node->identity.id != entry.chain.node || !node->running()) continue;
    const auto txn = must(node->replica().store().begin_read());
    out += " of " + node->name + ", unsent " + std::to_string(must(node::count_unsent(*txn, entry.chain)));
    must(scan_prefix(*txn, Table::marks, node::key_of(std::uint32_t{0xfffffffd}), [&](KeyValue pair) {
      if (equal(pair.key.subspan(4, ArchiveId::size), entry.archive.view())) out.append(", ").append(text(pair.value));
      return true;
    }));
  }
  return out;
}

// What a branch hub once had it goes on holding; what is written since goes to those it follows for.
bool is_fed(const Directory& directory, const NodeId& hub, const node::StoredArchive& info, const WorldTime& time) {
  const auto followed = node::followed(directory, hub);
  return std::ranges::any_of(node::readers_of(directory, info, {time.ms}), [&](const AudienceId& audience) {
    return std::ranges::binary_search(followed, audience);
  });
}

// What a node that reads from some epoch on makes of the entries it can open, the administrator, who can open all, must
// make of the same ones.
std::string check_part(World& world, Node& node, const ReadTxn& txn, const node::StoredArchive& info) {
  const auto all = must(world.admin().replica().store().begin_read());
  const auto no = must(node::find_archive(*all, info.id));
  if (!no) return "the administrator lacks an archive";
  std::set<std::pair<ChainId, std::uint64_t>> opened;
  for (const auto& entry : read_slowly(node, txn, info).entries) opened.emplace(entry.header.chain, entry.header.seq);
  std::map<RecordId, merge::RecordState> expected;
  for (const auto& entry : read_slowly(world.admin(), *all, *must(node::archive_info(*all, *no))).entries) {
    if (entry.judgement != Judgement::in_force || !opened.contains({entry.header.chain, entry.header.seq})) continue;
    std::uint16_t op = 0;
    for (const auto& change : entry.change.records) {
      expected[change.record].apply(entry.source, change, op);
      op = static_cast<std::uint16_t>(op + change.ops.size());
    }
  }
  const auto directory = node.replica().directory();
  node::RecordReader reader(txn, *directory, node.keyring());
  for (const auto& [record, index] : must(node::records_of(txn, info.no))) {
    const auto loaded = must(reader.load(info, record, index.ordinals));
    const auto& state = expected[record];
    if (!(loaded.state == state))
      return node.name + " reads a part otherwise:" + difference(loaded.state, state) + " /" +
             difference(state, loaded.state);
    expected.erase(record);
  }
  for (const auto& [record, state] : expected) {
    if (!state.empty()) return node.name + " knows nothing of a record that it can read";
  }
  return "";
}

// Not only from some epoch on.
bool reads_whole(const Directory& directory, const NodeId& node, const node::StoredArchive& info,
                 const WorldTime& time) {
  return reads_from(directory, node, info, {time.ms}) == 0U;
}

}  // namespace

std::string check_logs(World& world) {
  for (Node* node : world.all()) {
    if (!node->running()) continue;
    const auto txn = must(node->replica().store().begin_read());
    std::set<node::Ordinal> seen;
    for (node::ArchiveNo no = 1; no <= must(node::archive_count(*txn)); ++no) {
      const auto info = must(node::archive_info(*txn, no));
      if (!info) return node->name + ": archive number without archive";
      for (const auto& head : must(node::heads_of(*txn, no))) {
        const auto wrong = check_chain(*txn, *info, head, seen);
        if (!wrong.empty()) return node->name + ": " + wrong;
      }
    }
    if (seen.size() != must(node::last_ordinal(*txn))) return node->name + ": entries outside all chains";
  }
  return "";
}

std::string check_saved(World& world, const std::vector<SavedEntry>& saved, Node& at) {
  const auto txn = must(at.replica().store().begin_read());
  for (const auto& entry : saved) {
    const auto no = must(node::find_archive(*txn, entry.archive));
    const auto author = must(node::find_node(*txn, entry.chain.node));
    if (!no || !author) return at.name + " lost archive " + entry.archive.hex().substr(0, 6) + told_of(world, entry);
    const auto head = must(node::head_of(*txn, *no, *author, entry.chain));
    const bool there = head && head->chain.head.seq >= entry.seq;
    if (there && !entry.hash.none() && must(node::hash_at(*txn, *head, entry.seq)) != entry.hash)
      return at.name + " holds another entry than was saved";
    if (!there) {
      std::string who;
      for (Node* node : world.all()) {
        if (node->identity.id == entry.chain.node) who = node->name;
      }
      return at.name + " lost entry " + std::to_string(entry.seq) + " that was saved by " + who + ":" +
             describe(*txn, *no) + told_of(world, entry);
    }
  }
  return "";
}

std::string check_converged(World& world) {
  const auto hq_txn = must(world.hq().replica().store().begin_read());
  std::map<std::pair<ArchiveId, RecordId>, std::pair<std::string, merge::RecordState>> states;
  for (Node* node : world.all()) {
    if (!node->running()) continue;
    const auto directory = node->replica().directory();
    const auto ordered = world.hq().replica().directory();
    if (const auto lost = ordered->lost_at(node->identity.id, node->identity.incarnation)) {
      // Whoever lost everything is told that, and no more; who was never confirmed is told nothing at all.
      const KnownNode* known = ordered->node(node->identity.id);
      if (known->confirmed && directory->position() < *lost)
        return node->name + " does not know that it lost everything";
      if (*lost < directory->position()) return node->name + " lost everything and was told what came after";
      continue;
    }
    // Who is still to be confirmed, or was refused, is told nothing.
    const auto* member = ordered->node(node->identity.id);
    if (member == nullptr || member->state() != NodeState::confirmed) {
      if (Position{} < directory->position()) return node->name + " was told before it was confirmed";
      continue;
    }
    if (directory->position() != ordered->position()) return node->name + ": directory is behind";
    const auto* self = directory->node(node->identity.id);
    const bool follows = node->role == wire::Role::hub || !node::followed(*directory, self->id).empty();
    if (!follows) continue;
    if (node->role != wire::Role::hub) must(node->deriver().apply());
    const auto txn = must(node->replica().store().begin_read());
    for (node::ArchiveNo no = 1; no <= must(node::archive_count(*txn)); ++no) {
      const auto info = must(node::archive_info(*txn, no));
      const bool readable = node->role == wire::Role::hub
                                ? is_fed(*directory, node->identity.id, *info, world.time)
                                : reads(*directory, node->identity.id, *info, {world.time.ms});
      // A hub may have taken what HQ refused, before it heard that the archive was destroyed.
      if (!readable || directory->is_destroyed(info->id)) continue;
      const auto at_hq = must(node::find_archive(*hq_txn, info->id));
      if (!at_hq) return node->name + " has an archive HQ never got";
      if (node::digest_of(must(node::heads_of(*txn, no))) != node::digest_of(must(node::heads_of(*hq_txn, *at_hq)))) {
        return node->name + " and HQ differ about an archive:" + describe(*txn, no) + " / HQ" +
               describe(*hq_txn, *at_hq);
      }
      if (node->role == wire::Role::hub) continue;
      if (!reads_whole(*directory, node->identity.id, *info, world.time)) {
        if (auto wrong = check_part(world, *node, *txn, *info); !wrong.empty()) return wrong;
        continue;
      }
      node::RecordReader reader(*txn, *directory, node->keyring());
      for (const auto& [record, index] : must(node::records_of(*txn, no))) {
        auto loaded = must(reader.load(*info, record, index.ordinals));
        if (loaded.unread > 0) return node->name + " cannot open an entry it should";
        const auto known = states.try_emplace({info->id, record}, node->name, loaded.state).first;
        if (known->second.second == loaded.state) continue;
        return node->name + " and " + known->second.first +
               " read a record differently:" + difference(loaded.state, known->second.second) + " /" +
               difference(known->second.second, loaded.state);
      }
    }
  }
  return "";
}

std::string check_audit(World& world) {
  for (Node* node : world.all()) {
    if (!node->running()) continue;
    // Not known to anybody yet, itself included: it cannot be its own witness.
    if (node->replica().directory()->node(node->identity.id) == nullptr) continue;
    const bool hub = node->role == wire::Role::hub;
    {
      const auto txn = must(node->replica().store().begin_read());
      const auto report = must(node::verify_log(*txn, *node->replica().directory(), {node->identity.id, hub}));
      if (!report.sound())
        return node->name + ": " + report.findings.front().code + " at " + report.findings.front().where;
      if (report.forks > 0) return node->name + " holds a fork that nobody made";
    }
    if (hub) continue;
    node::Keyring fresh(node->vault(), node->entropy);
    const auto derived = must(node::verify_derived(node->replica(), fresh, node->deriver()));
    if (!derived.sound())
      return node->name + ": " + derived.findings.front().code + " at " + derived.findings.front().where;
  }
  return "";
}

std::string check_receipts(World& world) {
  const NodeId top = world.hq().identity.id;
  for (Node* node : world.all()) {
    if (!node->running() || node->role == wire::Role::hub) continue;
    const auto txn = must(node->replica().store().begin_read());
    const ChainId self{node->identity.id, node->identity.incarnation};
    // Nobody confirmed it: nothing is taken from it yet.
    const auto ordered = world.hq().replica().directory();
    const auto* known = ordered->node(node->identity.id);
    const bool waits = known == nullptr || !known->confirmed;
    std::size_t owed = 0;  // and known to be so
    for (node::Ordinal at = 1; at <= must(node::last_ordinal(*txn)); ++at) {
      const auto header = must(node::entry_at(*txn, at)).header;
      if (header.chain.node != self.node) continue;
      const auto run = must(node::run_of(*txn, at));
      if (!run && waits) ++owed;
      if (!run && waits) continue;
      if (!run) return node->name + " has an entry in no batch";
      const auto stamps = must(node::stamps_of(*txn, run->batch));
      if (waits && !stamps.empty()) return node->name + " has a receipt before it was confirmed";
      if (stamps.empty() && (waits || ordered->is_destroyed(header.archive))) ++owed;
      if (waits || ordered->is_destroyed(header.archive)) continue;
      const bool received =
          std::ranges::any_of(stamps, [&](const node::StoredStamp& s) { return s.stamp.hub.node == top; });
      if (!received) return node->name + " has no receipt for entry " + std::to_string(header.seq);
    }
    const auto unsent = must(node::count_unsent(*txn, self));
    if (waits ? unsent != owed : unsent > owed)
      return node->name + " counts " + std::to_string(unsent) + " unsent, not " + std::to_string(owed);
  }
  return "";
}

namespace {

// A frame that has something to say beyond 'nothing new'.
bool tells(const Bytes& frame) {
  const auto received = must(wire::Received::decode(frame));
  const auto& f = received.frame();
  return !std::holds_alternative<wire::Hello>(f) && !std::holds_alternative<wire::Welcome>(f) &&
         !std::holds_alternative<wire::Sync>(f) && !std::holds_alternative<wire::Synced>(f) &&
         !std::holds_alternative<wire::Bye>(f);
}

}  // namespace

std::optional<blob::Row> attachment_at(Node& node, const ArchiveId& archive, const Digest& root) {
  const auto txn = must(node.replica().store().begin_read());
  const auto no = must(node::find_archive(*txn, archive));
  return no ? must(blob::find(*txn, {*no, root})) : std::nullopt;
}

bool somebody_has(World& world, const ArchiveId& archive, const Digest& root) {
  return std::ranges::any_of(world.all(), [&](Node* node) {
    const auto row = attachment_at(*node, archive, root);
    return row && row->whole();
  });
}

Wants wants(World& world, Node& node) {
  Wants out;
  if (!node.fetches && node.role != wire::Role::hub) return out;  // a hub asks for whoever wants it
  const auto txn = must(node.replica().store().begin_read());
  for (const auto& wanted : must(blob::wanted(*txn, SIZE_MAX))) {
    const auto archive = must(node::archive_info(*txn, wanted.archive))->id;
    (somebody_has(world, archive, wanted.root) ? out.what_is_there : out.in_vain) = true;
  }
  return out;
}

std::string check_quiet(World& world) {
  for (Node* node : world.all()) {
    const auto* known = world.hq().replica().directory()->node(node->identity.id);
    const bool waits = known == nullptr || !known->confirmed;  // it says again and again that it is here
    if (!node->running() || node == &world.hq()) continue;
    Node& hub = node->role == wire::Role::hub ? world.hq() : world.home_of(*node);
    const bool in_vain = wants(world, *node).in_vain;
    auto link = world.connect(*node, hub);
    std::string said;
    std::size_t frames = 0;
    link->tap = [&](bool up, const Bytes& frame) {
      ++frames;
      if (!tells(frame)) return;
      const auto received = must(wire::Received::decode(frame));
      const auto kind = received.frame().index();
      const auto& f = received.frame();
      if (in_vain && (std::holds_alternative<wire::BlobWant>(f) || std::holds_alternative<wire::BlobStates>(f))) return;
      if (waits && (std::holds_alternative<wire::Submit>(f) || std::holds_alternative<wire::Submitted>(f))) return;
      said += (up ? " up " : " down ") + std::to_string(kind);
    };
    world.run(*link);
    if (!link->initiator().outcome()) return node->name + ": " + link->initiator().outcome().error().code;
    if (!said.empty()) return node->name + " and " + hub.name + " still have something to say:" + said;
    if (frames > (waits || in_vain ? 12 : 6)) return node->name + " takes more than a round trip to learn of nothing";
  }
  return "";
}

namespace {

// Whoever knew a value and wrote another replaced it, whatever the clocks said.
std::string check_replaced(Node& node, const ReadTxn& txn) {
  for (node::ArchiveNo no = 1; no <= must(node::archive_count(txn)); ++no) {
    const auto reading = read_slowly(node, txn, *must(node::archive_info(txn, no)));
    for (const auto& [record, state] : reading.records) {
      for (const auto& field : state.fields()) {
        const auto resolved = merge::resolve(state, field, MergePolicy::latest, Permission::anyone);
        const auto standing = state.dots(field);
        for (const auto* value : state.values(field)) {
          if (resolved.winner != nullptr && std::ranges::count(value->replaces, resolved.winner->dot) > 0)
            return node.name + " shows a value that was replaced";
          if (std::ranges::find_first_of(standing, value->replaces) != standing.end())
            return node.name + " lets a value stand beside the one that replaced it";
        }
      }
    }
  }
  return "";
}

}  // namespace

std::string check_clocks(World& world) {
  for (Node* node : world.all()) {
    if (!node->running() || node->role == wire::Role::hub) continue;
    const auto directory = node->replica().directory();
    const auto txn = must(node->replica().store().begin_read());
    node::RecordReader reader(*txn, *directory, node->keyring());
    std::map<std::pair<ArchiveId, ChainId>, std::uint64_t> hybrids;
    for (node::Ordinal at = 1; at <= must(node::last_ordinal(*txn)); ++at) {
      const auto entry = must(node::entry_at(*txn, at));
      const auto no = must(node::find_archive(*txn, entry.header.archive));
      const auto info = must(node::archive_info(*txn, *no));
      const auto opened = reader.open(*info, at);
      if (!opened) continue;
      // In a chain, what was written later comes later, however the clock was turned in between.
      const auto [before, first] = hybrids.try_emplace({info->id, entry.header.chain}, opened->source.hybrid);
      if (!first && opened->source.hybrid <= before->second)
        return node->name + " orders two entries of one device by its clock";
      before->second = opened->source.hybrid;
      if (!opened->source.stamped) continue;
      // Hubs' clocks are right in this world, so no claim may count for more than now and two minutes.
      if (opened->source.effective.ms > world.time.ms + node::kStampGrace.count())
        return node->name + " believes a clock from the future";
      for (const auto& s : must(reader.stamps(at))) {
        if (opened->source.effective.ms > s.stamp.time.ms + node::kStampGrace.count())
          return node->name + " believes a clock more than two minutes beyond a stamp";
      }
    }
    if (auto wrong = check_replaced(*node, *txn); !wrong.empty()) return wrong;
  }
  return "";
}

std::string check_hubs_trusted(World& world) {
  for (Node* node : world.all()) {
    if (!node->running()) continue;
    const auto txn = must(node->replica().store().begin_read());
    for (const auto& word : must(node::broken_words(*txn))) {
      return node->name + " says that a hub broke its word (" + std::to_string(static_cast<int>(word.breach)) +
             ") about entry " + std::to_string(word.seq) + " of " + word.archive.hex().substr(0, 6);
    }
    if (must(node::directory_fork(*txn))) return node->name + " says that the directory has two histories";
  }
  return "";
}

}  // namespace satchel::sim
