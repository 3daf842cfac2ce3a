// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/simulation/watch.h"

#include "sync/node/grants.h"
#include "tests/simulation/readings.h"

namespace satchel::sim {

namespace {

constexpr std::size_t kNonceBytes = 24;

std::string at_node(const Node& node, const std::string& what) { return node.name + ": " + what; }

}  // namespace

Watch::Watch(World& world) : world_(world), history_(1, Directory(world.org())), statements_(1) {
  world.overhear = [this](Node& from, Node& to, bool up, const Bytes& frame) { overhear(from, to, up, frame); };
}

Watch::~Watch() { world_.overhear = {}; }

std::string Watch::after_step() {
  for (Node* node : world_.all()) {
    if (!node->running()) continue;
    if (auto wrong = look(*node); !wrong.empty()) return wrong;
  }
  if (auto wrong = follow_headquarters(); !wrong.empty()) return wrong;
  return leak_;
}

const std::map<NamedKey, Position>& Watch::keys_of(const ArchiveId& archive) const {
  static const std::map<NamedKey, Position> kNone;
  const auto found = keys_.find(archive);
  return found == keys_.end() ? kNone : found->second;
}

std::string Watch::look(Node& node) {
  Sight& sight = nodes_[node.name];
  if (sight.commits == node.disk->commits()) return "";
  const auto txn = must(node.replica().store().begin_read());
  for (const auto check : {&Watch::look_at_entries, &Watch::look_at_directory, &Watch::look_at_destroyed}) {
    if (auto wrong = (this->*check)(node, *txn, sight); !wrong.empty()) return at_node(node, wrong);
  }
  sight.commits = node.disk->commits();
  return "";
}

// How far its author knew what was said of the archive when it wrote this; a hub that did not have the archive withheld
// words about it.
Position Watch::known_of(Node& at, const Header& header) const {
  Position known = header.directory;
  const auto facts = now().archive_facts().find(header.archive);
  if (header.chain.node != at.identity.id || facts == now().archive_facts().end()) return known;
  const auto& withheld = at.replica().directory()->withheld();
  for (const auto& fact : facts->second) {
    if (fact.said.at <= known && withheld.contains(fact.said.statement))
      known = {fact.said.at.incarnation, fact.said.at.n - 1};
  }
  return known;
}

// 5: each log gap-free, linked, one entry a seq; 6: what a node held it goes on holding, and extends it; 16.
std::string Watch::look_at_entries(Node& node, const ReadTxn& txn, Sight& sight) {
  const auto last = must(node::last_ordinal(txn));
  if (last < sight.looked) return "the log became shorter";
  for (auto at = sight.looked + 1; at <= last; ++at) {
    const auto entry = must(node::entry_at(txn, at));
    const auto& header = entry.header;
    Chain& chain = sight.chains[{header.archive, header.chain}];
    if (header.seq != chain.seq + 1) return "gap in a chain, or two entries of one seq";
    if (header.previous != chain.hash || entry.previous != chain.last) return "broken link in a chain";
    if (!entry.body.empty() && body_hash(entry.body) != header.body) return "a body is not what its header says";
    if (clear_hash(entry.clear) != header.clear) return "a clear part is not what its header says";
    chain = {header.seq, header_hash(header.encode()), at};
    if (auto wrong = note_nonce(entry.body, chain.hash); !wrong.empty()) return wrong;
    const auto opening = Opening::decode(entry.clear);
    if (!opening || opening->wraps.empty()) continue;
    const auto known = known_of(node, header);
    auto& named = keys_[header.archive].try_emplace({opening->epoch, opening->key}, known).first->second;
    named = std::min(named, known);
  }
  sight.looked = last;
  std::size_t heads = 0;
  for (node::ArchiveNo no = 1; no <= must(node::archive_count(txn)); ++no) {
    const auto info = must(node::archive_info(txn, no));
    for (const auto& head : must(node::heads_of(txn, no))) {
      ++heads;
      const auto known = sight.chains.find({info->id, head.chain.chain});
      if (known == sight.chains.end()) return "a head without entries";
      const Chain& chain = known->second;
      if (head.chain.head.seq != chain.seq || head.chain.head.hash != chain.hash || head.last != chain.last)
        return "a head is not its chain's end";
    }
  }
  return heads == sight.chains.size() ? "" : "entries outside all chains";
}

// The directory is a log, too: what stood at a place stands there for ever.
std::string Watch::look_at_directory(Node& node, const ReadTxn& txn, Sight& sight) {
  const auto directory = node.replica().directory();
  if (directory->position() < sight.directory) return "the directory went back";
  if (sight.directory.n > 0 && must(node::order_hash_at(txn, sight.directory)) != sight.order_hash)
    return "a statement was replaced by another";
  if (auto wrong = look_at_obeyed(node, txn); !wrong.empty()) return wrong;
  sight.directory = directory->position();
  sight.order_hash = directory->last_order_hash();
  return "";
}

// What a hub was handed that takes a right away, it obeys before headquarters orders it.
std::string Watch::look_at_obeyed(Node& node, const ReadTxn& txn) {
  if (node.role != wire::Role::hub || &node == &world_.hq()) return "";
  const auto ordered = node.replica().directory();
  const auto obeyed = node.replica().obeyed()->directory;
  for (const auto& pending : must(node::all_pending(txn))) {
    const auto envelope = must(decode_envelope(pending.envelope));
    if (pending.status == wire::SubmitStatus::refused) continue;
    if (!ordered->check(envelope, node.clock.wall())) return "";
    if (const auto revoked = decode_payload<payload::NodeRevoked>(envelope.statement().payload);
        revoked && envelope.statement().kind == StatementKind::node_revoked && !obeyed->lost_at(revoked->node))
      return "a revocation is not obeyed where it was handed in";
    if (const auto left = decode_payload<payload::PersonChanged>(envelope.statement().payload);
        left && envelope.statement().kind == StatementKind::person_changed && left->active == false &&
        ordered->person(left->person)->active() && obeyed->person(left->person)->active())
      return "somebody who left still has every right where it was handed in";
    return "";  // what is said after it may hang on it
  }
  return "";
}

// 13: what was destroyed does not come back. Hubs let go as they are told, devices at their next upkeep.
std::string Watch::look_at_destroyed(Node& node, const ReadTxn& txn, Sight& sight) {
  const auto directory = node.replica().directory();
  for (const auto& [archive, destroyed] : directory->all_destroyed()) {
    const auto no = must(node::find_archive(txn, archive));
    if (!no) continue;
    bool holds = !must(node::wraps_of(txn, *no)).empty();
    for (const auto& head : must(node::heads_of(txn, *no))) {
      for (const auto ordinal : must(node::chain_after(txn, head, 0)))
        holds = holds || !must(node::entry_at(txn, ordinal)).body.empty();
    }
    if (!holds) sight.gone.insert(archive);
    if (holds && sight.gone.contains(archive)) return "a destroyed archive came back";
    if (holds && node.role == wire::Role::hub) return "a hub keeps what was destroyed";
  }
  return "";
}

// 16: no nonce under two entries. They are 24 random bytes, so none repeats under any key.
std::string Watch::note_nonce(View sealed, const Digest& of) {
  if (sealed.size() < kNonceBytes) return "";
  std::array<Byte, kNonceBytes> nonce{};
  std::copy_n(sealed.begin(), kNonceBytes, nonce.begin());
  const auto [known, fresh] = nonces_.emplace(nonce, of);
  return fresh || known->second == of ? "" : "a nonce was used twice";
}

std::string Watch::follow_headquarters() {
  const auto directory = world_.hq().replica().directory();
  if (history_.back().position() == directory->position()) return "";
  const auto txn = must(world_.hq().replica().store().begin_read());
  const auto run = must(node::run_after(*txn, history_.back().position(), [](auto&&...) { return true; }));
  for (const auto& record : run.records) {
    Directory next = history_.back();
    const auto ordered = must(decode_ordered(record.ordered));
    const auto envelope = must(decode_envelope(record.envelope));
    const auto effect = next.apply(ordered, &envelope);
    if (!effect) return "headquarters ordered what does not follow: " + effect.error().code;
    history_.push_back(std::move(next));
    statements_.push_back(ordered.statement);
  }
  return "";
}

// 9: a hub gives nobody what the hub itself obeys is not theirs.
void Watch::overhear(Node& from, Node& to, bool up, const Bytes& frame) {
  frames_.push_back(frame);
  if (up || to.role == wire::Role::hub || !leak_.empty()) return;
  const auto received = wire::Received::decode(frame);
  if (!received) return;
  std::set<ArchiveId> told;
  if (const auto* served = std::get_if<wire::Served>(&received->frame())) {
    for (const View bytes : served->wraps) {
      if (const auto wrap = Wrap::decode(bytes)) told.insert(wrap->archive);
    }
  } else if (const auto* parcel = std::get_if<wire::Parcel>(&received->frame())) {
    for (const auto& segment : parcel->chains) told.insert(segment.archive);
  } else if (const auto* page = std::get_if<wire::Touched>(&received->frame())) {
    for (const auto& item : page->items) told.insert(item.archive);
  }
  if (told.empty()) return;
  const auto obeyed = from.replica().obeyed();
  const auto txn = from.replica().store().begin_read();
  if (!txn) return;  // its disk just failed
  for (const auto& archive : told) {
    const auto no = must(node::find_archive(**txn, archive));
    if (!no) continue;
    const auto info = must(node::archive_info(**txn, *no));
    if (!reads(*obeyed->directory, to.identity.id, *info, from.clock.wall()))
      leak_ = from.name + " gives " + to.name + " what it may not read (frame " +
              std::to_string(received->frame().index()) + ")";
  }
}

}  // namespace satchel::sim
