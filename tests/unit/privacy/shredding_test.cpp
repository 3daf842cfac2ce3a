// SPDX-License-Identifier: AGPL-3.0-or-later
// After a destruction: every file of every node is searched for what opened the archive, and everything that was ever
// kept of it is tried with everything that is kept now. Devices on real vaults, hubs on real stores.
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "sync/node/audit.h"
#include "sync/node/epochs.h"
#include "sync/node/shredding.h"
#include "sync/store/lmdb_store.h"
#include "tests/support/temp_folder.h"
#include "tests/unit/client_b/company.h"
#include "tests/unit/privacy/overheard.h"
#include "tests/unit/privacy/sieve.h"

using namespace satchel;
using namespace satchel::test;
namespace fs = std::filesystem;

namespace {

// What a thief may have kept of one archive: every key, wrap, sealed row and sealed body of a node.
struct Loot {
  std::vector<Bytes> keys;    // raw
  std::vector<Bytes> sealed;  // the vault's row
  std::vector<Bytes> wraps;
  std::vector<Bytes> bodies;
  std::vector<Bytes> rows;  // of sheets
};

void take_rows(const ReadTxn& txn, Table table, View prefix, std::vector<Bytes>& into) {
  must(scan_prefix(txn, table, prefix, [&](KeyValue pair) {
    into.push_back(copy(pair.value));
    return true;
  }));
}

Loot loot_of(Store& store, const ArchiveId& archive, node::Keyring* keyring, const Directory& directory) {
  Loot out;
  const auto txn = must(store.begin_read());
  const auto no = must(node::find_archive(*txn, archive));
  if (!no) return out;
  const auto info = *must(node::archive_info(*txn, *no));
  take_rows(*txn, Table::keys, node::key_of(*no), out.sealed);
  out.wraps = must(node::wraps_of(*txn, *no));
  for (const auto& head : must(node::heads_of(*txn, *no))) {
    for (const auto ordinal : must(node::chain_after(*txn, head, 0))) {
      const auto entry = must(node::entry_at(*txn, ordinal));
      if (!entry.body.empty()) out.bodies.push_back(copy(entry.body));
    }
  }
  must(scan_prefix(*txn, Table::sheets, {}, [&](KeyValue pair) {
    if (be32(pair.value) == *no) out.rows.push_back(copy(pair.value.subspan(4)));
    return true;
  }));
  if (keyring == nullptr) return out;
  const auto keys = must(keyring->keys_of(*txn, directory, info));
  for (const auto& [which, key] : keys->epochs) out.keys.push_back(copy(key.view()));
  if (keys->has_local) out.keys.push_back(copy(keys->local.view()));
  return out;
}

// A piece from the middle: one that was moved or cut at a page's border is found, too.
Bytes piece(const Bytes& of) {
  const std::size_t begin = of.size() > 40 ? of.size() / 2 - 12 : 0;
  return {of.begin() + static_cast<std::ptrdiff_t>(begin),
          of.begin() + static_cast<std::ptrdiff_t>(std::min(of.size(), begin + 24))};
}

Sieve sieve_of(const Loot& loot) {
  Sieve sieve;
  for (const auto& key : loot.keys) sieve.secret("a key", key);
  for (const auto& row : loot.sealed) sieve.secret("a sealed key", piece(row));
  for (const auto& wrap : loot.wraps) sieve.secret("a wrap", piece(wrap));
  for (const auto& body : loot.bodies) sieve.secret("a body", piece(body));
  for (const auto& row : loot.rows) sieve.secret("a row", piece(row));
  return sieve;
}

std::vector<std::string> in_folder(const Sieve& sieve, const fs::path& folder) {
  std::vector<std::string> out;
  for (const auto& file : fs::recursive_directory_iterator(folder)) {
    if (!file.is_regular_file()) continue;
    std::ifstream in(file.path(), std::ios::binary);
    const Bytes bytes{std::istreambuf_iterator<char>(in), {}};
    for (auto& hit : sieve.find(bytes, file.path().filename().string())) out.push_back(std::move(hit));
  }
  return out;
}

struct Hubs {
  sim::StoreFactory factory() {
    return [this](const std::string& name) -> std::unique_ptr<Store> {
      if (!name.starts_with("HQ") && !name.starts_with("hub")) return nullptr;
      return must(open_lmdb(folder / name));
    };
  }
  TempFolder folder;
};

// A customer that goes and one that stays, at a salesperson's, a manager's and headquarters' hub.
struct Office {
  Hubs hubs;
  Company company{1, hubs.factory()};
  Seat& jia = company.join("甲", Role::salesperson);
  Seat& manager = company.join("经理", Role::branch_manager);
  Seat& general = company.join("总经理", Role::general_manager, "");
  ArchiveId going, staying;

  Office() {
    going = company.open(jia, "琥珀百货", {{"phone", "0755-73194682"}}).archive;
    staying = company.open(jia, "南山超市").archive;
    for (int n = 0; n < 6; ++n) {
      company.visit(jia, "琥珀百货", {{"summary", std::string(120, 'q')}});
      company.visit(jia, "南山超市", {});
    }
    company.sync_all();
  }

  void destroy() {
    const auto proposal = must(general.device->propose(payload::DestroyProposed{{going}}));
    company.sync(general);
    company.world().sync(company.world().admin(), company.world().hq());
    company.say(payload::Destroy{proposal});
  }
  sim::Node& hq() { return company.world().hq(); }
  bool has_receipt(const NodeId& node) {
    const auto directory = hq().replica().directory();
    const auto* gone = directory->destroyed(going);
    const auto found = directory->drop_receipts().find(node);
    return gone != nullptr && found != directory->drop_receipts().end() && found->second.executed >= gone->said.at;
  }
  std::size_t readable(Seat& seat, const ArchiveId& archive) {
    auto& device = *seat.device;
    const auto txn = must(device.replica().store().begin_read());
    const auto info = *must(node::archive_info(*txn, *must(node::find_archive(*txn, archive))));
    return must(device.keyring().keys_of(*txn, *device.directory(), info))->epochs.size();
  }
};

}  // namespace

TEST_CASE("shredding: after a destruction no file of any node holds what opened the archive", "[privacy][shredding]") {
  Office office;
  std::map<std::string, Loot> before;
  for (Seat* seat : {&office.jia, &office.manager, &office.general}) {
    before[seat->name] =
        loot_of(seat->device->replica().store(), office.going, &seat->device->keyring(), *seat->device->directory());
    const auto& loot = before[seat->name];
    REQUIRE((!loot.keys.empty() && !loot.sealed.empty() && !loot.wraps.empty() && loot.bodies.size() > 6));
    // The sieve sees them where they are.
    REQUIRE_FALSE(in_folder(sieve_of(loot), seat->device->folder()).empty());
  }
  const Loot at_hub = loot_of(office.hq().replica().store(), office.going, nullptr, *office.jia.device->directory());
  REQUIRE((at_hub.keys.empty() && !at_hub.wraps.empty() && at_hub.bodies.size() > 6));
  REQUIRE_FALSE(in_folder(sieve_of(at_hub), office.hubs.folder / "HQ").empty());

  office.destroy();
  office.company.sync_all();
  for (Seat* seat : {&office.jia, &office.manager, &office.general}) {
    CAPTURE(seat->name);
    CHECK(office.has_receipt(seat->device->identity().id));
    CHECK(office.readable(*seat, office.going) == 0);
    CHECK(office.readable(*seat, office.staying) == 1);
    for (const auto& [whose, loot] : before) CHECK(in_folder(sieve_of(loot), seat->device->folder()).empty());
    // What lay in the vault's rows opens with nothing that is kept now, wherever somebody finds an old page.
    for (const auto& row : before[seat->name].sealed) {
      Bytes name = copy(view("archive"));
      name.insert(name.end(), office.going.bytes.begin(), office.going.bytes.end());
      CHECK_FALSE(seat->device->vault().open_sealed(name, row));
      CHECK_FALSE(must(Vault::open(seat->device->folder() / "vault.key", "correct horse")).open_sealed(name, row));
    }
    CHECK_FALSE(must(node::shredding_owed(*must(seat->device->replica().store().begin_read()))));
  }
  CHECK(office.has_receipt(office.hq().identity.id));
  CHECK(in_folder(sieve_of(at_hub), office.hubs.folder / "HQ").empty());
  for (const auto& [whose, loot] : before) CHECK(in_folder(sieve_of(loot), office.hubs.folder / "HQ").empty());
}

TEST_CASE("shredding: while another process has the vault open there is no receipt; it is made up for later",
          "[privacy][shredding]") {
  Office office;
  auto& device = *office.jia.device;
  const Loot loot = loot_of(device.replica().store(), office.going, &device.keyring(), *device.directory());
  office.destroy();
  {
    int line[2], told[2];
    REQUIRE((::pipe(line) == 0 && ::pipe(told) == 0));
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(line[1]);
      const auto store = open_lmdb(device.folder() / "store");
      char byte = store ? 'o' : 'x';
      (void)!::write(told[1], &byte, 1);
      (void)!::read(line[0], &byte, 1);
      ::_exit(0);
    }
    char byte = 0;
    REQUIRE((::read(told[0], &byte, 1) == 1 && byte == 'o'));
    office.company.sync(office.jia);
    office.company.sync(office.jia);
    CHECK(office.readable(office.jia, office.going) == 0);  // let go of at once all the same
    CHECK_FALSE(office.has_receipt(device.identity().id));
    CHECK(must(node::shredding_owed(*must(device.replica().store().begin_read()))));
    for (const int fd : {line[0], line[1], told[0], told[1]}) ::close(fd);
    ::waitpid(child, nullptr, 0);
  }
  office.company.sync(office.jia);
  CHECK(office.has_receipt(device.identity().id));
  CHECK(in_folder(sieve_of(loot), device.folder()).empty());
}

TEST_CASE("shredding: a lost right and a vault opened anew leave nothing behind either", "[privacy][shredding]") {
  Office office;
  auto& device = *office.jia.device;
  const Loot loot = loot_of(device.replica().store(), office.going, &device.keyring(), *device.directory());
  const fs::path folder = device.folder();
  payload::OwnerSet others{{office.manager.person}};
  office.company.say(others, office.going);
  office.company.sync(office.jia);  // hears of it
  office.company.sync(office.jia);
  Loot keys_only = loot;
  keys_only.bodies.clear();  // the sealed entries stay: the chain is to be checked, and the right may come back
  CHECK(in_folder(sieve_of(keys_only), folder).empty());
  office.jia.book.reset();
  office.jia.device.reset();
  office.jia.device = must(field::Device::open(folder, "correct horse"));
  office.jia.book = std::make_unique<holder::Book>(*office.jia.device);
  must(office.jia.book->refresh());
  CHECK(office.readable(office.jia, office.going) == 0);
  CHECK(office.readable(office.jia, office.staying) == 1);
  CHECK(must(office.jia.book->find_customer("南山超市")).archive == office.staying);
}
