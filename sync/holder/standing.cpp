// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/holder/standing.h"

#include "sync/holder/enrol.h"
#include "sync/node/batches.h"
#include "sync/node/drafts.h"

namespace satchel::holder {

namespace fs = std::filesystem;

namespace {

void tell_who(const Device& device, const Directory& directory, Standing& out) {
  out.organisation = directory.founded() ? directory.name() : device.config().org_name;
  out.org = device.config().org;
  out.node = device.identity().id;
  out.incarnation = device.identity().incarnation;
  out.fingerprint = fingerprint_of(device);
  out.directory = directory.position();
  out.directory_time = directory.last_hub_time();
  const KnownNode* self = directory.node(out.node);
  if (self == nullptr) return;
  out.known = true;
  out.state = self->state();
  const Person* person = directory.person(self->person);
  if (person == nullptr) return;
  out.person = person->id;
  out.person_name = person->name;
  out.role = person->role();
  const Branch* branch = directory.branch(person->branch());
  if (branch != nullptr) out.branch = branch->name;
}

// The claimed time of the oldest own entry that no hub has acknowledged.
Result<WallTime> oldest_unsent(Device& device, const ReadTxn& txn, const Directory& directory, std::uint64_t unsent) {
  const ChainId self = device.replica().self().chain();
  SATCHEL_GET(last, node::last_ordinal(txn));
  node::Ordinal oldest = 0;
  for (node::Ordinal at = last; at > 0 && unsent > 0; --at) {
    SATCHEL_GET(entry, node::entry_at(txn, at));
    if (entry.header.chain.node != self.node) continue;
    oldest = at;
    --unsent;
  }
  if (oldest == 0) return WallTime{};
  SATCHEL_GET(entry, node::entry_at(txn, oldest));
  SATCHEL_GET(no, node::find_archive(txn, entry.header.archive));
  if (!no) return WallTime{};
  SATCHEL_GET(info, node::archive_info(txn, *no));
  node::RecordReader reader(txn, directory, device.keyring());
  const auto opened = reader.open(*info, oldest);
  return opened ? opened->source.claimed : WallTime{};
}

Result<WallTime> shown_through(const ReadTxn& txn, const NodeId& hub) {
  SATCHEL_GET(no, node::find_node(txn, hub));
  if (!no) return WallTime{};
  SATCHEL_GET(incarnation, node::hub_incarnation(txn, hub));
  return node::shown_through(txn, *no, incarnation);
}

// How far own work has come, by the hubs' stamps on its batches.
Result<void> count_receipts(const ReadTxn& txn, const Directory& directory, Standing& out) {
  SATCHEL_GET(batches, txn.count(Table::batches));
  for (node::BatchNo no = 1; no <= batches; ++no) {
    SATCHEL_GET(batch, node::batch_at(txn, no));
    if (batch.batch.author.node != out.node) continue;
    SATCHEL_GET(stamps, node::stamps_of(txn, no));
    const bool top = std::ranges::any_of(stamps, [&](const node::StoredStamp& s) {
      const KnownNode* hub = directory.node(s.stamp.hub.node);
      return hub != nullptr && hub->hq_hub;
    });
    if (!stamps.empty()) (top ? out.at_hq : out.at_branch) += batch.batch.entries;
  }
  return {};
}

std::uint64_t size_on_disk(const fs::path& folder) {
  std::uint64_t bytes = 0;
  std::error_code error;
  for (auto at = fs::recursive_directory_iterator(folder, error); !error && at != fs::end(at); at.increment(error)) {
    std::error_code ignored;
    if (at->is_regular_file(ignored)) bytes += at->file_size(ignored);
  }
  return bytes;
}

Result<void> tell_takings(const ReadTxn& txn, const node::Obeyed& obeyed, Standing& out) {
  out.ended = obeyed.directory->gone_at(out.node) && !obeyed.ordered->gone_at(out.node);
  if (obeyed.restrictions.empty()) return {};
  SATCHEL_GET(pending, node::all_pending(txn));
  for (const auto& p : pending) {
    if (std::ranges::find(obeyed.restrictions, p.id) == obeyed.restrictions.end()) continue;
    SATCHEL_GET(envelope, decode_envelope(p.envelope));
    const auto& said = envelope.statement();
    const Person* by = obeyed.ordered->person(said.person);
    if (said.by != out.node)
      out.takings.push_back({p.id, said.kind, by != nullptr ? by->name : std::string{}, said.claimed});
  }
  return {};
}

}  // namespace

Result<Standing> standing_of(Device& device) {
  SATCHEL_TRY(device.replica().refresh());
  SATCHEL_TRY(device.derive());
  Standing out;
  const auto directory = device.directory();
  tell_who(device, *directory, out);
  out.node_role = device.replica().self().role;
  SATCHEL_GET(attention, attention_of(device));
  out.conflicts = attention.contested.size();
  out.held = attention.held;
  out.requests = directory->requests_to(out.person, device.clock().wall());
  SATCHEL_GET(locked, locked_customers(device));
  out.locked_customers = std::move(locked);
  out.lease = device.lease();
  out.put_right = Millis{device.clock().wall().ms - device.clock().own().ms};
  out.life = device.life();
  out.broken_packs = device.deriver().packs().broken;
  SATCHEL_GET(txn, device.replica().store().begin_read());
  SATCHEL_GET(archives, node::archive_count(*txn));
  SATCHEL_GET(entries, node::last_ordinal(*txn));
  SATCHEL_GET(unsent, node::count_unsent(*txn, device.replica().self().chain()));
  SATCHEL_GET(oldest, oldest_unsent(device, *txn, *directory, unsent));
  SATCHEL_GET(forks, txn->count(Table::forks));
  SATCHEL_GET(statements, waiting_statements(*txn, out.node));
  SATCHEL_GET(exchanges, last_exchanges(*txn));
  SATCHEL_GET(attachments, blob::totals(*txn));
  SATCHEL_GET(restored, node::restored_of(*txn));
  out.restored = restored;
  // Their keys are kept back, not missing.
  out.locked = device.lease().over || (restored && restored->waiting) ? 0 : attention.locked;
  SATCHEL_GET(backups, node::known_backups(*txn));
  out.backups = std::move(backups);
  out.attachments = attachments;
  SATCHEL_GET(sizes, device.replica().sizes().read(*txn));
  for (const auto bytes : sizes) out.volume.bytes += bytes;
  out.volume.archives = archives;
  out.volume_limit = node::volume_limit(*directory);
  SATCHEL_GET(kept_back, node::count_kept_back(*txn));
  out.kept_back = kept_back;
  SATCHEL_GET(against_hubs, node::hub_findings(*txn, *directory));
  out.against_hubs = std::move(against_hubs);
  SATCHEL_GET(shredding, node::shredding_owed(*txn));
  out.shredding = shredding;
  out.archives = archives;
  out.entries = entries;
  out.unsent = unsent;
  SATCHEL_GET(drafts, node::count_drafts(*txn));
  out.drafts = drafts;
  out.oldest_unsent = oldest;
  SATCHEL_TRY(count_receipts(*txn, *directory, out));
  out.forks = forks;
  out.statements = std::move(statements);
  SATCHEL_TRY(tell_takings(*txn, *device.replica().obeyed(), out));
  for (const auto& hub : known_hubs(device)) {
    Standing::Hub line{hub.address, hub.address, false, {hub.node, {}, {}, {}, {}}, {}};
    if (const KnownNode* info = directory->node(hub.node)) {
      if (!info->name.empty()) line.name = info->name;
      line.headquarters = info->hq_hub;
    }
    const auto last = std::ranges::find(exchanges, hub.node, &LastExchange::hub);
    if (last != exchanges.end()) line.last = *last;
    SATCHEL_GET(shown, shown_through(*txn, hub.node));
    line.shown_through = shown;
    out.hubs.push_back(std::move(line));
  }
  for (const auto& range : directory->numbers(out.node, out.incarnation)) out.numbers_leased += range.count;
  out.disk_bytes = size_on_disk(device.folder());
  return out;
}

}  // namespace satchel::holder
