// SPDX-License-Identifier: AGPL-3.0-or-later
// Destroying as two people do it: what stands against it, what a reason passes over, who has let go, the certificate.
#include <catch2/catch.hpp>

#include "client/field/certificate.h"
#include "tests/unit/client_b/company.h"

using namespace satchel;
using namespace satchel::test;

namespace {

struct Board {
  Company company;
  Seat& jia = company.join("甲", Role::salesperson);
  Seat& manager = company.join("经理", Role::branch_manager);
  Seat& general = company.join("总经理", Role::general_manager, "");
  ArchiveId customer = company.open(jia, "福田百货").archive;

  Board() {
    company.visit(jia, "福田百货", {{"summary", "从前"}});
    company.sync_all();
  }
  std::vector<field::Obstacle> found(Seat& seat) {
    std::vector<field::Obstacle> out;
    const auto examined = must(field::examine(*seat.book, {customer}));
    for (const auto& one : examined[0].found) out.push_back(one.what);
    return out;
  }
  field::ListedProposal proposed(DestroyReason reason = DestroyReason::person_asked) {
    const auto plan = must(field::plan_destruction(*manager.book, {"福田百货"}, reason));
    const auto said = must(field::propose_destruction(*manager.book, plan, reason));
    company.sync_all();
    const auto all = must(field::list_proposals(*general.book));
    return must(field::find_proposal(all, said.id.hex().substr(0, 8)));
  }
  field::ListedProposal listed(Seat& seat) { return must(field::list_proposals(*seat.book)).list.at(0); }
  void destroy() {
    must(field::countersign(*general.book, proposed()));
    company.sync_all();
    company.sync_all();
  }
  // Nodes of the world that no seat stands for.
  void others_let_go() {
    auto& world = company.world();
    for (int round = 0; round < 3; ++round) {
      world.sync(world.hub_of("branch1"), world.hq());
      world.sync(world.admin(), world.hq());
      company.sync_all();
    }
  }
};

bool has(const std::vector<field::Obstacle>& found, field::Obstacle what) {
  return std::ranges::find(found, what) != found.end();
}

}  // namespace

TEST_CASE("destroy: what stands against it is found where it is, and settled where it was", "[client][destroy]") {
  using field::Obstacle;
  Board b;
  // Three years from the last entry, whatever is in it.
  CHECK(b.found(b.manager) == std::vector<Obstacle>{Obstacle::retention});
  const auto kept = must(field::examine(*b.manager.book, {b.customer}))[0].found[0];
  REQUIRE(kept.until);
  const Date today = date_of(b.manager.device->clock().wall(), kChinaZoneMinutes);
  CHECK(kept.until->days == today.days + 1096);
  b.company.say(payload::Policy{"retention", "long-term"});
  b.company.sync_all();
  CHECK_FALSE(must(field::examine(*b.manager.book, {b.customer}))[0].found[0].until);

  b.company.visit(b.jia, "福田百货", {{"next", "2031-01-01"}});
  CHECK(has(b.found(b.jia), Obstacle::unsent));
  payload::Grant grant;
  grant.audience = person_audience(b.company.world().org(), b.general.person);
  grant.rights = GrantRights::read;
  grant.epoch_from = 1;
  b.company.say(grant, b.customer);
  b.company.sync_all();
  const auto found = b.found(b.manager);
  CHECK(has(found, Obstacle::plans));
  CHECK(has(found, Obstacle::grants));
  CHECK_FALSE(has(b.found(b.jia), Obstacle::unsent));
  b.company.say(payload::GrantEnded{grant.audience}, b.customer);
  b.company.sync_all();
  CHECK_FALSE(has(b.found(b.manager), Obstacle::grants));
}

TEST_CASE("destroy: a reason passes over what it may, and both persons are told", "[client][destroy]") {
  Board b;
  const auto refused = must(field::plan_destruction(*b.manager.book, {"福田百货"}, DestroyReason::retention_over));
  REQUIRE(refused.against.size() == 1);
  CHECK(refused.overridden == 0);
  CHECK(field::propose_destruction(*b.manager.book, refused, DestroyReason::retention_over).error().code ==
        "destroy.open-business");
  CHECK(must(field::plan_destruction(*b.manager.book, {"福田百货"}, DestroyReason::mistake)).against.empty());
  const auto proposal = b.proposed();
  CHECK(proposal.proposal.reason == DestroyReason::person_asked);
  CHECK(proposal.proposal.overridden == static_cast<std::uint16_t>(field::Obstacle::retention));
  CHECK(proposal.archives[0].customer.name == "福田百货");
  CHECK(proposal.archives[0].found.size() == 1);
  // The second person sees on his own device what came up since, and may not pass over it silently.
  CHECK(field::countersign(*b.manager.book, b.listed(b.manager)).error().code == "directory.two-persons");
}

TEST_CASE("destroy: one who signs second is held by what stands against it on his device", "[client][destroy]") {
  Board b;
  const auto proposal = b.proposed(DestroyReason::mistake);
  b.company.visit(b.jia, "福田百货", {{"next", "2031-01-01"}});
  b.company.sync_all();
  CHECK(field::countersign(*b.general.book, b.listed(b.general)).error().code == "destroy.open-business");
  CHECK(proposal.archives[0].found.size() == 1);
}

TEST_CASE("destroy: everywhere is said only when every node has let go and no backup is left", "[client][destroy]") {
  Board b;
  CHECK(field::status_of(*b.general.book, b.proposed()).error().code == "destroy.not-signed");
  must(field::countersign(*b.general.book, b.listed(b.general)));
  b.company.sync(b.general);
  must(b.general.book->refresh());
  auto status = must(field::status_of(*b.general.book, b.listed(b.general)));
  CHECK_FALSE(status.everywhere());
  const auto silent = status.silent();
  CHECK(std::ranges::any_of(silent, [&](const auto* word) { return word->node == b.jia.device->identity().id; }));
  b.company.sync_all();
  b.others_let_go();
  status = must(field::status_of(*b.general.book, b.listed(b.general)));
  for (const auto* word : status.silent()) UNSCOPED_INFO(word->name);
  CHECK(status.silent().empty());
  CHECK(status.everywhere());
  CHECK(status.signed_by == b.general.person);
  CHECK(status.proposed_by == b.manager.person);
  // A node whose newest backup is from yesterday: not everywhere until it expires.
  auto known = status;
  known.nodes[0].backup_until = b.general.device->clock().wall() + Millis(1);
  CHECK_FALSE(known.everywhere());
}

TEST_CASE("destroy: a device that lost every right and said so is not asked again", "[client][destroy]") {
  Board b;
  const auto jia = b.jia.device->identity().id;
  b.company.say(payload::NodeRevoked{jia, "丢失"});
  const auto revoked = b.company.world().hq().replica().directory()->position();
  const auto called = [&](bool calls) {
    for (int i = 0; calls && i < 2; ++i) b.company.sync(b.jia);  // hands in, is told, lets go; then brings its word
    const auto all = [&] {
      for (Seat* seat : {&b.manager, &b.general}) b.company.sync(*seat);
      for (Seat* seat : {&b.manager, &b.general}) must(seat->book->refresh());
    };
    all();
    const auto plan = must(field::plan_destruction(*b.manager.book, {"福田百货"}, DestroyReason::person_asked));
    must(field::propose_destruction(*b.manager.book, plan, DestroyReason::person_asked));
    all();
    must(field::countersign(*b.general.book, b.listed(b.general)));
    auto& world = b.company.world();
    for (int round = 0; round < 3; ++round) {
      all();
      world.sync(world.hub_of("branch1"), world.hq());
      world.sync(world.admin(), world.hq());
    }
    all();
    return must(field::status_of(*b.general.book, b.listed(b.general)));
  };
  const auto word = [&](const field::DestructionStatus& status) {
    return *std::ranges::find(status.nodes, jia, &field::NodeWord::node);
  };
  SECTION("it let go before anything was destroyed") {
    const auto status = called(true);
    CHECK_FALSE(word(status).silent());
    CHECK(word(status).receipt->executed == revoked);  // it was told of nothing after
    CHECK(status.everywhere());
  }
  SECTION("it has not called since") {
    const auto status = called(false);
    CHECK(word(status).silent());
    REQUIRE(status.silent().size() == 1);
  }
  SECTION("it keeps wraps beside work that no hub has taken") {
    auto status = called(true);
    DropReceipt receipt = *word(status).receipt;
    receipt.unsent = 1;
    const auto directory = b.general.device->directory();
    const auto& node = *directory->node(jia);
    CHECK(field::covers(*directory, node, *word(status).receipt, directory->position()));
    CHECK_FALSE(field::covers(*directory, node, receipt, directory->position()));
    CHECK_FALSE(field::covers(*directory, *directory->node(b.manager.device->identity().id), *word(status).receipt,
                              {UINT32_MAX, 1}));
  }
}

TEST_CASE("destroy: of a copied disk two devices exist, and one word is not enough", "[client][destroy]") {
  Board b;
  const auto& identity = b.jia.device->identity();
  const auto batch = [&](std::int64_t claimed) {
    Batch out;
    out.author = {identity.id, identity.incarnation};
    out.number = 7;
    out.claimed = {claimed};
    out.entries = out.leaves = 1;
    return sign_batch(out, identity.sign);
  };
  payload::NodeFrozen found{identity.id, batch(1), batch(2)};
  if (batch_id(found.second.bytes) < batch_id(found.first.bytes)) std::swap(found.first, found.second);
  auto& hub = b.company.world().hub_of("branch1");
  b.company.world().state_as(hub, found);
  b.company.world().sync(hub, b.company.world().hq());
  b.destroy();
  b.others_let_go();
  const auto status = must(field::status_of(*b.general.book, b.listed(b.general)));
  REQUIRE(status.silent().size() == 1);
  CHECK(status.silent()[0]->node == identity.id);
  CHECK(status.silent()[0]->copied);
  CHECK_FALSE(status.everywhere());
}

TEST_CASE("destroy: a certificate is checked without a network, and no byte of it can be changed",
          "[client][destroy]") {
  Board b;
  b.destroy();
  b.others_let_go();
  const auto status = must(field::status_of(*b.general.book, b.listed(b.general)));
  const std::string text = must(field::write_certificate(*b.general.book, status));
  CHECK(text.find("福田百货") == std::string::npos);
  const auto checked = must(field::check_certificate(*b.jia.book, text));
  CHECK(checked.everywhere == status.everywhere());
  CHECK(checked.person == b.general.person);
  CHECK(checked.archives == 1);
  for (std::size_t at = 0; at < text.size(); at += 31) {
    std::string changed = text;
    changed[at] = changed[at] == 'x' ? 'y' : 'x';
    CAPTURE(at);
    CHECK_FALSE(field::check_certificate(*b.jia.book, changed));
  }
  for (std::size_t size = 0; size + 2 < text.size(); size += 57)
    CHECK_FALSE(field::check_certificate(*b.jia.book, std::string_view(text).substr(0, size)));
  // A node of another company has never heard of who signed it.
  Company elsewhere;
  Seat& stranger = elsewhere.join("丁", Role::salesperson);
  CHECK(field::check_certificate(*stranger.book, text).error().code == "certificate.unknown-node");
}
