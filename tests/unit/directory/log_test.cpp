// SPDX-License-Identifier: AGPL-3.0-or-later
// The log as a chain: what continues it, what is withheld, what a restored hub may do, what proves a fork.
#include "tests/unit/directory/company.h"
#include "tests/unit/directory/samples.h"

using namespace satchel;

namespace {

std::string error_of(const Result<Effect>& result) { return result ? "ok" : result.error().code; }

// Ordered by the company's hub without asking whether it should: what a lying hub could do.
std::string force(Company& c, const Envelope& envelope) {
  const auto effect = c.directory.apply(c.directory.order(envelope, c.now), &envelope);
  REQUIRE(effect);
  return outcome_of(*effect);
}

}  // namespace

TEST_CASE("directory: only the record that continues the log is taken, and a refused one changes nothing",
          "[directory]") {
  Company c;
  const auto next = c.says(c.admin, payload::BranchAdded{id_of<BranchId>(1), "深圳", "SZ"});
  const auto good = c.directory.order(next, c.now);
  const auto before = c.directory;

  auto record = good;
  record.position.n += 1;
  CHECK(error_of(c.directory.apply(record, &next)) == "directory.gap");
  record = good;
  record.position.n -= 1;
  CHECK(error_of(c.directory.apply(record, &next)) == "directory.gap");
  record = good;
  record.prev.bytes[0] ^= 1;
  CHECK(error_of(c.directory.apply(record, &next)) == "directory.broken-chain");
  record = good;
  record.hub_time.ms -= 1;
  CHECK(error_of(c.directory.apply(record, &next)) == "directory.time-backwards");
  record = good;
  record.statement.bytes[0] ^= 1;
  CHECK(error_of(c.directory.apply(record, &next)) == "directory.wrong-envelope");
  record = good;
  record.scope = Scope::archive;
  CHECK(error_of(c.directory.apply(record, &next)) == "directory.wrong-envelope");
  record = good;
  record.position.incarnation += 1;
  CHECK(error_of(c.directory.apply(record, &next)) == "directory.broken-chain");
  CHECK(error_of(c.directory.apply(good, nullptr)) == "directory.envelope-missing");
  auto stripped = next;
  countersign(stripped, c.admin.id, c.admin.sign);  // a signature that was not there when it was ordered
  CHECK(error_of(c.directory.apply(good, &stripped)) == "directory.wrong-envelope");

  CHECK(c.directory == before);
  CHECK(error_of(c.directory.apply(good, &next)) == "ok");
  CHECK(c.directory.branch_named("SZ"));
}

TEST_CASE("directory: the ordering time never goes back when the hub's clock does", "[directory]") {
  Company c;
  c.now = c.now + Millis(-5000);
  c.must(c.says(c.admin, payload::BranchAdded{id_of<BranchId>(1), "深圳", ""}));
  CHECK(c.directory.last_hub_time() == c.now + Millis(5000));
}

TEST_CASE("directory: an invalid statement that a hub orders stays without effect at every node", "[directory]") {
  Company c;
  const auto rep = c.hire("甲", Role::salesperson);
  const auto before = c.directory.branches();
  CHECK(force(c, c.says(rep, payload::BranchAdded{id_of<BranchId>(1), "深圳", ""})) == "directory.not-allowed");
  CHECK(c.directory.branches() == before);
  CHECK(c.directory.counts().refused == 1);
  // Nor does ordering a good one twice.
  const auto good = c.says(c.admin, payload::Policy{"x", "1"});
  c.must(good);
  c.must(c.says(c.admin, payload::Policy{"x", "2"}));
  CHECK(c.check(good) == "directory.ordered-already");
  CHECK(force(c, good) == "directory.ordered-already");
  CHECK(c.directory.policy("x") == "2");
}

TEST_CASE("directory: a changed bit anywhere in the signed bytes or the signature takes the effect away",
          "[directory]") {
  Company c;
  const auto good = c.says(c.admin, payload::BranchAdded{id_of<BranchId>(1), "深圳", ""}).encode();
  std::size_t tried = 0;
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto bytes = good;
    bytes[i] ^= 0x10;
    const auto envelope = decode_envelope(bytes);
    if (!envelope) continue;
    CHECK(c.check(*envelope) != "ok");
    ++tried;
  }
  CHECK(tried > 64);
  auto bytes = good;
  bytes[bytes.size() - 2] ^= 1;  // the last byte of the signature
  CHECK(c.check(*decode_envelope(bytes)) == "directory.bad-signature");
}

TEST_CASE("directory: statements of another organisation or of the future are refused", "[directory]") {
  Company c(1);
  Company other(2);
  const payload::BranchAdded said{id_of<BranchId>(1), "深圳", ""};
  const Speaker here{c.directory.org(), c.admin.id, c.admin.person, c.directory.position(), c.now};
  auto speaker = here;
  speaker.org = other.directory.org();
  CHECK(c.check(make_statement(speaker, c.admin.sign, said, c.entropy)) == "directory.wrong-organisation");
  speaker = here;
  speaker.seen.n += 1;
  CHECK(c.check(make_statement(speaker, c.admin.sign, said, c.entropy)) == "directory.future-position");
  speaker = here;
  speaker.person = other.admin.person;
  CHECK(c.check(make_statement(speaker, c.admin.sign, said, c.entropy)) == "directory.wrong-person");
  CHECK(c.check(c.says(other.admin, said)) == "directory.unknown-author");
  CHECK(c.check(c.says(c.admin, said, id_of<ArchiveId>(1))) == "directory.wrong-scope");
  CHECK(c.check(c.root_says(payload::OrganisationFounded{"再", c.root.pub, {}})) == "directory.founded-already");
}

TEST_CASE("directory: a founding is accepted only from the root key the id names", "[directory]") {
  Company c;
  SeededEntropy entropy(9);
  const auto thief = make_sign_keys(Secret32::random(entropy));
  Directory fresh(c.directory.org());
  const payload::OrganisationFounded said{"华兴食品", thief.pub, {}};
  const auto own = make_statement(Speaker{org_id(thief.pub), {}, {}, {}, c.now}, thief, said, entropy);
  CHECK(code_of(fresh.check(own, c.now)) == "directory.wrong-organisation");
  const auto foreign = make_statement(Speaker{c.directory.org(), {}, {}, {}, c.now}, thief, said, entropy);
  CHECK(code_of(fresh.check(foreign, c.now)) == "directory.wrong-organisation");
  const auto early = make_statement(Speaker{c.directory.org(), {}, {}, {}, c.now}, c.root,
                                    payload::HubAdmitted{c.hub.sign.pub, c.hub.box.pub, {}, "a:1", "HQ"}, entropy);
  CHECK(code_of(fresh.check(early, c.now)) == "directory.not-founded");
}

TEST_CASE("directory: kinds and versions this program does not know are kept, counted and without effect",
          "[directory]") {
  Company c;
  const Speaker speaker{c.directory.org(), c.admin.id, c.admin.person, c.directory.position(), c.now};
  const auto unknown = compose(speaker, static_cast<StatementKind>(500), Bytes{1, 2, 3}, {}, c.entropy);
  CHECK(c.put(sign_statement(unknown, SignerKind::node, c.admin.sign)) == "unknown");
  const auto later = compose(speaker, static_cast<StatementKind>(68), Bytes{1, 2, 3}, id_of<ArchiveId>(4), c.entropy);
  CHECK(c.put(sign_statement(later, SignerKind::node, c.admin.sign)) == "unknown");
  Writer newer;
  newer.sized(Bytes{2, 9, 9, 9}).u8(2).raw(Signature{}.view()).varint(0);
  CHECK(c.put(*decode_envelope(newer.bytes())) == "unknown");
  CHECK(c.directory.counts().unknown == 3);
}

TEST_CASE("directory: what is withheld keeps the chain, and told later has the effect of its place", "[directory]") {
  Company c;
  const auto branch = c.add_branch("深圳");
  const auto manager = c.hire("经理", Role::branch_manager, branch);
  const auto rep = c.hire("甲", Role::salesperson, branch);
  const auto archive = id_of<ArchiveId>(7);
  const auto admit = [&](VerdictChoice choice) { return payload::Verdict{{{rep.id, 1, 1, 9}}, choice, {}}; };
  c.must(c.says(c.admin, payload::NodeRevoked{rep.id, ""}));
  c.must(c.says(manager, admit(VerdictChoice::refuse), archive));
  c.must(c.says(manager, admit(VerdictChoice::admit), archive));
  c.move(manager.person, Role::salesperson, branch);  // no longer a manager when the statements are told
  CHECK(c.put(c.says(manager, admit(VerdictChoice::refuse), archive)) == "directory.not-allowed");

  Directory partial(c.directory.org());
  std::vector<const Envelope*> hidden;
  for (const auto& [ordered, envelope] : c.log) {
    const bool hide = ordered.scope == Scope::archive;
    if (hide) hidden.push_back(&envelope);
    REQUIRE(partial.apply(ordered, hide ? nullptr : &envelope));
  }
  CHECK(partial.position() == c.directory.position());
  CHECK(partial.last_order_hash() == c.directory.last_order_hash());
  REQUIRE(hidden.size() == 3);
  CHECK(partial.counts().withheld == 3);
  // Told in any order, the end is the same as for those who saw everything at once.
  for (const int at : {2, 1, 0}) REQUIRE(partial.reveal(*hidden[static_cast<std::size_t>(at)]));
  CHECK(partial == c.directory);
  CHECK(error_of(partial.reveal(*hidden[0])) == "directory.not-withheld");
}

TEST_CASE("directory: a restored hub orders on only in a new incarnation an administrator allowed", "[directory]") {
  Company c;
  const auto rep = c.hire("甲", Role::salesperson);
  const auto head = c.directory.position();
  const payload::OrderResumed said{head, c.directory.last_order_hash(), 2};
  CHECK(c.check(c.says(rep, said)) == "directory.not-allowed");
  auto wrong = said;
  wrong.incarnation = 1;
  CHECK(c.check(c.says(c.admin, wrong)) == "directory.stale-head");
  wrong = said;
  wrong.head.n -= 1;
  CHECK(c.check(c.says(c.admin, wrong)) == "directory.stale-head");
  c.must(c.says(c.admin, said));
  CHECK(c.directory.position() == Position{2, head.n + 1});
  c.add_branch("深圳");
  CHECK(c.directory.position() == Position{2, head.n + 2});
}

TEST_CASE("directory: two signed heads of different logs at one position prove a fork", "[directory]") {
  Company c;
  auto fork = c;
  c.add_branch("深圳");
  fork.add_branch("北京");
  auto ours = c.directory.head(c.hub.id, c.now);
  auto theirs = fork.directory.head(c.hub.id, c.now);
  sign_head(ours, c.hub.sign);
  sign_head(theirs, c.hub.sign);
  CHECK(c.directory.check_head(ours));
  CHECK(c.directory.check_head(theirs).error().code == "directory.fork");
  CHECK(proves_fork(ours, theirs, c.hub.sign.pub));
  CHECK_FALSE(proves_fork(ours, ours, c.hub.sign.pub));
  auto forged = theirs;
  forged.order_hash.bytes[0] ^= 1;
  CHECK_FALSE(proves_fork(ours, forged, c.hub.sign.pub));
  CHECK(c.directory.check_head(forged).error().code == "directory.bad-head");
  const auto branch_hub = c.enrol_hub(c.directory.branches().begin()->first);
  auto pretender = c.directory.head(branch_hub.id, c.now);
  sign_head(pretender, branch_hub.sign);
  CHECK(c.directory.check_head(pretender).error().code == "directory.bad-head");
}
