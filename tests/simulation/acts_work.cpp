// SPDX-License-Identifier: AGPL-3.0-or-later
// What people do in the field: open customers, record visits, correct, attach.
#include "tests/simulation/driver.h"

namespace satchel::sim {

// A write that failed with an unknown outcome is known again only after a restart.
template <class T>
void Driver::note(Node& at, const Result<T>& result, const ArchiveId& archive) {
  if (!result) {
    ++counts_["writes refused"];
    watch_.codes.insert(result.error().code);
    if (result.error().code == "store.unknown") restart(at);
    return;
  }
  ++counts_["entries"];
  const auto txn = must(at.replica().store().begin_read());
  const auto no = must(node::find_archive(*txn, archive));
  const auto self = must(node::find_node(*txn, at.identity.id));
  const ChainId chain{at.identity.id, at.identity.incarnation};
  const auto head = must(node::head_of(*txn, *no, *self, chain))->chain.head;
  watch_.saved.push_back({archive, chain, head.seq, head.hash});
}

void Driver::open_customer() {
  Node& at = somebody();
  auto opened = world_.try_open_customer(at, std::string(kMarker) + std::to_string(roll(1000)));
  const ArchiveId id = opened ? *opened : ArchiveId{};
  note(at, opened, id);
}

bool Driver::write_visit(Node& at, const node::StoredArchive& info) {
  const auto visit = world_.try_add_visit(at, info.id, std::string(kMarker) + "拜访");
  note(at, visit, info.id);
  return visit.has_value();
}

void Driver::add_visit() {
  Node& at = somebody();
  if (const auto info = some_archive_to_write(at)) (void)write_visit(at, *info);
}

void Driver::edit() {
  Node& at = somebody();
  const auto info = some_archive_to_write(at);
  // Reading keeps derived tables, which must not meet the fault meant for a save.
  at.disk->fail_commit(0, CommitFault::full);
  if (!info || !at.deriver().apply()) return;
  const auto records = must(node::records_of(*must(at.replica().store().begin_read()), info->no));
  if (records.empty()) return;
  const auto& record = records[static_cast<std::size_t>(roll(static_cast<int>(records.size())))].first;
  const char* field = once_in(2) ? "phone" : "grade";
  const auto value = std::string(kMarker) + std::to_string(roll(100));
  note(at, world_.try_set_field(at, info->id, record, "customer", field, value), info->id);
}

void Driver::attach() {
  Node& at = somebody();
  const auto info = some_archive_to_write(at);
  at.disk->fail_commit(0, CommitFault::full);
  if (!info || !at.deriver().apply()) return;
  const auto records = must(node::records_of(*must(at.replica().store().begin_read()), info->no));
  if (records.empty()) return;
  const RecordId record = records.front().first;
  Bytes content(static_cast<std::size_t>(1 + roll(3000)));
  for (auto& b : content) b = static_cast<Byte>(roll(256));
  const auto done = world_.try_attach(at, info->id, record, "customer", content);
  note(at, done, info->id);
  if (!done) return;
  ++counts_["attachments"];
  watch_.files.push_back({info->id, record, at.person, at.identity.id, content});
}

// A new epoch though none is due, as a careful person may ask for.
void Driver::rotate() {
  Node& at = somebody();
  const auto info = some_archive_to_write(at);
  const auto directory = at.replica().directory();
  if (!info || directory->right(at.identity.id, node::access_of(*info)) != WriteRight::now) return;
  const auto done = at.replica().write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
    node::Scribe scribe(txn, effects.directory(), at.identity, at.keyring(), at.entropy,
                        {at.clock.wall(), at.clock.mono(), true});
    SATCHEL_GET(epoch, scribe.rotate(*info));
    (void)epoch;
    SATCHEL_TRY(scribe.write(*info, {}));
    return scribe.finish();
  });
  if (done) ++counts_["epochs"];
  note(at, done, info->id);
}

// 3 holds at any time, not only when everything has been told.
void Driver::peek() {
  ++counts_["peeks"];
  if (auto wrong = check_same_state(world_); !wrong.empty()) watch_.fail(wrong);
}

}  // namespace satchel::sim
