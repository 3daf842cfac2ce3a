// SPDX-License-Identifier: AGPL-3.0-or-later
// Stories of rights that are asked for and that end, and of two archives shown as one while work arrives late.
#include <catch2/catch.hpp>

#include "schema/wire/limits.h"
#include "sync/bundle/export.h"
#include "sync/bundle/import.h"
#include "sync/node/dropping.h"
#include "sync/node/grants.h"
#include "sync/node/outbox.h"
#include "tests/simulation/staff.h"
#include "tests/support/temp_folder.h"

using namespace satchel;
using namespace satchel::sim;

namespace {

constexpr std::int64_t kOneDayMs = 86'400'000;

struct Town : Staff {
  Node& far;
  explicit Town(std::uint64_t seed) : Staff(seed), far(world.device("far", Role::salesperson, "branch2")) {
    world.settle(4);
  }
  // The archive it is shown within, as that node reads it.
  ArchiveId within(Node& at, const ArchiveId& archive) {
    const auto txn = must(at.replica().store().begin_read());
    const auto no = must(node::find_archive(*txn, archive));
    if (!no) return {};
    return at.replica().directory()->shown_within(node::access_of(*must(node::archive_info(*txn, *no))));
  }
  RequestState state(Node& at, const Digest& request) {
    return at.replica().directory()->requests().at(request).state(at.clock.wall());
  }
};

}  // namespace

TEST_CASE("rights: asked for, read by those asked alone, approved, used, and over by itself", "[simulation][access]") {
  Town t(31);
  const auto customer = t.world.open_customer(t.rep, "福田百货");
  const auto visit = t.world.add_visit(t.rep, customer, "谈了价格");
  t.world.settle(3);
  const auto directory = t.far.replica().directory();
  const auto hq = hq_audience(t.world.org());
  const auto own = person_audience(t.world.org(), t.far.person);
  const std::string words = "福田百货，代班一周";
  payload::AccessRequested asked{hq, GrantRights::read, {}, {}, {}};
  asked.text = must(t.far.keyring().box_text(*directory, hq, t.far.person, words));
  asked.own = must(t.far.keyring().box_text(*directory, own, t.far.person, words));
  const auto request = t.world.state_as(t.far, asked);
  t.world.settle(4);
  for (Node* at : {&t.far, &t.manager, &t.boss, &t.rep}) {
    INFO(at->name);
    const auto now = at->replica().directory();
    const auto& known = now->requests().at(request);
    CHECK(t.state(*at, request) == RequestState::waiting);
    const auto text = at->keyring().open_boxed(*now, hq, known.by, known.what.text);
    CHECK(text.has_value() == (at == &t.boss));
    if (text) CHECK(*text == words);
    CHECK(at->keyring().open_boxed(*now, own, known.by, known.what.own).has_value() == (at == &t.far));
  }
  // The same box under another person's name opens nothing: it cannot be passed off as his.
  const auto now = t.boss.replica().directory();
  CHECK(t.boss.keyring().open_boxed(*now, hq, t.rep.person, now->requests().at(request).what.text).error().code ==
        "seal.broken");

  const WallTime until{t.world.time.ms + 3 * kOneDayMs};
  t.world.state_as(t.boss, payload::Grant{own, GrantRights::read, 0, until}, customer);
  t.world.state_as(t.boss, payload::AccessAnswered{request, AnswerChoice::approve, GrantRights::read, until, {}});
  t.world.settle(4);
  CHECK(t.state(t.far, request) == RequestState::approved);
  CHECK(t.summary(t.far, customer, visit) == "谈了价格");
  t.world.time.ms += 4 * kOneDayMs;
  must(node::drop_what_is_lost(t.far.replica(), t.far.keyring(), t.far.clock.wall()));  // no contact needed
  CHECK(t.state(t.far, request) == RequestState::over);
  CHECK(t.world.read(t.far, customer, visit).state.empty());
  t.world.add_visit(t.rep, customer, "之后");
  t.world.settle(4);
  CHECK(t.world.read(t.far, customer, visit).state.empty());
  // The branch that had it through the grant alone gets no more of it, so it stays behind headquarters.
  CHECK(check_logs(t.world) == "");
  CHECK(check_scope(t.world) == "");
  CHECK(check_audit(t.world) == "");
}

TEST_CASE("rights: when the only owner is revoked, the next entry gets a key that his device cannot open",
          "[simulation][access]") {
  Town t(33);
  const auto customer = t.world.open_customer(t.rep, "福田百货");
  t.world.settle(3);
  // Nobody is left of the owner's own audience to renew its key, and nobody takes the archive over yet.
  t.world.state(payload::NodeRevoked{t.rep.identity.id, "lost"});
  payload::PersonChanged left{.person = t.rep.person};
  left.active = false;
  t.world.state(left);
  t.world.settle(4);
  const auto visit = t.world.add_visit(t.manager, customer, "离职之后");
  t.world.settle(4);
  CHECK(t.summary(t.boss, customer, visit) == "离职之后");
  const auto txn = must(t.hub.replica().store().begin_read());
  const auto info = *must(node::archive_info(*txn, *must(node::find_archive(*txn, customer))));
  CHECK(info.epoch == 1);
  // With every byte the hub has and all it ever knew, his device opens nothing of the new epoch.
  const auto directory = t.world.hq().replica().directory();
  node::Keyring thief(t.rep.vault(), t.rep.entropy);
  for (const auto& bytes : must(node::wraps_of(*txn, info.no))) {
    const auto wrap = must(Wrap::decode(bytes));
    if (wrap.epoch == 1) CHECK_FALSE(thief.audience_secret(*directory, wrap.audience, wrap.audience_epoch));
  }
  CHECK(t.sound() == "");
}

TEST_CASE("rights: who lost the only phone reads everything on a new one, and so does a manager after a gap",
          "[simulation][access]") {
  Town t(34);
  const auto customer = t.world.open_customer(t.rep, "福田百货");
  const auto visit = t.world.add_visit(t.rep, customer, "谈了价格");
  t.world.settle(3);
  // Nobody else holds the secrets of these two audiences: what was wrapped for them opens no more.
  t.world.state(payload::NodeRevoked{t.rep.identity.id, "lost"});
  t.world.state(payload::NodeRevoked{t.manager.identity.id, "lost"});
  payload::PersonChanged left{.person = t.manager.person};
  left.active = false;
  t.world.state(left);
  t.world.settle(4);
  Node& phone = t.world.device("rep", Role::salesperson, "branch1");
  Node& next = t.world.device("next", Role::branch_manager, "branch1");
  t.world.settle(6);
  for (Node* at : {&phone, &next}) {
    INFO(at->name);
    CHECK(t.summary(*at, customer, visit) == "谈了价格");
  }
  const auto after = t.world.add_visit(phone, customer, "新手机");
  t.world.settle(4);
  CHECK(t.summary(next, customer, after) == "新手机");
  CHECK(t.sound() == "");
}

TEST_CASE("rights: one archive shown within another while late work comes to it, and two again",
          "[simulation][access]") {
  Town t(32);
  const auto whole = t.world.open_customer(t.rep, "福田百货");
  const auto part = t.world.open_customer(t.heir, "福田百货公司");
  t.world.settle(3);
  // The heir is out of reach from here on.
  const auto offline = t.world.add_visit(t.heir, part, "没有听说合并");
  t.world.state_as(t.manager, payload::Merge{whole}, part);
  t.world.sync(t.manager, t.hub);
  t.world.sync(t.hub, t.world.hq());
  t.world.sync(t.manager, t.hub);
  CHECK(t.within(t.manager, part) == whole);
  CHECK(t.within(t.heir, part).none());
  const auto fresh = t.world.add_visit(t.manager, whole, "写入整体");
  t.world.settle(4);
  for (Node* at : {&t.manager, &t.boss, &t.heir}) CHECK(t.within(*at, part) == whole);
  CHECK(t.summary(t.manager, part, offline) == "没有听说合并");
  CHECK(t.summary(t.boss, part, offline) == "没有听说合并");
  // Each keeps its readers: the owner of one does not read the other.
  CHECK(t.world.read(t.heir, whole, fresh).state.empty());
  CHECK(t.world.read(t.rep, part, offline).state.empty());
  CHECK(t.within(t.rep, part).none());
  t.world.state_as(t.manager, payload::MergeUndone{}, part);
  const auto late = t.world.add_visit(t.heir, part, "之后");
  t.world.settle(4);
  for (Node* at : {&t.manager, &t.boss, &t.heir}) CHECK(t.within(*at, part).none());
  CHECK(t.summary(t.manager, whole, fresh) == "写入整体");
  CHECK(t.summary(t.manager, part, late) == "之后");
  CHECK(t.sound() == "");
}

TEST_CASE("rights: work that headquarters took before it heard of the dismissal counts for those who had it first",
          "[simulation][access]") {
  Town t(35);
  const auto customer = t.world.open_customer(t.rep, "福田百货");
  t.world.settle(3);
  // The branch is cut off, and obeys its manager.
  payload::PersonChanged left{.person = t.rep.person};
  left.active = false;
  t.world.state_as(t.manager, left);
  t.world.sync(t.manager, t.hub);
  const auto visit = t.world.add_visit(t.rep, customer, "谈了价格");
  t.world.sync(t.rep, t.hub);
  t.world.sync(t.manager, t.hub);
  t.world.sync(t.rep, t.world.hq());
  t.world.settle(4);
  for (Node* at : {&t.manager, &t.boss}) {
    INFO(at->name);
    CHECK(t.world.read(*at, customer, visit).held == 0);
    CHECK(t.summary(*at, customer, visit) == "谈了价格");
  }
  CHECK(t.sound() == "");
}

TEST_CASE("rights: whoever reads from a later key on reads what that key opens, whatever else stays closed",
          "[simulation][access]") {
  Town t(36);
  const auto customer = t.world.open_customer(t.rep, "福田百货", {t.rep.person, t.heir.person});
  t.world.settle(3);
  const auto visit = t.world.add_visit_under_new_key(t.manager, customer, "换了钥匙");
  t.world.sync(t.manager, t.hub);
  // Its author does not know of the new key: what stays closed to the new reader comes last.
  t.world.add_visit(t.heir, customer, "还是旧钥匙");
  t.world.sync(t.heir, t.hub);
  t.world.settle(2);
  const auto reader = person_audience(t.world.org(), t.far.person);
  t.world.state_as(t.manager, payload::Grant{reader, GrantRights::read, 1, {}}, customer);
  t.world.sync(t.manager, t.hub);
  t.world.sync(t.hub, t.world.hq());
  t.world.sync(t.far, t.world.hq());  // before anybody made him a key
  CHECK(t.world.read(t.far, customer, visit).state.empty());
  t.world.settle(5);
  CHECK(t.summary(t.far, customer, visit) == "换了钥匙");
  CHECK(t.sound() == "");
}

TEST_CASE("rights: who loses a customer before his own hub ever heard of it is told when he hands it in",
          "[simulation][access]") {
  Town t(37);
  const auto customer = t.world.open_customer(t.rep, "福田百货");
  t.world.sync(t.rep, t.world.hq());
  t.world.state(payload::Moved{t.world.branch("branch2"), {t.far.person}}, customer);
  t.world.sync(t.world.admin(), t.world.hq());
  // Headquarters gives the branch the statement, which is not about anything it has.
  t.world.sync(t.hub, t.world.hq());
  t.world.settle(4);
  CHECK_FALSE(t.world.may_read(t.rep, customer));
  CHECK(t.summary(t.far, customer, t.world.add_visit(t.far, customer, "新来的")) == "新来的");
  t.world.settle(3);
  CHECK(t.sound() == "");
}

TEST_CASE("rights: who loses a customer is told by whom he meets, wherever the line was cut that gave him the places",
          "[simulation][access]") {
  // What he has of the customer goes up while he is told of an order whose words headquarters withholds, for want of
  // it.
  struct Case {
    bool by_manager = false;  // who does not hand in work of his own
    bool by_branch = false;   // whose hub has the customer, and hears of the order later
  };
  const auto c = GENERATE(Case{}, Case{false, true}, Case{true, true}, Case{true, false});
  std::size_t withheld = 0;
  for (std::size_t steps = 1, cuts = 0; cuts == steps - 1; ++steps) {
    Town t(38);
    Node& who = c.by_manager ? t.manager : t.rep;
    const auto customer = t.world.open_customer(t.rep, "福田百货");
    if (c.by_branch || c.by_manager) t.world.sync(t.rep, t.hub);
    if (c.by_manager) t.world.sync(t.manager, t.hub);
    t.world.state(payload::Moved{t.world.branch("branch2"), {t.far.person}}, customer);
    t.world.sync(t.world.admin(), t.world.hq());
    auto line = t.world.connect(who, t.world.hq());
    std::size_t taken = 0;
    while (taken < steps && line->step()) ++taken;
    cuts += taken == steps;
    line->cut();
    const bool at_the_end = who.replica().directory()->position() == t.world.hq().replica().directory()->position();
    withheld += at_the_end && t.world.may_read(who, customer);
    t.world.sync(t.hub, t.world.hq());
    t.world.sync(who, c.by_branch ? t.hub : t.world.hq());
    CAPTURE(c.by_manager, c.by_branch, steps);
    REQUIRE_FALSE(t.world.may_read(who, customer));
    if (steps % 10 != 0) continue;
    t.world.settle(4);
    REQUIRE(t.sound() == "");
  }
  CHECK(withheld > 0);
}

TEST_CASE("rights: what is ordered while a long round runs is told before the page that it turned",
          "[simulation][access]") {
  Town t(44);
  const auto theirs = [&](Node& node) { return person_audience(t.world.org(), node.person); };
  // Of each so much was said that it fills a page; a round has so many pages under way, and then waits for answers.
  std::vector<ArchiveId> customers;
  for (std::size_t i = 0; i <= kPagesInFlight; ++i) customers.push_back(t.world.open_customer(t.rep, "福田百货"));
  t.world.settle(3);
  for (std::size_t i = 0; i < kPagesInFlight; ++i) {
    for (std::size_t n = 0; n < kStatementsPerRun; ++n)
      t.world.state(payload::Grant{theirs(t.heir), GrantRights::read, 0, {}}, customers[i]);
    t.world.state(payload::Grant{theirs(t.far), GrantRights::read, 0, {}}, customers[i]);
  }
  t.world.sync(t.world.admin(), t.world.hq());
  auto line = t.world.connect(t.far, t.world.hq());
  const auto& last = customers.back();
  const auto said = [&](Node& at) { return at.replica().directory()->archive_facts().at(last); };
  std::set<Position> told;
  std::size_t pages = 0;
  std::optional<bool> told_before;
  line->tap = [&](bool, const Bytes& bytes) {
    const auto received = must(wire::Received::decode(bytes));
    if (const auto* run = std::get_if<wire::DirectoryRun>(&received.frame())) {
      for (const auto& record : run->records) {
        if (!record.envelope.empty()) told.insert(must(decode_ordered(record.ordered)).position);
      }
    }
    const auto* page = std::get_if<wire::Touched>(&received.frame());
    if (page == nullptr) return;
    ++pages;
    if (std::ranges::find(page->items, last, &wire::TouchedItem::archive) == page->items.end()) return;
    const auto all = said(t.world.hq());
    told_before = told_before.value_or(true) &&
                  std::ranges::all_of(all, [&](const auto& fact) { return told.contains(fact.said.at); });
  };
  while (pages == 0) REQUIRE(line->step());
  REQUIRE(pages == kPagesInFlight);
  // The first is not for him, and all the same true of what the second gives him.
  t.say(payload::OwnerSet{{t.heir.person}}, last);
  t.say(payload::Grant{theirs(t.far), GrantRights::read, 0, {}}, last);
  while (line->step()) continue;
  CHECK(told_before == true);
  t.world.sync(t.far, t.world.hq());
  CHECK(said(t.far) == said(t.world.hq()));
  t.world.settle(3);
  CHECK(t.sound() == "");
}

TEST_CASE("rights: what was said of a customer before any hub had it is told to whoever opened it",
          "[simulation][access]") {
  Town t(39);
  const auto customer = t.world.open_customer(t.boss, "福田百货");
  t.say(
      payload::Grant{
          person_audience(t.world.org(), t.heir.person), GrantRights::read, 0, {t.world.time.ms + kOneDayMs}},
      customer);
  t.world.settle(4);
  CHECK(check_told(t.world) == "");
  t.world.time.ms += 2 * kOneDayMs;
  t.world.settle(2);
  // So the next entry gets a key that the former reader has not.
  t.world.add_visit(t.boss, customer, "之后");
  t.world.settle(3);
  CHECK(t.info(t.world.hq(), customer).epoch == 1);
  CHECK(t.sound() == "");
}

TEST_CASE("rights: who has not got the newest key yet uses no older one that somebody left with",
          "[simulation][access]") {
  Town t(40);
  const auto customer = t.world.open_customer(t.rep, "福田百货");
  const auto guest = person_audience(t.world.org(), t.far.person);
  t.say(payload::Grant{guest, GrantRights::read, 0, {}}, customer);
  t.world.settle(4);
  t.say(payload::GrantEnded{guest}, customer);
  t.world.settle(4);
  // The manager, away, renews the key without knowing of a second owner, who was given the old one meanwhile.
  t.say(payload::OwnerSet{[&] {
          std::vector<PersonId> both{t.rep.person, t.heir.person};
          std::ranges::sort(both);
          return both;
        }()},
        customer);
  for (int i = 0; i < 2; ++i) {
    t.world.sync(t.rep, t.world.hq());
    t.world.sync(t.heir, t.world.hq());
  }
  REQUIRE(t.opens(t.heir, customer));
  t.world.add_visit(t.manager, customer, "换了钥匙");
  t.world.sync(t.manager, t.hub);
  t.world.sync(t.hub, t.world.hq());
  t.world.sync(t.heir, t.world.hq());
  REQUIRE(t.info(t.heir, customer).epoch == 1);
  const auto visit = t.world.add_visit(t.heir, customer, "新主人");
  {
    const auto txn = must(t.heir.replica().store().begin_read());
    const auto info = t.info(t.heir, customer);
    for (const auto& head : must(node::heads_of(*txn, info.no))) {
      if (head.chain.chain.node == t.heir.identity.id) CHECK(must(node::entry_at(*txn, head.last)).header.epoch > 0);
    }
  }
  t.world.settle(4);
  CHECK(t.summary(t.manager, customer, visit) == "新主人");
  CHECK(t.sound() == "");
}

TEST_CASE("rights: a wrap that comes after the entries it belongs to reaches those it is for", "[simulation][access]") {
  Town t(41);
  const auto customer = t.world.open_customer(t.rep, "福田百货");
  t.world.sync(t.rep, t.hub);
  t.world.sync(t.hub, t.world.hq());
  // As if both hubs had the entries from a colleague, who has the wraps for himself alone.
  const auto lose = [&](Node& at) {
    must(at.replica().write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
      const auto no = *must(node::find_archive(txn, customer));
      for (const auto& bytes : must(node::wraps_of(txn, no))) {
        const auto wrap = must(Wrap::decode(bytes));
        if (wrap.audience == hq_audience(t.world.org())) SATCHEL_TRY(node::drop_wrap(txn, no, wrap));
      }
      return {};
    }));
  };
  lose(t.hub);
  lose(t.world.hq());
  t.world.sync(t.boss, t.world.hq());
  REQUIRE_FALSE(t.opens(t.boss, customer));
  must(t.rep.replica().write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
    return node::owe(txn, *must(node::find_node(txn, t.hub.identity.id)), t.hub.identity.incarnation, 1);
  }));
  t.world.sync(t.rep, t.hub);
  t.world.sync(t.hub, t.world.hq());
  t.world.sync(t.boss, t.world.hq());
  CHECK(t.opens(t.boss, customer));
}

TEST_CASE("rights: a manager's new phone gets every key, however many there were", "[simulation][access]") {
  Town t(38);
  constexpr int kArchives = 300;
  constexpr int kEpochs = 7;  // one page of a feed, and more wraps than one answer holds
  for (int i = 0; i < kArchives; ++i) {
    const auto customer = t.world.open_customer(t.rep, "福田百货");
    must(t.rep.replica().write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
      node::Scribe scribe(txn, effects.directory(), t.rep.identity, t.rep.keyring(), t.rep.entropy,
                          {t.rep.clock.wall(), t.rep.clock.mono(), true});
      SATCHEL_GET(no, node::find_archive(txn, customer));
      for (int epoch = 0; epoch < kEpochs; ++epoch) {
        SATCHEL_GET(info, node::archive_info(txn, *no));
        SATCHEL_TRY(scribe.rotate(*info));
        SATCHEL_TRY(scribe.write(*info, {}));
      }
      return scribe.finish();
    }));
  }
  t.world.settle(2);
  t.world.device("manager", Role::branch_manager, "branch1");
  t.world.settle(4);
  CHECK(check_range(t.world) == "");
}

// The rule takes what was opened without knowledge of it; while it waits for its place nobody has to wait to work, and
// what a manager may do by his role does not hang on what he owns.
TEST_CASE("handover: while a handover waits for headquarters, who handed over goes on opening customers",
          "[simulation][access]") {
  Town b(32);
  b.world.settle();
  // The branch is cut off; its hub has the word.
  b.world.state_as(b.manager, payload::Handover{b.manager.person, b.heir.person, {}});
  b.world.state_as(b.manager, payload::Handover{b.rep.person, b.heir.person, {}});
  b.world.sync(b.manager, b.hub);
  for (Node* at : {&b.manager, &b.rep}) {
    INFO(at->name);
    const auto customer = must(b.world.try_open_customer(*at, "宝安商行"));
    const auto visit = must(b.world.try_add_visit(*at, customer, "首次拜访"));
    session::SyncReport report;
    REQUIRE(b.world.sync_outcome(*at, b.hub, &report));
    CHECK(report.rejected == 0);
    CHECK(b.summary(*at, customer, visit) == "首次拜访");
    CHECK(b.opens(*at, customer));
    b.world.sync(b.manager, b.hub);
    if (at == &b.manager) CHECK(b.summary(b.manager, customer, visit) == "首次拜访");
    CHECK(b.opens(b.manager, customer));
  }
  b.world.settle(4);
  CHECK(b.sound() == "");
}

// It had gone elsewhere meanwhile, which was not for him to know.
TEST_CASE("rights: who is given all that another has does not take a customer for his that the other has no more",
          "[simulation][access]") {
  Town t(47);
  const auto customer = t.world.open_customer(t.rep, "福田百货");
  t.world.settle(3);
  t.say(payload::OwnerSet{{t.heir.person}}, customer);
  t.world.settle(2);
  const auto manages = [&](Role role) {
    payload::PersonChanged change{.person = t.manager.person};
    change.role = role;
    t.say(change);
  };
  const bool of_his_role = GENERATE(false, true);
  if (of_his_role) manages(Role::salesperson);
  t.say(payload::Moved{t.world.branch("branch2"), {t.far.person}}, customer);
  const bool hears_at_once = GENERATE(false, true);
  if (!hears_at_once) t.world.settle(2);
  Node& who = of_his_role ? t.manager : t.rep;
  if (of_his_role) {
    manages(Role::branch_manager);
  } else {
    t.say(payload::Handover{t.heir.person, t.rep.person, {}});
  }
  SECTION("over a line") { t.world.sync(who, t.world.hq()); }
  SECTION("in a file") {
    const TempFolder folder(volatile_folder());
    const auto made = bundle::export_bundle(t.world.hq().replica(), {bundle::to_person(who.person), folder.path(), 0});
    REQUIRE(made);
    for (const auto& file : made->files) REQUIRE(bundle::import_part(who.replica(), file));
  }
  const auto seen = who.replica().directory();
  CHECK_FALSE(t.world.may_read(who, customer));
  CHECK(seen->owners(node::access_of(t.info(who, customer))) == std::vector{t.far.person});
  t.world.settle(3);
  CHECK(t.sound() == "");
}
