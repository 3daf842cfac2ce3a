// SPDX-License-Identifier: AGPL-3.0-or-later
// Stories of hubs that lie: each lie is seen in the first exchange of two who are concerned, and named for good with
// what proves it. The liar is an honest hub behind a wire that changes what it says.
#include <catch2/catch.hpp>

#include "sync/node/hub_findings.h"
#include "sync/node/hub_word.h"
#include "sync/node/verify_derived.h"
#include "tests/simulation/invariants.h"
#include "tests/simulation/world.h"

using namespace satchel;
using namespace satchel::sim;
using node::Breach;

namespace {

// What a lying hub does to the frames it sends, or passes over of those it gets.
using FrameLie = std::function<void(wire::Frame& frame)>;

void bend_frames(std::deque<Bytes>& queue, const FrameLie& lie) {
  for (auto& bytes : queue) {
    auto received = must(wire::Received::decode(bytes));
    lie(received.frame());
    bytes = wire::encode(received.frame());
  }
}

struct TwoPhones {
  World world;
  Node& rep;
  Node& second;  // the same person's other phone
  Node& manager;
  Node& hub;
  ArchiveId customer;
  ArchiveId other;

  explicit TwoPhones(std::uint64_t seed)
      : world(seed, 2),
        rep(world.device("rep", Role::salesperson, "branch1")),
        second(world.device("rep", Role::salesperson, "branch1")),
        manager(world.device("manager", Role::branch_manager, "branch1")),
        hub(world.hub_of("branch1")) {
    customer = world.open_customer(rep, "福田百货");
    other = world.open_customer(rep, "罗湖书城");
    world.settle(3);
    REQUIRE(check_hubs_trusted(world) == "");
  }

  // A whole sync; `down` bends what the hub says, `up` what it hears.
  Result<void> sync_with_liar(Node& from, Node& at, const FrameLie& down, const FrameLie& up = {}) {
    auto link = world.connect(from, at);
    for (int quiet = 0; !link->over() && quiet < 2;) {
      if (up) bend_frames(link->up(), up);
      if (down) bend_frames(link->down(), down);
      quiet = link->step() ? 0 : quiet + 1;
    }
    link->cut();
    world.time.ms += 50;
    return link->initiator().outcome();
  }
  FrameLie without(const ArchiveId& archive) {
    return [archive](wire::Frame& frame) {
      if (auto* page = std::get_if<wire::Touched>(&frame))
        std::erase_if(page->items, [&](const wire::TouchedItem& item) { return item.archive == archive; });
    };
  }
  std::vector<node::BrokenWord> against_hubs(Node& at) {
    return must(node::broken_words(*must(at.replica().store().begin_read())));
  }
  bool has(Node& at, const ArchiveId& archive, const RecordId& record) {
    return !world.read(at, archive, record).state.empty();
  }
};

}  // namespace

TEST_CASE("hub's word: an archive kept back from one device shows when it meets headquarters", "[simulation][liar]") {
  TwoPhones w(1);
  const auto visit = w.world.add_visit(w.rep, w.customer, "谈了新价格");
  const auto seen = w.world.add_visit(w.rep, w.other, "送了样品");
  w.world.sync(w.rep, w.hub);
  REQUIRE(w.sync_with_liar(w.second, w.hub, w.without(w.customer)));
  CHECK(w.has(w.second, w.other, seen));
  REQUIRE_FALSE(w.has(w.second, w.customer, visit));
  CHECK(w.against_hubs(w.second).empty());

  w.world.sync(w.hub, w.world.hq());
  w.world.sync(w.second, w.world.hq());
  CHECK(w.has(w.second, w.customer, visit));
  const auto words = w.against_hubs(w.second);
  REQUIRE(words.size() == 1);
  CHECK(words.front().breach == Breach::kept_back);
  CHECK(words.front().hub.node == w.hub.identity.id);
  CHECK(words.front().archive == w.customer);
  CHECK(words.front().author.node == w.rep.identity.id);
  CHECK(words.front().shown_by == w.world.hq().identity.id);
  // The stamp says the same to whoever is shown it.
  const auto stamp = must(Stamp::decode(words.front().stamp.bytes));
  CHECK(verify_stamp(words.front().stamp, w.hub.identity.sign.pub));
  CHECK(stamp.time <= words.front().through);
  CHECK(w.against_hubs(w.rep).empty());
  // People are told in a sentence, with names; programs by a code and the proof.
  const auto findings =
      must(node::hub_findings(*must(w.second.replica().store().begin_read()), *w.second.replica().directory()));
  REQUIRE(findings.size() == 1);
  CHECK(findings.front().code == "hub.kept-back");
  CHECK(findings.front().proof == words.front().stamp);
  const auto time = [](WallTime t) { return std::to_string(t.ms); };
  for (const Lang lang : {Lang::zh, Lang::en}) {
    const std::string said = node::told(findings.front(), lang, time);
    INFO(said);
    for (const auto& part : {std::string("branch1"), std::string("rep"), w.customer.hex().substr(0, 8),
                             time(findings.front().through), time(stamp.time)}) {
      CHECK(said.find(part) != std::string::npos);
    }
  }
  // It stays, and nothing else changes: they go on with each other.
  w.world.settle();
  CHECK(w.against_hubs(w.second).size() == 1);
  CHECK(check_converged(w.world) == "");
}

TEST_CASE("hub's word: what is shown late by the hub itself was kept back all the same", "[simulation][liar]") {
  TwoPhones w(2);
  w.world.add_visit(w.rep, w.customer, "谈了新价格");
  w.world.sync(w.rep, w.hub);
  REQUIRE(w.sync_with_liar(w.second, w.hub, w.without(w.customer)));
  w.world.add_visit(w.rep, w.customer, "又去了一次");
  w.world.sync(w.rep, w.hub);
  w.world.sync(w.second, w.hub);
  REQUIRE(w.against_hubs(w.second).size() == 1);
  CHECK(w.against_hubs(w.second).front().shown_by == w.hub.identity.id);
}

TEST_CASE("hub's word: an archive given later, and one lost and given back, hold nothing against anybody",
          "[simulation][liar]") {
  TwoPhones w(3);
  Node& heir = w.world.device("heir", Role::salesperson, "branch1");
  w.world.settle();
  const auto own = [&](Node& who) {
    w.world.state(payload::OwnerSet{{who.person}}, w.customer);
    w.world.settle(3);
  };
  w.world.add_visit(w.rep, w.customer, "一");
  w.world.settle();
  own(heir);
  w.world.add_visit(heir, w.customer, "二");
  w.world.settle();
  own(w.rep);
  w.world.add_visit(w.rep, w.customer, "三");
  w.world.settle(3);
  CHECK(check_hubs_trusted(w.world) == "");
  CHECK(check_converged(w.world) == "");
}

TEST_CASE("hub's word: what was taken from the follower while he asked for it was not shown by that round",
          "[simulation][liar]") {
  TwoPhones w(11);
  Node& far = w.world.device("far", Role::salesperson, "branch2");
  w.world.settle(3);
  w.world.add_visit(w.rep, w.customer, "谈了新价格");
  Node& hq = w.world.hq();
  w.world.sync(w.rep, hq);
  const auto is_next = []<class F>(const std::deque<Bytes>& queue, const F*) {
    return !queue.empty() && std::holds_alternative<F>(must(wire::Received::decode(queue.front())).frame());
  };
  // Over one line it is on its way; over the other it is asked for, and the archive goes to another branch.
  auto first = w.world.connect(w.hub, hq);
  while (!is_next(first->down(), static_cast<wire::Parcel*>(nullptr))) REQUIRE(first->step());
  auto second = w.world.connect(w.hub, hq);
  while (!is_next(second->up(), static_cast<wire::Want*>(nullptr))) REQUIRE(second->step());
  w.world.state(payload::Moved{w.world.branch("branch2"), {far.person}}, w.customer);
  w.world.sync(w.world.admin(), hq);
  std::size_t answered = 0;
  second->tap = [&](bool up, const Bytes& frame) {
    answered += !up && std::holds_alternative<wire::Served>(must(wire::Received::decode(frame)).frame()) ? 1 : 0;
  };
  while (answered < 2 || !second->down().empty()) REQUIRE(second->step());
  second->cut();
  w.world.run(*first);
  CHECK(w.against_hubs(w.hub).empty());
  w.world.settle(3);
  CHECK(check_hubs_trusted(w.world) == "");
}

TEST_CASE("hub's word: a hub whose clock goes back still says what is so", "[simulation][liar]") {
  TwoPhones w(4);
  for (int i = 0; i < 6; ++i) {
    w.hub.clock.set_offset(i % 2 == 0 ? -3'600'000 * i : 0);
    w.world.add_visit(w.rep, w.customer, "拜访");
    w.world.sync(w.rep, w.hub);
    w.world.sync(w.second, w.hub);
    w.world.sync(w.hub, w.world.hq());
    w.world.sync(w.second, w.world.hq());
  }
  CHECK(check_hubs_trusted(w.world) == "");
}

TEST_CASE("hub's word: a branch that says it handed everything up and did not shows at headquarters",
          "[simulation][liar]") {
  TwoPhones w(5);
  w.world.add_visit(w.rep, w.customer, "谈了新价格");
  w.world.sync(w.rep, w.hub);
  const auto stamped = must(node::hub_time(*must(w.hub.replica().store().begin_read())));
  // It hands nothing up, and says the opposite.
  (void)w.sync_with_liar(w.hub, w.world.hq(), {}, [&](wire::Frame& frame) {
    if (auto* sync = std::get_if<wire::Sync>(&frame)) sync->handed = stamped;
    if (std::holds_alternative<wire::Parcel>(frame)) frame = wire::Ping{1};
  });
  CHECK(w.against_hubs(w.world.hq()).empty());
  w.world.sync(w.rep, w.world.hq());
  const auto words = w.against_hubs(w.world.hq());
  REQUIRE(words.size() == 1);
  CHECK(words.front().breach == Breach::not_handed_up);
  CHECK(words.front().hub.node == w.hub.identity.id);
}

TEST_CASE("hub's word: a hub that took one archive's part of a batch does not answer for the other's",
          "[simulation][liar]") {
  TwoPhones w(11);
  w.world.device("far", Role::salesperson, "branch2");
  w.world.settle(3);
  w.world.add_visit(w.rep, w.customer, "谈了新价格");
  w.world.sync(w.rep, w.world.hq());
  const auto visit = w.world.add_visit(w.rep, w.customer, "又去了一次");
  const auto seen = w.world.add_visit(w.rep, w.other, "送了样品");
  // On its way to the branch the first batch is lost, so that one entry of the second has no predecessor there.
  std::size_t parcels = 0;
  (void)w.sync_with_liar(w.rep, w.hub, {}, [&](wire::Frame& frame) {
    if (std::holds_alternative<wire::Parcel>(frame) && ++parcels == 1) frame = wire::Ping{1};
  });
  REQUIRE(w.against_hubs(w.rep).empty());
  // Nor when it shows its author that it has less.
  (void)w.sync_with_liar(w.rep, w.hub, {}, [](wire::Frame& frame) {
    if (std::holds_alternative<wire::Parcel>(frame)) frame = wire::Ping{1};
  });
  CHECK(w.against_hubs(w.rep).empty());
  w.world.sync(w.second, w.hub);
  REQUIRE(w.has(w.second, w.other, seen));
  REQUIRE_FALSE(w.has(w.second, w.customer, visit));

  w.world.sync(w.hub, w.world.hq());
  w.world.sync(w.rep, w.world.hq());
  w.world.sync(w.second, w.world.hq());
  CHECK(w.has(w.second, w.customer, visit));
  CHECK(w.against_hubs(w.second).empty());
  w.world.settle(3);
  CHECK(check_hubs_trusted(w.world) == "");
}

TEST_CASE("hub's word: a hub that has not heard of a right yet does not answer for what it did not show",
          "[simulation][liar]") {
  TwoPhones w(14);
  Node& colleague = w.world.device("colleague", Role::salesperson, "branch1");
  w.world.settle(3);
  const auto visit = w.world.add_visit(w.rep, w.customer, "谈了新价格");
  w.world.sync(w.rep, w.hub);
  const auto his = person_audience(w.world.org(), colleague.person);
  w.world.state(payload::Grant{his, GrantRights::read, 0, {}}, w.customer);
  w.world.sync(w.world.admin(), w.world.hq());
  w.world.sync(colleague, w.world.hq());
  w.world.sync(colleague, w.hub);
  REQUIRE_FALSE(w.has(colleague, w.customer, visit));
  w.world.settle(3);
  CHECK(w.has(colleague, w.customer, visit));
  CHECK(check_hubs_trusted(w.world) == "");
}

TEST_CASE("hub's word: what a hub kept back by a word that headquarters refuses it does not answer for",
          "[simulation][liar]") {
  TwoPhones w(15);
  Node& colleague = w.world.device("colleague", Role::salesperson, "branch1");
  w.world.settle(3);
  const auto his = person_audience(w.world.org(), colleague.person);
  w.world.state(payload::Grant{his, GrantRights::read, 0, {}}, w.customer);
  w.world.settle(3);
  const auto visit = w.world.add_visit(w.rep, w.customer, "谈了新价格");
  w.world.sync(w.rep, w.hub);
  // The branch is cut off, and its manager is none any more; what he says there takes at once.
  payload::PersonChanged moved{.person = w.manager.person};
  moved.role = Role::salesperson;
  w.world.state(moved);
  w.world.sync(w.world.admin(), w.world.hq());
  w.world.state_as(w.manager, payload::GrantEnded{his}, w.customer);
  w.world.sync(w.manager, w.hub);
  w.world.sync(colleague, w.hub);
  REQUIRE_FALSE(w.has(colleague, w.customer, visit));
  w.world.settle(4);
  CHECK(w.has(colleague, w.customer, visit));
  CHECK(check_hubs_trusted(w.world) == "");
}

TEST_CASE("hub's word: a hub that signed for an entry and shows less has denied it", "[simulation][liar]") {
  TwoPhones w(6);
  w.world.add_visit(w.rep, w.customer, "谈了新价格");
  w.world.sync(w.rep, w.hub);
  w.world.add_visit(w.rep, w.customer, "又去了一次");
  const auto lack = [&](wire::Frame& frame) {
    auto* accepted = std::get_if<wire::Accepted>(&frame);
    if (accepted == nullptr || !accepted->refused.empty()) return;
    accepted->stamps.clear();
    accepted->refused.push_back({w.customer, 3, wire::EntryVerdict::gap, "intake.gap", 1});
  };
  // Asked once more, it has it: what was said of the gap may have been on its way. So, too, where it has more than we.
  (void)w.sync_with_liar(w.rep, w.hub, lack);
  CHECK(w.against_hubs(w.rep).empty());
  w.world.sync(w.second, w.hub);
  w.world.add_visit(w.second, w.customer, "另一部手机记的");
  w.world.sync(w.second, w.hub);
  w.world.add_visit(w.rep, w.customer, "再去一次");
  (void)w.sync_with_liar(w.rep, w.hub, lack);
  CHECK(w.against_hubs(w.rep).empty());
  w.world.add_visit(w.rep, w.customer, "第三次");
  std::vector<wire::TouchedItem> asked;
  (void)w.sync_with_liar(
      w.rep, w.hub,
      [&](wire::Frame& frame) {
        lack(frame);
        auto* differ = std::get_if<wire::Differ>(&frame);
        if (differ == nullptr || asked.empty()) return;
        const ChainHead first{{w.rep.identity.id, w.rep.identity.incarnation}, {1, {}}};
        differ->items = {{w.customer, {first}, false}};
        asked.front().heads = heads_digest(differ->items.front().heads);
        differ->confirm = wire::compare_mark(differ->page, asked);
      },
      [&](wire::Frame& frame) {
        if (const auto* compare = std::get_if<wire::Compare>(&frame)) asked = compare->items;
      });
  const auto words = w.against_hubs(w.rep);
  REQUIRE(words.size() == 1);
  CHECK(words.front().breach == Breach::denied);
  CHECK(words.front().seq == 2);
  CHECK(words.front().hub.node == w.hub.identity.id);
}

// By headquarters, because what a branch does not sign is signed there.
TEST_CASE("hub's word: a hub that takes work and signs nothing has acknowledged nothing", "[simulation][liar]") {
  TwoPhones w(8);
  Node& hq = w.world.hq();
  const auto unsent = [&] {
    return must(node::count_unsent(*must(w.rep.replica().store().begin_read()),
                                   {w.rep.identity.id, w.rep.identity.incarnation}));
  };
  w.world.sync(w.rep, hq);
  w.world.add_visit(w.rep, w.customer, "谈了新价格");
  // It says that it took it, or that something else is wrong with an archive nobody spoke of.
  for (const bool excused : {false, true}) {
    (void)w.sync_with_liar(w.rep, hq, [&](wire::Frame& frame) {
      auto* accepted = std::get_if<wire::Accepted>(&frame);
      if (accepted == nullptr) return;
      accepted->stamps.clear();
      if (excused) accepted->refused.push_back({w.other, 1, wire::EntryVerdict::rejected, "intake.foreign", 1});
    });
    CHECK(unsent() == 1);
  }
  // Later work that is signed does not hide it.
  w.world.add_visit(w.rep, w.customer, "又去了一次");
  w.world.sync(w.rep, hq);
  CHECK(unsent() == 0);
  CHECK(check_receipts(w.world) == "");
  w.world.settle(3);
  CHECK(check_quiet(w.world) == "");
}

// What was noted as owed was no batch, and no session came past it any more.
TEST_CASE("hub's word: a hub that leaves wraps for another time keeps nobody from coming again", "[simulation][liar]") {
  TwoPhones w(9);
  w.world.state(payload::OwnerSet{{w.manager.person}}, w.customer);
  std::size_t lies = 0;
  (void)w.sync_with_liar(w.world.admin(), w.world.hq(), [&](wire::Frame& frame) {
    auto* accepted = std::get_if<wire::Accepted>(&frame);
    if (accepted == nullptr) return;
    accepted->code = session::kIntakeLater;
    ++lies;
  });
  REQUIRE(lies > 0);
  w.world.settle(3);
  CHECK(check_range(w.world) == "");
  CHECK(check_quiet(w.world) == "");
}

// And the session goes on when what a comparison found has arrived meanwhile, so that nothing is left to send.
TEST_CASE("hub's word: a hub in a new life is not blamed for what it signed in the former one", "[simulation][liar]") {
  TwoPhones w(7);
  w.world.add_visit(w.rep, w.customer, "谈了新价格");
  w.world.sync(w.rep, w.hub);
  // A new life of the hub, from an older disk: what it stamped in the former one is another's word.
  auto old = w.hub.disk->clone();
  w.world.add_visit(w.rep, w.customer, "又去了一次");
  w.world.sync(w.rep, w.hub);
  w.hub.stop();
  w.hub.disk = old;
  ++w.hub.identity.incarnation;
  w.hub.start();
  w.world.settle(3);
  CHECK(check_hubs_trusted(w.world) == "");
  CHECK(check_converged(w.world) == "");
}

namespace {

// Headquarters' hub orders one thing for one branch, forgets it, and orders another for the other branch.
struct TwoHistories : TwoPhones {
  Node& far;
  std::shared_ptr<MemoryDisk> first;  // headquarters', with the history that the branch here was told

  explicit TwoHistories(std::uint64_t seed, int more_here, int more_there)
      : TwoPhones(seed), far(world.hub_of("branch2")) {
    Node& hq = world.hq();
    const auto before = hq.disk->clone();
    for (int i = 0; i < more_here; ++i) order("甲" + std::to_string(i));
    world.sync(hub, hq);
    world.sync(rep, hub);
    first = hq.disk->clone();
    put_back(before);
    for (int i = 0; i < more_there; ++i) order("乙" + std::to_string(i));
    world.sync(far, hq);
  }
  void put_back(std::shared_ptr<MemoryDisk> disk) {
    world.hq().stop();
    world.hq().disk = std::move(disk);
    world.hq().start();
  }
  void order(const std::string& name) {
    payload::BranchAdded added;
    added.branch = random_id<BranchId>(world.hq().entropy);
    added.name = name;
    const auto directory = world.hq().replica().directory();
    Node& by = world.admin();
    const Envelope said = make_statement({world.org(), by.identity.id, by.person, {}, by.clock.wall()},
                                         by.identity.sign, added, by.entropy);
    must(world.hq().replica().write([&](WriteTxn& txn, node::Effects& effects) {
      return node::order_statement(txn, effects, world.hq().replica(), said);
    }));
  }
  std::optional<node::DirectoryFork> fork_at(Node& at) {
    return must(node::directory_fork(*must(at.replica().store().begin_read())));
  }
};

}  // namespace

TEST_CASE("hub's word: a hub restored in a new life begins at its clock again, however far ahead the former one was",
          "[simulation][liar][restore]") {
  TwoPhones o(60);
  const auto time = [&] { return must(node::hub_time(*must(o.hub.replica().store().begin_read()))).ms; };
  o.hub.clock.set_offset(90 * kDayMs);
  o.world.add_visit(o.rep, o.customer, "钟快");
  o.world.sync(o.rep, o.hub);
  o.hub.clock.set_offset(0);
  o.world.add_visit(o.rep, o.customer, "钟已拨正");
  o.world.sync(o.rep, o.hub);
  CHECK(time() > o.world.time.ms + 80 * kDayMs);  // in one life it never goes back
  o.world.settle(2);
  o.world.restore(o.hub, o.world.snapshot(o.hub));
  o.world.settle(2);
  const auto visit = o.world.add_visit(o.rep, o.customer, "新的一生");
  o.world.sync(o.rep, o.hub);
  CHECK(time() <= o.world.time.ms);
  o.world.settle(3);
  CHECK_FALSE(o.world.read(o.manager, o.customer, visit).state.empty());
  CHECK(check_hubs_trusted(o.world) == "");
}

TEST_CASE("hub's word: two histories of the directory show when a traveller meets the other branch",
          "[simulation][liar]") {
  const auto [here, there] = GENERATE(std::pair{1, 1}, std::pair{3, 1}, std::pair{1, 3});
  TwoHistories w(8, here, there);
  CHECK_FALSE(w.fork_at(w.rep));
  const auto outcome = w.world.sync_outcome(w.rep, w.far);
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == "directory.fork");
  // Both know, and who it was that showed the other.
  REQUIRE(w.fork_at(w.rep));
  CHECK(w.fork_at(w.rep)->told_by == w.far.identity.id);
  REQUIRE(w.fork_at(w.far));
  CHECK(w.fork_at(w.far)->told_by == w.rep.identity.id);
  CHECK_FALSE(w.fork_at(w.manager));
  if (here < there) return;
  // What headquarters signed of both is the proof; nothing more is believed of either.
  REQUIRE(w.fork_at(w.rep)->proven());
  const auto ours = must(decode_head(w.fork_at(w.rep)->ours));
  const auto theirs = must(decode_head(w.fork_at(w.rep)->theirs));
  CHECK(verify_head(ours, w.world.hq().identity.sign.pub));
  CHECK(verify_head(theirs, w.world.hq().identity.sign.pub));
  if (here == there) CHECK(proves_fork(ours, theirs, w.world.hq().identity.sign.pub));
  const auto before = w.rep.replica().directory()->position();
  w.put_back(w.first);
  w.order("丙");
  w.world.sync(w.hub, w.world.hq());
  REQUIRE(before < w.hub.replica().directory()->position());
  w.world.add_visit(w.rep, w.customer, "照常拜访");
  CHECK(w.world.sync(w.rep, w.hub).accepted == 1);
  CHECK(w.rep.replica().directory()->position() == before);
}

TEST_CASE("hub's word: what colleagues write tells of entries a hub never showed", "[simulation][liar]") {
  TwoPhones w(9);
  w.world.add_visit(w.rep, w.customer, "谈了新价格");
  w.world.sync(w.rep, w.hub);
  w.world.sync(w.manager, w.hub);
  w.world.add_visit(w.manager, w.customer, "同意");  // names what the manager had seen
  const auto verify = [&] {
    node::Keyring fresh(w.second.vault(), w.second.entropy);
    return must(node::verify_derived(w.second.replica(), fresh, w.second.deriver()));
  };
  CHECK(verify().missing == 0);
  // The hub shows the second phone the manager's entry, and not the one it answers.
  w.world.sync(w.manager, w.hub);
  (void)w.sync_with_liar(w.second, w.hub, [&](wire::Frame& frame) {
    auto* parcel = std::get_if<wire::Parcel>(&frame);
    if (parcel == nullptr) return;
    const auto batch = must(Batch::decode(parcel->batch.bytes));
    if (batch.author.node == w.rep.identity.id) frame = wire::Ping{1};
  });
  CHECK(verify().missing == 1);
  CHECK(verify().sound());
  w.world.settle();
  CHECK(verify().missing == 0);
  CHECK(verify().otherwise == 0);
}
