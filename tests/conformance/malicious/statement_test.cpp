// SPDX-License-Identifier: AGPL-3.0-or-later
// Statements that their authors may not make, that nobody made, and invitations used by others. The hub that orders
// refuses them by name; one that orders them all the same changes nothing for anybody.
#include "schema/wire/limits.h"
#include "sync/node/directory_log.h"
#include "sync/node/enrol.h"
#include "tests/conformance/malicious/stage.h"

using namespace satchel;
using namespace satchel::malicious;

namespace {

std::string submit(sim::Node& as, sim::Node& hub, const Envelope& envelope) {
  Scripted device(as, hub);
  device.greet();
  const Bytes bytes = envelope.encode();
  device.say(wire::Submit{{View(bytes)}});
  const auto* submitted = device.answer<wire::Submitted>();
  if (submitted == nullptr) return device.bye();
  REQUIRE(submitted->results.size() == 1);
  const auto& result = submitted->results[0];
  return result.status == wire::SubmitStatus::refused ? result.code : "";
}

struct Office : Stage {
  sim::Node& chief = world.device("chief", Role::general_manager, "");
  sim::Node& hq = world.hq();
  Office() { world.settle(2); }

  template <class P>
  Envelope said(sim::Node& by, const P& payload, const ArchiveId& archive = {}) {
    return make_statement(
        {world.org(), by.identity.id, by.person, by.replica().directory()->position(), by.clock.wall()},
        by.identity.sign, payload, by.entropy, archive);
  }
  template <class P>
  std::string refusal(sim::Node& by, const P& payload, const ArchiveId& archive = {}) {
    return submit(by, hq, said(by, payload, archive));
  }
};

}  // namespace

TEST_CASE("statements: what a salesperson may not say is refused by name, whatever it is", "[malicious][device]") {
  Office office;
  payload::PersonAdded friend_of_his{
      random_id<PersonId>(office.rep.entropy), "friend", Role::general_manager, {}, {}, {}};
  payload::PersonChanged promoted;
  promoted.person = office.rep.person;
  promoted.role = Role::general_manager;
  promoted.branch = BranchId{};
  payload::Invitation invitation;
  invitation.invite = random_id<InviteId>(office.rep.entropy);
  invitation.person = office.rep.person;
  invitation.expiry = {office.world.time.ms + 1000};
  payload::Grant grant;
  grant.audience = person_audience(office.world.org(), office.rep.person);
  payload::OwnerSet owners{{office.rep.person}};
  payload::Handover handover{office.other.person, office.rep.person, {}};
  payload::Verdict verdict{{{office.rep.identity.id, 1, 1, 9}}, VerdictChoice::admit, {}};
  const auto foreign = office.world.open_customer(office.other, "南山超市", {office.other.person});
  office.world.settle(2);
  const auto place = office.hq.replica().directory()->position();
  const auto refuses = [&](const char* what, const std::string& code) {
    INFO(what);
    CHECK(code == "directory.not-allowed");
  };
  refuses("a person", office.refusal(office.rep, friend_of_his));
  refuses("its own promotion", office.refusal(office.rep, promoted));
  refuses("an invitation", office.refusal(office.rep, invitation));
  refuses("a confirmation", office.refusal(office.rep, payload::NodeConfirmed{office.rep.identity.id}));
  refuses("a revocation", office.refusal(office.rep, payload::NodeRevoked{office.boss.identity.id, "x"}));
  refuses("a branch",
          office.refusal(office.rep, payload::BranchAdded{random_id<BranchId>(office.rep.entropy), "b", {}}));
  refuses("a policy", office.refusal(office.rep, payload::Policy{"lease-days", "0"}));
  refuses("a handover to itself", office.refusal(office.rep, handover));
  refuses("a destruction", office.refusal(office.rep, payload::DestroyProposed{{foreign}}));
  refuses("an owner", office.refusal(office.rep, owners, foreign));
  refuses("a grant", office.refusal(office.rep, grant, foreign));
  refuses("a verdict on its own work", office.refusal(office.rep, verdict, foreign));
  CHECK(office.hq.replica().directory()->position() == place);
  office.unharmed();
}

TEST_CASE("statements: destruction by one person, or by the same one twice, is none", "[malicious][hub]") {
  Office office;
  CHECK(office.refusal(office.chief, payload::Destroy{Digest::of(Bytes(32, 3))}) == "directory.unknown-proposal");
  const Envelope proposal = office.said(office.chief, payload::DestroyProposed{{office.customer}});
  REQUIRE(submit(office.chief, office.hq, proposal).empty());
  CHECK(office.refusal(office.chief, payload::Destroy{proposal.id()}) == "directory.two-persons");
  // His second device is he.
  sim::Node& second = office.world.device("chief", Role::general_manager, "");
  office.world.settle(2);
  CHECK(office.refusal(second, payload::Destroy{proposal.id()}) == "directory.two-persons");
  // A hub that orders it all the same destroys nothing anywhere.
  const Envelope alone = office.said(office.chief, payload::Destroy{proposal.id()});
  must(office.hq.replica().write([&](WriteTxn& txn, node::Effects& effects) {
    return node::order_statement(txn, effects, office.hq.replica(), alone);
  }));
  office.world.settle(3);
  for (sim::Node* at : office.world.all()) {
    INFO(at->name);
    CHECK_FALSE(at->replica().directory()->is_destroyed(office.customer));
  }
  CHECK(office.world.card_of(office.rep, office.customer));
  office.unharmed();
}

TEST_CASE("statements: a ghost member that a hub makes up reads nothing", "[malicious][hub]") {
  Office office;
  sim::SeededEntropy entropy(13);
  const Identity ghost = make_identity(entropy);
  payload::PersonAdded added{random_id<PersonId>(entropy),   "ghost", Role::branch_manager,
                             office.world.branch("branch1"), {},      {}};
  // In the administrator's name, signed with the hub's key; and in the hub's own.
  const auto position = office.hq.replica().directory()->position();
  const Envelope forged =
      make_statement({office.world.org(), office.world.admin().identity.id, office.world.admin().person, position, {1}},
                     office.hq.identity.sign, added, entropy);
  const Envelope own = make_statement({office.world.org(), office.hq.identity.id, {}, position, {1}},
                                      office.hq.identity.sign, added, entropy);
  CHECK(code(office.hq.replica().directory()->check(forged, {office.world.time.ms})) == "directory.bad-signature");
  CHECK_FALSE(code(office.hq.replica().directory()->check(own, {office.world.time.ms})).empty());
  must(office.hq.replica().write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
    SATCHEL_TRY(node::order_statement(txn, effects, office.hq.replica(), forged));
    return node::order_statement(txn, effects, office.hq.replica(), own);
  }));
  office.world.settle(3);
  for (sim::Node* at : office.world.all()) {
    INFO(at->name);
    CHECK(at->replica().directory()->person(added.person) == nullptr);
    CHECK(at->replica().directory()->node(ghost.id) == nullptr);
  }
  office.unharmed();
}

TEST_CASE("statements: a branch hub keeps no more of one author than its share, and the others' go on",
          "[malicious][device]") {
  Office office;
  const auto kept = [&] { return must(node::all_pending(*office.reading(office.hub))); };
  const auto hand_in = [&](sim::Node& as, const std::vector<Envelope>& statements) {
    Scripted device(as, office.hub);
    device.greet();
    std::vector<Bytes> bytes;
    for (const auto& statement : statements) bytes.push_back(statement.encode());
    wire::Submit submit;
    submit.envelopes.assign(bytes.begin(), bytes.end());
    device.say(submit);
    const auto* answer = device.answer<wire::Submitted>();
    REQUIRE(answer != nullptr);
    std::size_t crowded = 0;
    for (const auto& result : answer->results) {
      CHECK(result.status == wire::SubmitStatus::pending);
      crowded += result.code == "directory.crowded" ? 1 : 0;
    }
    return crowded;
  };
  std::vector<Envelope> flood;
  for (std::size_t i = 0; i < kKeptPerAuthorMax + 20; ++i)
    flood.push_back(office.said(office.rep, payload::Policy{"lease-days", std::to_string(i)}));
  CHECK(hand_in(office.rep, flood) == 20);
  CHECK(kept().size() == kKeptPerAuthorMax);
  // In the name of nodes nobody knows.
  std::vector<Envelope> ghosts;
  for (std::size_t i = 0; i < kKeptOfStrangersMax + 5; ++i) {
    const Identity ghost = make_identity(office.rep.entropy);
    ghosts.push_back(make_statement({office.world.org(), ghost.id, {}, {1, 1}, {1}}, ghost.sign,
                                    payload::Policy{"lease-days", "1"}, office.rep.entropy));
  }
  CHECK(hand_in(office.rep, ghosts) == 5);
  CHECK(kept().size() == kKeptPerAuthorMax + kKeptOfStrangersMax);
  // In a colleague's name, with something that is found wrong before the signature is.
  const Envelope forged =
      make_statement({office.world.org(), office.boss.identity.id, office.rep.person, {1, 1}, {1}},
                     office.rep.identity.sign, payload::Policy{"lease-days", "1"}, office.rep.entropy);
  CHECK(submit(office.rep, office.hub, forged) == "directory.bad-signature");
  // What the manager says is kept and obeyed.
  const Envelope revoked = office.said(office.boss, payload::NodeRevoked{office.other.identity.id, "lost"});
  CHECK(hand_in(office.boss, {revoked}) == 0);
  CHECK(std::ranges::count(office.hub.replica().obeyed()->restrictions, revoked.id()) == 1);
  // When headquarters has refused them, there is room for others.
  office.world.sync(office.hub, office.hq);
  office.world.sync(office.hub, office.hq);
  const Envelope another = office.said(office.rep, payload::Policy{"lease-days", "another"});
  CHECK(hand_in(office.rep, {another}) == 0);
  CHECK(std::ranges::any_of(kept(), [&](const node::Pending& p) { return p.id == another.id(); }));
  CHECK(kept().size() <= kKeptPerAuthorMax + kKeptOfStrangersMax);
}

TEST_CASE("statements: headquarters orders no more of one device in a day than its share", "[malicious][device]") {
  Office office;
  auto& hq = office.hq.replica();
  const auto say = [&](sim::Node& by, std::uint32_t life) {
    const Envelope wanted = office.said(by, payload::NumberRangeWanted{by.identity.id, life, 1});
    wire::SubmitResult result;
    must(hq.write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
      SATCHEL_GET(taken, node::take_statement(txn, effects, hq, wanted));
      result = taken;
      return {};
    }));
    return result;
  };
  // As on a day on which it has said nearly all that it may.
  must(hq.write([&](WriteTxn& txn, node::Effects&) {
    return txn.put(Table::meta, Writer().raw(view("said:")).raw(office.rep.identity.id.view()).bytes(),
                   Writer().i64(office.hq.clock.wall().ms / 86'400'000).u32(kSaidPerDayMax - 1).u64(1000).bytes());
  }));
  CHECK(say(office.rep, 1000).status == wire::SubmitStatus::ordered);
  const auto over = say(office.rep, 1001);
  CHECK(over.status == wire::SubmitStatus::pending);
  CHECK(over.code == "directory.crowded");
  CHECK(say(office.other, 1000).status == wire::SubmitStatus::ordered);  // others are not held up
  office.world.time.ms += 86'400'000;
  CHECK(say(office.rep, 1001).status == wire::SubmitStatus::ordered);
  office.unharmed();
}

TEST_CASE("statements: a hub that obeys more than a stamp can list does not stamp until they are ordered",
          "[malicious][device]") {
  Office office;
  const PersonId owners[] = {office.other.person, office.rep.person};
  must(office.hub.replica().write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
    for (std::size_t i = 0; i < kRestrictionsMax + 2; ++i) {
      const Envelope given = office.said(office.boss, payload::OwnerSet{{owners[i % 2]}}, office.customer);
      SATCHEL_TRY(node::take_statement(txn, effects, office.hub.replica(), given));
    }
    return {};
  }));
  CHECK(office.hub.replica().obeyed()->restrictions.size() == kRestrictionsMax + 2);
  office.world.add_visit(office.rep, office.customer, "交给过很多人");
  office.seal(office.rep);
  auto reading = office.reading(office.rep);
  const auto last = must(node::last_ordinal(*reading));
  auto received = office.next_parcel(office.rep, last - 1);
  const auto push = [&] {
    const auto& parcel = std::get<wire::Parcel>(received.frame());
    auto& hub = office.hub.replica();
    const auto verified = must(node::verify_parcel(parcel, hub.author_keys(), hub.hub_keys()));
    std::size_t stamps = 0;
    must(hub.write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
      SATCHEL_GET(taken, node::take_parcel(txn, effects, hub, verified, office.rep.identity.id, true));
      stamps = taken.stamps.size();
      return {};
    }));
    return stamps;
  };
  CHECK(push() == 0);
  office.world.sync(office.hub, office.hq);
  office.world.sync(office.hub, office.hq);
  REQUIRE(office.hub.replica().obeyed()->restrictions.empty());
  CHECK(push() >= 1);
  office.unharmed();
}

TEST_CASE("statements: what nobody signed is refused by a branch hub too, and obeyed by none", "[malicious][device]") {
  Office office;
  const auto forged =
      make_statement({office.world.org(),
                      office.boss.identity.id,
                      office.boss.person,
                      office.boss.replica().directory()->position(),
                      {1}},
                     office.rep.identity.sign, payload::NodeRevoked{office.other.identity.id, "x"}, office.rep.entropy);
  CHECK(submit(office.rep, office.hub, forged) == "directory.bad-signature");
  CHECK(submit(office.rep, office.hq, forged) == "directory.bad-signature");
  CHECK(office.hub.replica().obeyed()->restrictions.empty());
  CHECK(must(node::all_pending(*office.reading(office.hub))).empty());
  sim::World elsewhere(8);
  const auto foreign = make_statement({elsewhere.org(), office.rep.identity.id, office.rep.person, {1, 1}, {1}},
                                      office.rep.identity.sign,
                                      payload::NumberRangeWanted{office.rep.identity.id, 1, 100}, office.rep.entropy);
  CHECK(submit(office.rep, office.hub, foreign) == "directory.wrong-organisation");
  CHECK(submit(office.rep, office.hq, foreign) == "directory.wrong-organisation");
  office.unharmed();
}

// ---- invitations ----

namespace {

struct Invited : Office {
  InvitationFile file = new_invitation(hq.replica().directory()->root(), world.admin().entropy);
  sim::SeededEntropy entropy{99};
  std::deque<sim::Node> phones;

  explicit Invited(std::int64_t lives_ms = 3'600'000) {
    payload::Invitation invitation;
    invitation.invite = file.invite;
    invitation.token = token_keys(file).pub;
    invitation.purpose = InvitePurpose::person;
    invitation.person = rep.person;
    invitation.expiry = {world.time.ms + lives_ms};
    world.state(invitation);
    world.sync(world.admin(), world.hq());
  }
  sim::Node& phone() {
    phones.emplace_back(world, "phone", make_identity(entropy), wire::Role::device, world.org(), 700 + phones.size(),
                        0);
    phones.back().start();
    return phones.back();
  }
  std::string enrol(sim::Node& as, const InvitationFile& with) {
    return submit(as, hq, node::enrolment(with, as.identity, "phone", {}, as.clock.wall(), as.entropy));
  }
};

}  // namespace

TEST_CASE("invitations: a token works once, in its time, for its organisation, and only whole", "[malicious][device]") {
  Invited office;
  sim::Node& thief = office.phone();
  InvitationFile bent = office.file;
  bent.token[0] ^= 1;
  CHECK(office.enrol(thief, bent) == "directory.bad-token");
  InvitationFile unknown = office.file;
  unknown.invite.bytes[0] ^= 1;
  CHECK(office.enrol(thief, unknown) == "directory.unknown-invitation");
  // A token of another tenant.
  sim::World elsewhere(8);
  InvitationFile foreign = office.file;
  foreign.org = elsewhere.org();
  foreign.root = elsewhere.hq().replica().directory()->root();
  CHECK(office.enrol(thief, foreign) == "directory.wrong-organisation");
  // The enrolment of another device, handed in by a thief.
  sim::Node& honest = office.phone();
  const auto word = node::enrolment(office.file, honest.identity, "phone", {}, honest.clock.wall(), honest.entropy);
  CHECK(submit(thief, office.hq, word) == "session.unconfirmed");
  REQUIRE(office.enrol(honest, office.file).empty());
  CHECK(office.enrol(thief, office.file) == "directory.token-used");
  // Enrolled is not confirmed.
  Scripted device(honest, office.hq);
  device.greet();
  CHECK(device.answer<wire::Welcome>()->standing == wire::Standing::unconfirmed);
  device.say(wire::Parcel{});
  CHECK(device.bye() == "session.unconfirmed");
  office.unharmed();
}

TEST_CASE("invitations: a token that is too old is none", "[malicious][device]") {
  Invited office(1000);
  office.world.time.ms += 2000;
  CHECK(office.enrol(office.phone(), office.file) == "directory.token-expired");
  office.unharmed();
}
