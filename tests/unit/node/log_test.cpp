// SPDX-License-Identifier: AGPL-3.0-or-later
// The log's own bookkeeping: chains whole, heads right, and the difference between two nodes.
#include "tests/unit/node/desk.h"

using namespace satchel;
using namespace satchel::node_test;

namespace {

struct Chains : Desk {
  ArchiveId archive = world.open_customer(rep, "福田百货", {rep.person, other.person});
  Chains() {
    for (const char* text : {"一", "二", "三"}) world.add_visit(rep, archive, text);
    world.settle(2);
    world.add_visit(other, archive, "他一");
    world.settle(2);
  }
  std::unique_ptr<ReadTxn> reading(sim::Node& at) { return must(at.replica().store().begin_read()); }
  node::ArchiveNo no(sim::Node& at) { return must(node::find_archive(*reading(at), archive)).value(); }
};

}  // namespace

TEST_CASE("log: a chain is found from its head, oldest first, each entry after its predecessor", "[node][log]") {
  Chains desk;
  for (auto* at : {&desk.rep, &desk.other, &desk.hub, &desk.world.hq()}) {
    auto txn = desk.reading(*at);
    const auto heads = must(node::heads_of(*txn, desk.no(*at)));
    REQUIRE(heads.size() == 2);
    for (const auto& head : heads) {
      Digest previous;
      std::uint64_t seq = 0;
      for (const auto ordinal : must(node::chain_after(*txn, head, 0))) {
        const auto entry = must(node::entry_at(*txn, ordinal));
        CHECK(entry.header.seq == ++seq);
        CHECK(entry.header.previous == previous);
        previous = header_hash(entry.header.encode());
        CHECK(must(node::hash_at(*txn, head, seq)) == previous);
      }
      CHECK(seq == head.chain.head.seq);
      CHECK(previous == head.chain.head.hash);
      CHECK(must(node::chain_after(*txn, head, seq)).empty());
    }
  }
}

TEST_CASE("log: nodes with the same entries have the same heads digest, whatever the order of arrival", "[node][log]") {
  Chains desk;
  std::set<std::string> digests;
  for (auto* at : {&desk.rep, &desk.other, &desk.hub, &desk.world.hq()}) {
    digests.insert(node::digest_of(must(node::heads_of(*desk.reading(*at), desk.no(*at)))).hex());
  }
  CHECK(digests.size() == 1);
}

TEST_CASE("log: the difference to another's heads is what it lacks, and whether it is ahead", "[node][log]") {
  Chains desk;
  auto txn = desk.reading(desk.hub);
  const auto no = desk.no(desk.hub);
  std::vector<ChainHead> theirs;
  for (const auto& h : must(node::heads_of(*txn, no))) theirs.push_back(h.chain);
  const auto count = [&] {
    const auto d = must(node::difference(*txn, no, theirs));
    std::size_t n = 0;
    for (const auto& part : d.parts) n += part.ordinals.size();
    return std::pair(n, d.ahead);
  };
  CHECK(count() == std::pair(std::size_t{0}, false));
  auto& longest = theirs[theirs[0].head.seq == 4 ? 0 : 1];
  longest.head.seq = 1;
  CHECK(count() == std::pair(std::size_t{3}, false));
  longest.head.seq = 9;
  CHECK(count() == std::pair(std::size_t{0}, true));
  theirs.clear();
  CHECK(count() == std::pair(std::size_t{5}, false));
  theirs.push_back({{random_id<NodeId>(desk.rep.entropy), 1}, {1, {}}});
  CHECK(count() == std::pair(std::size_t{5}, true));
}

TEST_CASE("log: a value on disk that does not follow the format is damage, by name", "[node][log]") {
  Chains desk;
  auto txn = must(desk.hub.replica().store().begin_write());
  const Bytes entry = copy(must(txn->get(Table::log, node::key_of(node::Ordinal{1}))).value());
  Bytes bad = entry;
  bad[0] = 9;
  must(txn->put(Table::log, node::key_of(node::Ordinal{1}), bad));
  CHECK(code(node::entry_at(*txn, 1)) == "log.damaged");
  must(txn->put(Table::log, node::key_of(node::Ordinal{1}), View(entry).first(100)));
  CHECK(code(node::entry_at(*txn, 1)) == "log.damaged");
  CHECK(code(node::entry_at(*txn, 1'000'000)) == "log.missing");
  must(txn->put(Table::archive_info, node::key_of(node::ArchiveNo{1}), Bytes(5)));
  CHECK(code(node::archive_info(*txn, 1)) == "log.damaged");
  must(txn->put(Table::batches, node::key_of(node::BatchNo{1}), Bytes(5)));
  CHECK(code(node::batch_at(*txn, 1)) == "log.damaged");
}
