// SPDX-License-Identifier: AGPL-3.0-or-later
// What follows from the log at each node, held against the slow way.
#include "sync/blob/shelf.h"
#include "sync/node/attachments.h"
#include "sync/node/dropping.h"
#include "sync/node/lease.h"
#include "tests/simulation/invariants.h"

namespace satchel::sim {

namespace {

constexpr DomainLabel kDiskLabel{"satchel sim disk"};

// Archives the node may read now, whole or in part.
std::vector<node::StoredArchive> readable(Node& node, const ReadTxn& txn, const WorldTime& time) {
  std::vector<node::StoredArchive> out;
  const auto directory = node.replica().directory();
  for (node::ArchiveNo no = 1; no <= must(node::archive_count(txn)); ++no) {
    auto info = *must(node::archive_info(txn, no));
    if (directory->may_read(node.identity.id, node::access_of(info), {time.ms})) out.push_back(std::move(info));
  }
  return out;
}

bool in_step(World& world, Node& node) {
  return node.running() && node.role != wire::Role::hub &&
         node.replica().directory()->position() == world.hq().replica().directory()->position();
}

}  // namespace

std::string check_arrived(World& world, const Watch& watch) {
  const auto txn = must(world.hq().replica().store().begin_read());
  for (const auto& entry : watch.saved) {
    if (watch.now().is_destroyed(entry.archive)) continue;
    const auto no = must(node::find_archive(*txn, entry.archive));
    // Nobody confirmed that device: what it wrote is unsent, and says so (check_named).
    const KnownNode* author = watch.now().node(entry.chain.node);
    if (author == nullptr || !author->confirmed) {
      const auto known = no ? must(node::find_node(*txn, entry.chain.node)) : std::nullopt;
      if (known && must(node::head_of(*txn, *no, *known, entry.chain)))
        return "headquarters took work of a device that nobody confirmed";
      continue;
    }
    // A hub refuses what was never its author's to write; that is said to the author (check_named).
    if (no && !JudgementModel(watch, *must(node::archive_info(*txn, *no)), entry.chain).ever()) continue;
    if (auto wrong = check_saved(world, {entry}, world.hq()); !wrong.empty()) return wrong;
  }
  return "";
}

namespace {

// Its author let go of it when a branch's hub had it; that hub's disk died before it was handed up.
bool let_go_of(World& world, const ArchiveId& archive, const Digest& root) {
  return std::ranges::any_of(world.all(), [&](Node* node) {
    const auto row = attachment_at(*node, archive, root);
    return row && row->own && row->at_hub && !row->whole();
  });
}

}  // namespace

std::string check_files(World& world, const Watch& watch, bool hubs_died) {
  const auto hq = must(world.hq().replica().store().begin_read());
  for (const auto& file : watch.files) {
    const auto at_hq = must(node::find_archive(*hq, file.archive));
    if (!at_hq || watch.now().is_destroyed(file.archive)) continue;
    const auto info = *must(node::archive_info(*hq, *at_hq));
    if (watch.now().right(file.node, node::access_of(info)) != WriteRight::now) continue;
    const auto rows = must(blob::rows(*hq, *at_hq));
    if (rows.empty()) return "headquarters lost every attachment of an archive";
    for (Node* node : world.all()) {
      if (!node->fetches || !in_step(world, *node)) continue;
      const auto txn = must(node->replica().store().begin_read());
      const auto no = must(node::find_archive(*txn, file.archive));
      if (!no) continue;
      const auto here = *must(node::archive_info(*txn, *no));
      if (!node->replica().directory()->may_read(node->identity.id, node::access_of(here), {world.time.ms})) continue;
      const auto reading = read_slowly(*node, *txn, here);
      const auto record = reading.records.find(file.record);
      if (reading.unread > 0 || record == reading.records.end()) continue;
      bool found = false, excused = false;
      for (const auto& attached : node::attachments_in(record->second)) {
        Bytes content;
        const auto read = node::read_attachment(node->replica(), node->keyring(), here, attached.manifest,
                                                [&](View part) -> Result<void> {
                                                  content.insert(content.end(), part.begin(), part.end());
                                                  return {};
                                                });
        if (read) {
          found = found || content == file.content;
        } else if (somebody_has(world, file.archive, attached.manifest.root)) {
          return node->name + " cannot read an attachment: " + read.error().code;
        } else {  // this one, or another's that went with his disk
          excused = excused || (hubs_died && let_go_of(world, file.archive, attached.manifest.root));
        }
      }
      if (!found && !excused) return node->name + " lost an attachment";
    }
  }
  return "";
}

namespace {

std::string check_index(Node& node, const ReadTxn& txn, const node::StoredArchive& info) {
  const auto reading = read_slowly(node, txn, info);
  const auto obeyed = node.replica().obeyed();
  node::RecordReader reader(txn, *obeyed, node.keyring());
  std::size_t found = 0;
  for (const auto& [record, index] : must(node::records_of(txn, info.no))) {
    for (std::size_t i = 1; i < index.ordinals.size(); ++i) {
      if (index.ordinals[i] <= index.ordinals[i - 1]) return " counts an entry twice";
    }
    const auto loaded = must(reader.load(info, record, index.ordinals));
    const auto slow = reading.records.find(record);
    if (slow == reading.records.end()) {
      if (!loaded.state.empty()) return " derives a record from nothing";
      continue;
    }
    ++found;
    std::size_t values = 0;
    for (const auto& field : loaded.state.fields()) values += loaded.state.values(field).size();
    if (values != reading.operations.at(record)) return " does not count every operation once";
    if (!(loaded.state == slow->second)) return " derives another state than its log gives";
  }
  return found == reading.records.size() ? "" : " derived no trace of a record";
}

}  // namespace

std::string check_once(World& world) {
  for (Node* node : world.all()) {
    if (!in_step(world, *node)) continue;
    must(node->deriver().apply());
    const auto txn = must(node->replica().store().begin_read());
    std::set<std::pair<std::uint32_t, std::uint32_t>> places;
    for (node::ArchiveNo no = 1; no <= must(node::archive_count(*txn)); ++no) {
      for (const auto& [record, index] : must(node::records_of(*txn, no))) {
        if (index.place.sheet == 0) continue;
        if (!places.insert({index.place.sheet, index.place.position}).second)
          return node->name + " keeps two records in one row";
      }
    }
    if (must(txn->count(Table::sheets)) != places.size()) return node->name + " counts a row that is no record's";
    for (const auto& info : readable(*node, *txn, world.time)) {
      if (auto wrong = check_index(*node, *txn, info); !wrong.empty()) return node->name + wrong;
    }
  }
  return "";
}

std::string check_same_state(World& world) {
  std::map<Digest, std::pair<std::string, Bytes>> known;
  for (Node* node : world.all()) {
    if (!node->running() || node->role == wire::Role::hub) continue;
    const auto txn = must(node->replica().store().begin_read());
    for (const auto& info : readable(*node, *txn, world.time)) {
      const auto reading = read_slowly(*node, *txn, info);
      if (reading.unread > 0) continue;  // not all of it is given to this one, or not yet
      const auto state = state_bytes(reading);
      const auto [first, fresh] = known.try_emplace(inputs_of(*node, *txn, info), node->name, state);
      if (!fresh && first->second.second != state)
        return node->name + " and " + first->second.first + " hold the same and read it differently";
    }
  }
  return "";
}

std::string check_judged(World& world, const Watch& watch) {
  std::map<std::pair<ArchiveId, ChainId>, JudgementModel> models;
  for (Node* node : world.all()) {
    if (!node->running()) continue;
    const bool hub = node->role == wire::Role::hub;
    if (!hub && !in_step(world, *node)) continue;
    const auto directory = node->replica().directory();
    const auto txn = must(node->replica().store().begin_read());
    node::RecordReader reader(*txn, *directory, hub ? world.admin().keyring() : node->keyring());
    for (node::ArchiveNo no = 1; no <= must(node::archive_count(*txn)); ++no) {
      const auto info = *must(node::archive_info(*txn, no));
      if (watch.now().is_destroyed(info.id)) continue;
      if (!hub && !directory->may_read(node->identity.id, node::access_of(info), {world.time.ms})) continue;
      for (const auto& head : must(node::heads_of(*txn, no))) {
        const ChainId& author = head.chain.chain;
        const auto& model = models.try_emplace({info.id, author}, watch, info, author).first->second;
        if (hub && !model.ever()) return node->name + " took work in a foreign archive";
        if (hub) continue;
        for (const auto ordinal : must(node::chain_after(*txn, head, 0))) {
          const auto header = must(node::entry_at(*txn, ordinal)).header;
          const auto judged = must(reader.judge(info, header, ordinal));
          const auto expected = model.judge({header.chain.incarnation, header.seq}, must(reader.stamps(ordinal)));
          if (judged != expected)
            return node->name + " judges entry " + std::to_string(header.seq) + " " +
                   std::to_string(static_cast<int>(judged)) + ", not " + std::to_string(static_cast<int>(expected));
        }
      }
    }
  }
  return "";
}

namespace {

Digest digest_of_disk(Node& node) {
  const auto txn = must(node.replica().store().begin_read());
  Writer out(1 << 16);
  for (std::size_t table = 0; table < kTableCount; ++table) {
    out.u32(static_cast<std::uint32_t>(table));
    must(scan_prefix(*txn, static_cast<Table>(table), {}, [&](KeyValue pair) {
      out.sized(pair.key).sized(pair.value);
      return true;
    }));
  }
  return hash(kDiskLabel, out.bytes());
}

// What every program does when it opens a vault.
void open_as_a_program(Node& node) {
  node.stop();
  node.start();
  if (node.role == wire::Role::hub) return;
  must(node::count_lease(node.replica(), node.keyring()));
  must(node::drop_what_is_lost(node.replica(), node.keyring(), node.clock.wall()));
  must(node.deriver().apply());
}

}  // namespace

std::string check_restart(Node& node) {
  open_as_a_program(node);
  const auto once = digest_of_disk(node);
  const auto directory = *node.replica().directory();
  open_as_a_program(node);
  if (digest_of_disk(node) != once) return node.name + " changes when it is started again";
  return *node.replica().directory() == directory ? "" : node.name + " remembers another directory than it replays";
}

}  // namespace satchel::sim
