// SPDX-License-Identifier: AGPL-3.0-or-later
#include "server/hub/commit_queue.h"

#include "tests/unit/hub/company.h"

using namespace satchel;
using namespace satchel::hub_test;

namespace {

// A replica on a model disk, and a queue whose answers are gathered.
struct Desk {
  explicit Desk(std::size_t bytes_max = kQueueBytesMax) {
    store = open_memory(disk);
    replica = must(node::Replica::open(*store, clock, entropy, {make_identity(entropy), {}, wire::Role::hub}));
    queue = std::make_unique<hub::CommitQueue>(
        hub::CommitQueue::Setup{*replica,
                                [](std::vector<hub::Answered> all) {
                                  for (const auto& [answer, result] : all) answer(result);
                                },
                                [this](const Error& error) { trouble = error.code; }, bytes_max});
  }
  // Holds the writer's turn, so that what is added meanwhile is one group.
  template <class F>
  void at_once(F add) {
    auto held = must(store->begin_write());
    add();
    held.reset();
    queue->finish();
  }
  bool put(const std::string& key, std::uint64_t source = 1, std::size_t bytes = 10) {
    return add(key, source, bytes,
               [key](WriteTxn& txn, node::Effects&) { return txn.put(Table::meta, view(key), view("v")); });
  }
  bool add(const std::string& name, std::uint64_t source, std::size_t bytes, node::Job job, std::size_t weight = 1) {
    return queue->add({std::move(job), bytes, source, weight, [this, name](const Result<void>& result) {
                         const std::lock_guard guard(lock);
                         answers[name] = result ? "ok" : result.error().code;
                         order.push_back(name);
                       }});
  }
  bool has(const std::string& key) {
    const auto txn = must(store->begin_read());
    return must(txn->get(Table::meta, view(key))).has_value();
  }

  SystemClock clock;
  SystemEntropy entropy;
  std::shared_ptr<MemoryDisk> disk = std::make_shared<MemoryDisk>();
  std::unique_ptr<Store> store;
  std::unique_ptr<node::Replica> replica;
  std::mutex lock;
  std::map<std::string, std::string> answers;
  std::vector<std::string> order;  // of the answers
  std::string trouble;
  std::unique_ptr<hub::CommitQueue> queue;
};

}  // namespace

TEST_CASE("commit queue: what waits together is committed together and answered after", "[hub][commit]") {
  Desk desk;
  desk.at_once([&] {
    for (int i = 0; i < 200; ++i) REQUIRE(desk.put("k" + std::to_string(i)));
    CHECK(desk.answers.empty());
  });
  CHECK(desk.answers.size() == 200);
  CHECK(desk.has("k199"));
  // The first may have gone alone, before the others were there.
  CHECK(desk.queue->groups() <= 2);
  CHECK(desk.disk->commits() == desk.queue->groups());
}

TEST_CASE("commit queue: one bad job undoes no others", "[hub][commit]") {
  Desk desk;
  desk.at_once([&] {
    REQUIRE(desk.put("a"));
    REQUIRE(desk.add("bad", 2, 10, [](WriteTxn& txn, node::Effects&) -> Result<void> {
      SATCHEL_TRY(txn.put(Table::meta, view("half"), view("v")));
      return fail(ErrorKind::integrity, "test.bad");
    }));
    REQUIRE(desk.put("b", 3));
  });
  CHECK(desk.answers == std::map<std::string, std::string>{{"a", "ok"}, {"bad", "test.bad"}, {"b", "ok"}});
  CHECK(desk.has("a"));
  CHECK(desk.has("b"));
  CHECK_FALSE(desk.has("half"));
}

TEST_CASE("commit queue: when the disk is full all are told so, and later ones go on", "[hub][commit]") {
  Desk desk;
  desk.disk->fail_commit(1, CommitFault::full);
  REQUIRE(desk.put("a"));
  REQUIRE(soon([&] {
    const std::lock_guard guard(desk.lock);
    return desk.answers.contains("a");
  }));
  CHECK(desk.answers["a"] == "store.full");
  CHECK(desk.trouble == "store.full");
  CHECK_FALSE(desk.has("a"));
  REQUIRE(desk.put("b"));
  desk.queue->finish();
  CHECK(desk.answers["b"] == "ok");
  CHECK(desk.has("b"));
}

TEST_CASE("commit queue: beyond its bound nothing is taken, and nothing taken is lost", "[hub][commit]") {
  Desk desk(1000);
  desk.at_once([&] {
    int taken = 0;
    while (taken < 100 && desk.put("k" + std::to_string(taken), 1, 300)) ++taken;
    // Three wait; a fourth when the first is already being committed.
    CHECK(taken >= 3);
    CHECK(taken <= 4);
  });
  CHECK_FALSE(desk.put("late"));
  for (const auto& [name, answer] : desk.answers) CHECK(answer == "ok");
}

TEST_CASE("commit queue: tells the watcher whose work a commit is when it is one session's", "[hub][commit]") {
  Desk desk;
  std::vector<std::uint64_t> sources;
  desk.replica->watch([&](const node::Effects&) { sources.push_back(desk.queue->source_now()); });
  const auto touch = [](WriteTxn&, node::Effects& effects) -> Result<void> {
    effects.pending_changed();
    return {};
  };
  REQUIRE(desk.add("one", 7, 1, touch));
  REQUIRE(soon([&] {
    const std::lock_guard guard(desk.lock);
    return desk.answers.contains("one");
  }));
  desk.at_once([&] {
    // One is taken alone, while the writer waits for its turn at the store; what comes meanwhile is committed together.
    REQUIRE(desk.add("two", 8, 1, touch));
    REQUIRE(soon([&] { return desk.queue->waiting() == 0; }));
    REQUIRE(desk.add("three", 9, 1, touch));
    REQUIRE(desk.add("four", 8, 1, touch));
  });
  REQUIRE(sources.size() == 3);
  CHECK(sources.front() == 7);
  CHECK(sources.back() == 0);
  CHECK(desk.queue->source_now() == 0);
}

TEST_CASE("commit queue: who hands in much waits for the turns of others, by weight", "[hub][commit]") {
  Desk desk;
  const auto job = [](WriteTxn&, node::Effects&) -> Result<void> { return {}; };
  desk.at_once([&] {
    // One first job is taken alone, while the writer waits for its turn at the store.
    REQUIRE(desk.add("first", 9, 10, job));
    REQUIRE(soon([&] { return desk.queue->waiting() == 0; }));
    for (int i = 0; i < 64; ++i) REQUIRE(desk.add("flood", 1, kTurnAtQueueBytes / 2, job));
    for (int i = 0; i < 32; ++i) REQUIRE(desk.add("hub", 2, kTurnAtQueueBytes / 2, job, kHubWeight));
    REQUIRE(desk.add("late", 3, 100, job));
  });
  REQUIRE(desk.order.size() == 98);
  CHECK(desk.order.front() == "first");
  const auto end = desk.order.begin() + 1 + 2 + 16 + 1;  // a turn of each
  CHECK(std::count(desk.order.begin(), end, "flood") == 2);
  CHECK(std::count(desk.order.begin(), end, "hub") == 2 * kHubWeight);
  CHECK(std::count(desk.order.begin(), end, "late") == 1);
}

TEST_CASE("commit queue: each source's jobs stay in their order, whatever the turns", "[hub][commit]") {
  Desk desk;
  std::map<std::uint64_t, std::vector<int>> done;
  desk.at_once([&] {
    for (int i = 0; i < 600; ++i) {
      const std::uint64_t source = 1 + static_cast<std::uint64_t>(i % 7);
      REQUIRE(desk.add("x", source, static_cast<std::size_t>(i * 977 % 400'000),
                       [&done, source, i](WriteTxn&, node::Effects&) -> Result<void> {
                         done[source].push_back(i);
                         return {};
                       }));
    }
  });
  std::size_t all = 0;
  for (const auto& [source, jobs] : done) {
    CHECK(std::ranges::is_sorted(jobs));
    all += jobs.size();
  }
  CHECK(all == 600);
}
