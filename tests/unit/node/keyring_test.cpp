// SPDX-License-Identifier: AGPL-3.0-or-later
// Who can open an archive: its opener, whom it was wrapped for, and nobody else; and what forgetting means.
#include "sync/node/dropping.h"
#include "sync/node/grants.h"
#include "sync/node/outbox.h"
#include "tests/unit/node/desk.h"

using namespace satchel;
using namespace satchel::node_test;

namespace {

node::StoredArchive info_at(sim::Node& at, const ArchiveId& archive) {
  auto txn = must(at.replica().store().begin_read());
  return must(node::archive_info(*txn, must(node::find_archive(*txn, archive)).value())).value();
}
Result<Secret32> key_at(sim::Node& at, const ArchiveId& archive, std::uint32_t epoch = 0) {
  auto txn = must(at.replica().store().begin_read());
  const auto info = info_at(at, archive);
  return at.keyring().epoch_key(*txn, *at.replica().directory(), info, {epoch, info.key});
}

}  // namespace

TEST_CASE("keyring: the opener and the branch's manager have the key, a colleague has not", "[node][keyring]") {
  Desk desk;
  sim::Node& manager = desk.world.device("manager", Role::branch_manager, "branch1");
  desk.world.settle(3);
  const auto archive = desk.world.open_customer(desk.rep, "福田百货");
  desk.world.settle(2);
  const auto key = must(key_at(desk.rep, archive));
  CHECK(key_id(key) == info_at(desk.rep, archive).key);
  CHECK(key_id(must(key_at(manager, archive))) == key_id(key));

  // The colleague even has every byte the hub holds.
  auto arrival = desk.next_parcel(desk.rep);
  must(desk.push(desk.other, arrival.parcel(), desk.rep));
  const auto refused = key_at(desk.other, archive);
  CHECK(code(refused) == "keyring.no-key");
  CHECK(refused.error().kind == ErrorKind::permission);
  CHECK(code(key_at(desk.rep, archive, 1)) == "keyring.no-key");
}

TEST_CASE("keyring: keys survive a restart under the vault, and open under no other", "[node][keyring]") {
  Desk desk;
  const auto archive = desk.world.open_customer(desk.rep, "福田百货");
  const auto before = key_id(must(key_at(desk.rep, archive)));
  desk.rep.stop();
  desk.rep.start();
  CHECK(key_id(must(key_at(desk.rep, archive))) == before);
  desk.rep.stop();
  desk.rep.vault_key = Secret32::random(desk.rep.entropy);
  desk.rep.start();
  CHECK(code(key_at(desk.rep, archive)) == "seal.broken");
}

TEST_CASE("keyring: dropping the keys and the wraps makes the archive unreadable here", "[node][keyring]") {
  Desk desk;
  const auto archive = desk.world.open_customer(desk.rep, "福田百货");
  const auto info = info_at(desk.rep, archive);
  must(desk.rep.replica().write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
    SATCHEL_TRY(desk.rep.keyring().drop(txn, info));
    std::vector<Bytes> keys;
    SATCHEL_TRY(scan_prefix(txn, Table::grants, node::key_of(info.no), [&](KeyValue pair) {
      keys.push_back(copy(pair.key));
      return true;
    }));
    for (const auto& key : keys) SATCHEL_TRY(txn.erase(Table::grants, key));
    return {};
  }));
  CHECK(code(key_at(desk.rep, archive)) == "keyring.no-key");
  desk.rep.stop();
  desk.rep.start();
  CHECK(code(key_at(desk.rep, archive)) == "keyring.no-key");
}

TEST_CASE("keyring: a key that is not the archive's is none", "[node][keyring]") {
  Desk desk;
  const auto archive = desk.world.open_customer(desk.rep, "福田百货");
  auto info = info_at(desk.rep, archive);
  info.key.bytes[0] ^= 1;
  auto txn = must(desk.rep.replica().store().begin_read());
  CHECK(code(desk.rep.keyring().epoch_key(*txn, *desk.rep.replica().directory(), info, {0, info.key})) ==
        "keyring.no-key");
}

TEST_CASE("keyring: a wrap made later opens for its audience, and for one epoch only", "[node][keyring]") {
  Desk desk;
  sim::Node& manager = desk.world.device("manager", Role::branch_manager, "branch1");
  desk.world.settle(3);
  const auto directory = desk.rep.replica().directory();
  const AudienceId audience = managers_audience(desk.world.org(), desk.world.branch("branch1"));
  const ArchiveId archive = random_id<ArchiveId>(desk.rep.entropy);
  const Secret32 now = Secret32::random(desk.rep.entropy);
  const Bytes bytes = desk.rep.keyring().wrap_key(*directory, archive, 1, now, audience, true);
  must(manager.replica().write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
    SATCHEL_GET(info, node::add_archive(txn, archive));
    info.epoch = 1;
    info.key = key_id(now);
    SATCHEL_TRY(node::put_archive_info(txn, info));
    SATCHEL_GET(wrap, Wrap::decode(bytes));
    CHECK(verify_wrap(wrap, desk.rep.identity.sign.pub));
    SATCHEL_TRY(node::put_wrap(txn, info.no, wrap, bytes));
    return {};
  }));
  CHECK(key_id(must(key_at(manager, archive, 1))) == key_id(now));
  CHECK_FALSE(key_at(manager, archive, 0));
}

TEST_CASE("keyring: a destroyed archive's wraps go from the queue, too, and nobody else's", "[node][keyring]") {
  Desk desk;
  const auto going = desk.world.open_customer(desk.rep, "福田百货");
  const auto staying = desk.world.open_customer(desk.rep, "南山超市");
  const auto directory = desk.rep.replica().directory();
  const AudienceId audience = person_audience(desk.world.org(), desk.other.person);
  must(desk.rep.replica().write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
    for (const auto& archive : {going, staying}) {
      const auto bytes =
          desk.rep.keyring().wrap_key(*directory, archive, 1, Secret32::random(desk.rep.entropy), audience, true);
      SATCHEL_TRY(node::queue_wrap(txn, wrap_hash(bytes), bytes));
    }
    return node::strip_archive(txn, info_at(desk.rep, going).no);
  }));
  const auto left = must(node::queued_wraps(*must(desk.rep.replica().store().begin_read()), 10));
  REQUIRE(left.size() == 1);
  CHECK(must(Wrap::decode(left.front())).archive == staying);
}

TEST_CASE("keyring: an archive's wraps stay while a hub that took later work in it has left its opening for later",
          "[node][keyring]") {
  Desk desk;
  const auto archive = desk.world.open_customer(desk.rep, "福田百货");
  desk.seal(desk.rep);
  desk.world.add_visit(desk.rep, archive, "一");
  desk.seal(desk.rep);
  const auto info = info_at(desk.rep, archive);
  const auto left_after_drop = [&](bool owed) {
    std::size_t left = 0;
    must(desk.rep.replica().write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
      SATCHEL_GET(hub, node::node_no(txn, desk.hub.identity.id));
      SATCHEL_GET(first, node::run_of(txn, 1));
      SATCHEL_GET(last, node::run_of(txn, 2));
      SATCHEL_TRY(owed ? node::owe(txn, hub, 1, first->batch) : node::settle_owed(txn, hub, 1, first->batch));
      SATCHEL_GET(stored, node::batch_at(txn, last->batch));
      const Stamp stamp{batch_id(stored.signed_bytes.bytes), {desk.hub.identity.id, 1}, {1000}, {1, 5}, {}};
      SATCHEL_TRY(node::add_stamp(txn, last->batch, stamp, sign_stamp(stamp, desk.hub.identity.sign)));
      SATCHEL_TRY(node::drop_keys(txn, desk.rep.keyring(), info, desk.rep.replica().self().chain()));
      SATCHEL_GET(wraps, node::wraps_of(txn, info.no));
      left = wraps.size();
      return {};
    }));
    return left;
  };
  CHECK(left_after_drop(true) > 0);
  CHECK(left_after_drop(false) == 0);
}
