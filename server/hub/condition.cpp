// SPDX-License-Identifier: AGPL-3.0-or-later
#include "server/hub/condition.h"

#include "sync/node/backups.h"
#include "sync/node/shredding.h"
#include "sync/store/lmdb_store.h"

namespace satchel::hub {

namespace {

void count_people(const Directory& directory, Condition& out) {
  for (const auto& [id, person] : directory.people()) out.persons += person.active() ? 1 : 0;
  out.branches = directory.branches().size();
  for (const auto& [id, node] : directory.nodes()) {
    if (node.state() == NodeState::enrolled) ++out.unconfirmed;
    out.copied += node.frozen_now() && !node.revoked ? 1 : 0;
    if (node.state() != NodeState::confirmed) continue;
    ++(node.kind == NodeKind::device ? out.devices : node.kind == NodeKind::hub ? out.hubs : out.readers);
  }
}

void describe_self(const Directory& directory, Condition& out) {
  out.org_name = directory.name();
  out.directory = directory.position();
  const KnownNode* self = directory.node(out.hub);
  if (self == nullptr) return;
  out.headquarters = self->hq_hub;
  out.confirmed = self->state() == NodeState::confirmed;
  out.revoked = self->revoked.has_value();
  out.name = self->name;
  out.address = self->address;
  const Branch* branch = directory.branch(self->branch);
  if (branch != nullptr) out.branch = branch->name;
}

Result<void> count_log(const ReadTxn& txn, Condition& out) {
  SATCHEL_GET(archives, node::archive_count(txn));
  out.archives = archives;
  SATCHEL_GET(entries, txn.count(Table::log));
  out.entries = entries;
  SATCHEL_GET(batches, txn.count(Table::batches));
  out.batches = batches;
  SATCHEL_GET(forks, txn.count(Table::forks));
  out.forks = forks;
  SATCHEL_GET(pending, node::all_pending(txn));
  SATCHEL_GET(backups, node::known_backups(txn));
  if (!backups.empty()) out.backup = backups.front().made;
  for (const auto& b : backups) out.backup_verified = std::max(out.backup_verified, b.verified);
  for (const auto& p : pending) out.pending += p.status == wire::SubmitStatus::pending ? 1 : 0;
  SATCHEL_GET(attachments, blob::totals(txn));
  out.attachments = attachments;
  SATCHEL_GET(upstream, last_exchange(txn));
  out.upstream = upstream;
  SATCHEL_GET(owed, node::shredding_owed(txn));
  if (owed) out.shredding_since = owed->since;
  return {};
}

Result<void> weigh_devices(const ReadTxn& txn, node::Replica& replica, Condition& out) {
  const auto directory = replica.directory();
  out.volume_limit = node::volume_limit(*directory);
  SATCHEL_GET(near, node::near_limit(txn, replica.sizes(), *directory, replica.store().bytes_at_most(),
                                     replica.clock().wall()));
  for (const auto& device : near) {
    const Person* person = directory->person(device.person);
    out.names[device.node] = person != nullptr ? person->name : device.person.hex();
  }
  out.near_limit = std::move(near);
  return {};
}

}  // namespace

Result<Condition> condition_of(const HubFolder& folder, Clock& clock, Entropy& entropy) {
  SATCHEL_GET(open, open_hub(folder, true));
  Condition out;
  out.running = ServeLock::held(folder);
  out.org = open.config.org;
  out.name = open.config.name;
  out.listen = format_address(open.config.listen);
  out.hub = open.identity.id;
  out.incarnation = open.identity.incarnation;
  node::Self self{open.identity, open.config.org, wire::Role::hub};
  SATCHEL_GET(replica, node::Replica::open(*open.store, clock, entropy, std::move(self)));
  describe_self(*replica->directory(), out);
  out.order_waits = out.headquarters && !node::may_order(replica->self(), *replica->directory());
  count_people(*replica->directory(), out);
  SATCHEL_GET(txn, open.store->begin_read());
  SATCHEL_TRY(count_log(*txn, out));
  SATCHEL_TRY(weigh_devices(*txn, *replica, out));
  SATCHEL_GET(against_hubs, node::hub_findings(*txn, *replica->directory()));
  out.against_hubs = std::move(against_hubs);
  std::error_code ignored;
  out.disk_used = std::filesystem::file_size(folder.store() / "data.mdb", ignored);
  out.disk_free = std::filesystem::space(folder.root, ignored).available;
  return out;
}

}  // namespace satchel::hub
