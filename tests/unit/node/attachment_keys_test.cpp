// SPDX-License-Identifier: AGPL-3.0-or-later
// Under which key a file goes: always that of the entry that names it, so that who lost the archive opens neither, and
// who was given it from an epoch on opens both.
#include "sync/node/attachments.h"
#include "tests/unit/node/desk.h"

using namespace satchel;
using namespace satchel::node_test;

namespace {

struct Leaving : Desk {
  sim::Node& leaver = world.device("leaver", Role::salesperson, "branch1");
  ArchiveId customer = world.open_customer(rep, "福田百货", {rep.person, leaver.person});
  RecordId visit = world.add_visit(rep, customer, "谈价");

  Leaving() { world.settle(3); }
  node::StoredArchive info(sim::Node& at) {
    auto txn = must(at.replica().store().begin_read());
    return *must(node::archive_info(*txn, *must(node::find_archive(*txn, customer))));
  }
  node::Cut cut(sim::Node& at) {
    node::Incoming file{"合同.pdf", "application/pdf", 3, {}, {}};
    Bytes content{1, 2, 3};
    file.read = [content](std::span<Byte> out) mutable -> Result<std::size_t> {
      const auto n = std::min(out.size(), content.size());
      std::copy_n(content.begin(), n, out.begin());
      content.erase(content.begin(), content.begin() + static_cast<std::ptrdiff_t>(n));
      return n;
    };
    return must(node::cut_file(at.replica(), at.keyring(), info(at), file));
  }
  Result<std::uint32_t> add(sim::Node& at, const node::Cut& cut) {
    std::uint32_t epoch = 0;
    const auto archive = info(at);
    SATCHEL_TRY(at.replica().write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
      node::Scribe scribe(txn, effects.directory(), at.identity, at.keyring(), at.entropy,
                          {at.clock.wall(), at.clock.mono(), true});
      SATCHEL_GET(written, node::add_attachment(txn, scribe, archive, {visit, "visit", 1, {}}, cut));
      SATCHEL_TRY(scribe.finish());
      SATCHEL_GET(entry, node::entry_at(txn, written.ordinal));
      epoch = entry.header.epoch;
      return {};
    }));
    return epoch;
  }
  void leave() {
    world.state(payload::OwnerSet{{rep.person}}, customer);
    world.sync(world.admin(), world.hq());
    world.sync(world.hub_of("branch1"), world.hq());
    world.sync(rep, world.hub_of("branch1"));
  }
};

}  // namespace

TEST_CASE("attachments: a file cut when a new key is due goes under the new one, as its entry does", "[node][blob]") {
  Leaving w;
  CHECK(w.cut(w.rep).manifest.epoch == 0);
  w.leave();
  const auto cut = w.cut(w.rep);
  CHECK(cut.manifest.epoch == 1);
  CHECK(must(w.add(w.rep, cut)) == 1);
  // Nobody opened another on top of it.
  CHECK(w.info(w.rep).epoch == 1);

  // Given from the new epoch on, which is all the grant says: the file opens.
  sim::Node& heir = w.world.device("heir", Role::salesperson, "branch1");
  w.world.state(payload::Grant{person_audience(w.world.org(), heir.person), GrantRights::read, 1, {}}, w.customer);
  w.world.settle(4);
  must(heir.replica().write(
      [&](WriteTxn& txn, node::Effects&) { return blob::want(txn, {w.info(heir).no, cut.manifest.root}); }));
  w.world.settle(2);
  Bytes content;
  must(
      node::read_attachment(heir.replica(), heir.keyring(), w.info(heir), cut.manifest, [&](View part) -> Result<void> {
        content.insert(content.end(), part.begin(), part.end());
        return {};
      }));
  CHECK(content == Bytes{1, 2, 3});
}

TEST_CASE("attachments: a file cut before somebody lost the archive is cut again, under the new key", "[node][blob]") {
  Leaving w;
  const auto early = w.cut(w.rep);
  w.leave();
  const auto refused = w.add(w.rep, early);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == node::kCutAgain);
  must(node::forget_cut(w.rep.replica(), early));
  CHECK(must(w.add(w.rep, w.cut(w.rep))) == 1);
}
