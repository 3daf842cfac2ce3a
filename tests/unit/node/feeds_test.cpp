// SPDX-License-Identifier: AGPL-3.0-or-later
// Feeds: each archive stands once in an audience's feed, at its last change; cursors miss nothing.
#include <rapidcheck.h>
#include <catch2/catch.hpp>
#include <set>

#include "sync/node/feeds.h"
#include "sync/store/memory_store.h"
#include "tests/simulation/world.h"

using namespace satchel;
using sim::must;

namespace {

AudienceId audience(int n) {
  AudienceId id;
  id.bytes.fill(static_cast<Byte>(n));
  return id;
}

std::map<AudienceId, node::Toucher::Move> touch(Store& store,
                                                const std::vector<std::pair<node::ArchiveNo, int>>& touches) {
  auto txn = must(store.begin_write());
  node::Toucher toucher(*txn);
  for (const auto& [archive, who] : touches) must(toucher.touch(archive, audience(who)));
  must(txn->commit());
  return toucher.moves();
}

std::vector<node::ArchiveNo> after(Store& store, int who, std::uint64_t position, std::size_t most = 100) {
  std::vector<node::ArchiveNo> out;
  for (const auto& item : must(node::feed_after(*must(store.begin_read()), audience(who), position, most)))
    out.push_back(item.archive);
  return out;
}

}  // namespace

TEST_CASE("feeds: a change moves the archive to the end, where it stands once", "[node][feeds]") {
  auto store = open_memory();
  touch(*store, {{1, 5}, {2, 5}, {3, 5}});
  CHECK(after(*store, 5, 0) == std::vector<node::ArchiveNo>{1, 2, 3});
  const auto moves = touch(*store, {{1, 5}, {1, 5}});
  CHECK(after(*store, 5, 0) == std::vector<node::ArchiveNo>{2, 3, 1});
  CHECK(moves.at(audience(5)).from == 3);
  CHECK(moves.at(audience(5)).to == 4);
  CHECK(after(*store, 5, 3) == std::vector<node::ArchiveNo>{1});
  CHECK(after(*store, 5, 4).empty());
  CHECK(after(*store, 5, 0, 2) == std::vector<node::ArchiveNo>{2, 3});
}

TEST_CASE("feeds: audiences do not mix, whatever their ids", "[node][feeds]") {
  auto store = open_memory();
  touch(*store, {{1, 5}, {1, 6}, {2, 6}, {7, 255}, {8, 0}});
  CHECK(after(*store, 5, 0) == std::vector<node::ArchiveNo>{1});
  CHECK(after(*store, 6, 0) == std::vector<node::ArchiveNo>{1, 2});
  CHECK(after(*store, 255, 0) == std::vector<node::ArchiveNo>{7});
  CHECK(after(*store, 4, 0).empty());
  auto txn = must(store->begin_read());
  CHECK(must(node::feed_end(*txn, audience(6))) == 2);
  CHECK(must(node::feed_end(*txn, audience(4))) == 0);
}

TEST_CASE("feeds: whoever follows page by page sees every archive touched since, however it moves meanwhile",
          "[node][feeds]") {
  REQUIRE(rc::check("follow", [] {
    auto store = open_memory();
    std::set<node::ArchiveNo> due;
    std::uint64_t cursor = 0;
    for (int step = *rc::gen::inRange(1, 30); step > 0; --step) {
      if (*rc::gen::arbitrary<bool>()) {
        const auto archive = *rc::gen::inRange<node::ArchiveNo>(1, 6);
        touch(*store, {{archive, 5}, {archive, 6}});
        due.insert(archive);
        continue;
      }
      const auto items = must(node::feed_after(*must(store->begin_read()), audience(5), cursor, 2));
      for (const auto& item : items) {
        due.erase(item.archive);
        cursor = item.position;
      }
    }
    for (const auto& item : must(node::feed_after(*must(store->begin_read()), audience(5), cursor, 100)))
      due.erase(item.archive);
    RC_ASSERT(due.empty());
    RC_ASSERT(after(*store, 5, 0).size() <= 5);
  }));
}
