// SPDX-License-Identifier: AGPL-3.0-or-later
// Who may say what: every kind by every sort of signer against a table written here by hand, and what is done to
// people against a small model of its own.
#include <functional>
#include <set>

#include "tests/unit/directory/company.h"
#include "tests/unit/directory/samples.h"

using namespace satchel;

namespace {

// A company in which every sort of signer exists, and somebody in branch A on whom they try their rights.
struct Cast {
  Company c;
  BranchId a = c.add_branch("深圳", "SZ");
  BranchId b = c.add_branch("北京", "BJ");
  std::map<std::string, Member> who;
  PersonId target = c.add_person("对象", Role::salesperson, a);
  Member pending, confirmed;
  SignKeys open_token;
  Digest proposal, asked_hq, asked_branch;
  payload::FormerOrder former;
  payload::Invitation open = c.invite(target, open_token);

  Cast() {
    who["root"] = Member{c.root, {}, {}, {}};
    who["hq-hub"] = c.hub;
    who["admin"] = c.admin;
    who["general"] = c.hire("总经理", Role::general_manager);
    who["auditor"] = c.hire("审计", Role::auditor);
    who["department"] = c.hire("财务", Role::department);
    who["manager-a"] = c.hire("深圳经理", Role::branch_manager, a);
    who["manager-b"] = c.hire("北京经理", Role::branch_manager, b);
    who["keeper-a"] = c.hire("深圳档案员", Role::archive_administrator, a);
    who["rep-a"] = c.hire("甲", Role::salesperson, a);
    who["branch-hub"] = c.enrol_hub(a);
    who["reader"] = c.enrol_reader();
    who["revoked"] = c.hire("前管理员", Role::archive_administrator);
    c.must(c.says(c.admin, payload::NodeRevoked{who["revoked"].id, ""}));
    who["dismissed"] = c.hire("离任管理员", Role::archive_administrator);
    c.dismiss(who["dismissed"].person);
    who["unconfirmed"] = enrol_only(c.admin.person);
    confirmed = c.enrol(target);
    pending = enrol_only(target);
    c.must(c.says(c.admin, open));
    const auto proposed = said(who["manager-a"], payload::DestroyProposed{{id_of<ArchiveId>(9)}});
    proposal = proposed.id();
    c.must(proposed);
    c.run_upkeep({c.admin, who["manager-a"], confirmed});
    for (auto [id, audience] : {std::pair(&asked_hq, hq_audience(c.directory.org())),
                                std::pair(&asked_branch, managers_audience(c.directory.org(), a))}) {
      const auto asked = said(confirmed, request_of(audience));
      *id = asked.id();
      c.must(asked);
    }
    lose_an_order();
  }

  // Headquarters goes on from a head before the last one that it signed.
  void lose_an_order() {
    Directory lost = c.directory;
    const auto word = said(c.admin, payload::Policy{"colour", "red"});
    const auto o = lost.order(word, c.now);
    REQUIRE(lost.apply(o, &word));
    auto head = lost.head(c.hub.id, c.now);
    sign_head(head, c.hub.sign);
    former = {
        c.directory.position(), {{o.scope, o.position.incarnation, o.statement, o.envelope, o.hub_time}}, encode(head)};
    c.must(said(c.admin, payload::OrderResumed{c.directory.position(), c.directory.last_order_hash(), 2}));
  }

  static payload::AccessRequested request_of(const AudienceId& audience) {
    return {audience, GrantRights::read, {}, {1, Bytes(104, 1)}, {}};
  }

  Member enrol_only(const PersonId& person) {
    SignKeys token;
    const auto invitation = c.invite(person, token);
    c.must(c.says(c.admin, invitation));
    const auto node = c.keys(person);
    c.must(c.enrolment(node, invitation.invite, token));
    return node;
  }

  template <class P>
  Envelope said(const Member& by, const P& payload, const ArchiveId& archive = {}) {
    return c.says(by, payload, archive);
  }

  Envelope audience_key(const Member& by, const AudienceId& audience) {
    const auto epoch = c.directory.audience(audience)->epoch() + 1;
    payload::AudienceKey key{audience, epoch, make_box_keys(Secret32::random(c.entropy)).pub, {}};
    key.boxes[by.id.none() ? c.admin.id : by.id] = Bytes(104, 1);
    return said(by, key);
  }
};

using Make = std::function<Envelope(Cast&, const Member&)>;

struct Row {
  StatementKind kind;
  Make make;
  std::set<std::string> allowed;
};

payload::PersonChanged rename(const PersonId& person) {
  payload::PersonChanged said{.person = person};
  said.name = "新名";
  return said;
}

std::vector<Row> first_organisation_rows() {
  using namespace payload;
  const auto id = id_of<PersonId>(1);
  return {
      {StatementKind::hub_admitted,
       [](Cast& t, const Member& by) {
         const auto node = t.c.keys();
         return t.said(by, HubAdmitted{node.sign.pub, node.box.pub, {}, "h:1", "HQ"});
       },
       {"root"}},
      {StatementKind::order_resumed,
       [](Cast& t, const Member& by) {
         return t.said(by, OrderResumed{t.c.directory.position(), t.c.directory.last_order_hash(), 3});
       },
       {"admin"}},
      {StatementKind::branch_added,
       [](Cast& t, const Member& by) { return t.said(by, BranchAdded{id_of<BranchId>(1), "上海", "SH"}); },
       {"admin"}},
      {StatementKind::person_added,
       [id](Cast& t, const Member& by) { return t.said(by, PersonAdded{id, "新人", Role::salesperson, t.a, {}, {}}); },
       {"admin", "manager-a"}},
      {StatementKind::person_added,
       [id](Cast& t, const Member& by) {
         return t.said(by, PersonAdded{id, "新人", Role::archive_administrator, {}, {}, {}});
       },
       {"root", "admin"}},
      {StatementKind::person_changed,
       [](Cast& t, const Member& by) { return t.said(by, rename(t.target)); },
       {"admin", "manager-a"}},
      {StatementKind::invitation,
       [](Cast& t, const Member& by) {
         SignKeys token;
         return t.said(by, t.c.invite(t.target, token));
       },
       {"admin", "manager-a"}},
  };
}

// Two batches that one node signed under one number.
payload::NodeFrozen frozen(const Member& copied, std::uint32_t life = 1) {
  Batch batch;
  batch.author = {copied.id, life};
  batch.number = 7;
  batch.entries = batch.leaves = 1;
  payload::NodeFrozen out{copied.id, sign_batch(batch, copied.sign), {}};
  batch.claimed = {1};
  out.second = sign_batch(batch, copied.sign);
  if (batch_id(out.second.bytes) < batch_id(out.first.bytes)) std::swap(out.first, out.second);
  return out;
}

std::vector<Row> organisation_rows() {
  using namespace payload;
  auto rows = first_organisation_rows();
  std::vector<Row> more = {
      {StatementKind::node_confirmed,
       [](Cast& t, const Member& by) { return t.said(by, NodeConfirmed{t.pending.id}); },
       {"admin", "manager-a"}},
      {StatementKind::node_revoked,
       [](Cast& t, const Member& by) { return t.said(by, NodeRevoked{t.confirmed.id, ""}); },
       {"root", "admin", "manager-a"}},
      {StatementKind::audience_key,
       [](Cast& t, const Member& by) { return t.audience_key(by, hq_audience(t.c.directory.org())); },
       {"admin", "general", "auditor", "department", "reader"}},
      {StatementKind::audience_key,
       [](Cast& t, const Member& by) { return t.audience_key(by, managers_audience(t.c.directory.org(), t.a)); },
       {"manager-a", "keeper-a"}},
      {StatementKind::pack_published,
       [](Cast& t, const Member& by) {
         return t.said(by, PackPublished{"visit", 1, {}, PackCoding::plain, Bytes{1}, pack_digest(Bytes{1})});
       },
       {"admin"}},
      {StatementKind::number_range_wanted,
       [](Cast& t, const Member& by) { return t.said(by, NumberRangeWanted{by.id, 1, 200}); },
       {"admin", "general", "auditor", "department", "manager-a", "manager-b", "keeper-a", "rep-a"}},
      {StatementKind::number_range,
       [](Cast& t, const Member& by) { return t.said(by, NumberRange{t.confirmed.id, 1, 1, 200}); },
       {"hq-hub"}},
      {StatementKind::policy, [](Cast& t, const Member& by) { return t.said(by, Policy{"x", "1"}); }, {"admin"}},
      {StatementKind::handover,
       [](Cast& t, const Member& by) { return t.said(by, Handover{t.target, t.who["rep-a"].person, {}}); },
       {"admin", "general", "manager-a"}},
      {StatementKind::destroy_proposed,
       [](Cast& t, const Member& by) { return t.said(by, DestroyProposed{{id_of<ArchiveId>(9)}}); },
       {"admin", "general", "manager-a", "manager-b"}},
      {StatementKind::destroy,
       [](Cast& t, const Member& by) { return t.said(by, Destroy{t.proposal}); },
       {"admin", "general"}},
      {StatementKind::access_dropped,
       [](Cast& t, const Member& by) { return t.said(by, AccessDropped{{1, 1}, 0, 0, {}}); },
       {"hq-hub", "branch-hub", "reader", "admin", "general", "auditor", "department", "manager-a", "manager-b",
        "keeper-a", "rep-a", "revoked", "dismissed"}},
      {StatementKind::node_frozen,
       [](Cast& t, const Member& by) { return t.said(by, frozen(t.who["rep-a"])); },
       {"hq-hub", "branch-hub"}},
      {StatementKind::node_renewed,
       [](Cast& t, const Member& by) { return t.said(by, NodeRenewed{by.id.none() ? t.c.admin.id : by.id, 2}); },
       {"hq-hub", "branch-hub", "reader", "admin", "general", "auditor", "department", "manager-a", "manager-b",
        "keeper-a", "rep-a"}},
      {StatementKind::backup_key,
       [](Cast& t, const Member& by) { return t.said(by, BackupKey{t.c.keys().box.pub}); },
       {"root"}},
  };
  const std::set<std::string> people{"admin",     "general",   "auditor",  "department",
                                     "manager-a", "manager-b", "keeper-a", "rep-a"};
  more.push_back({StatementKind::access_requested,
                  [](Cast& t, const Member& by) { return t.said(by, t.request_of(hq_audience(t.c.directory.org()))); },
                  people});
  auto everybody = people;
  everybody.insert({"hq-hub", "branch-hub"});
  more.push_back(
      {StatementKind::former_order, [](Cast& t, const Member& by) { return t.said(by, t.former); }, everybody});
  more.push_back({StatementKind::access_answered,
                  [](Cast& t, const Member& by) { return t.said(by, AccessAnswered{t.asked_hq}); },
                  {"admin", "general"}});
  more.push_back({StatementKind::access_answered,
                  [](Cast& t, const Member& by) { return t.said(by, AccessAnswered{t.asked_branch}); },
                  {"manager-a"}});
  rows.insert(rows.end(), more.begin(), more.end());
  return rows;
}

std::vector<Row> archive_rows() {
  using namespace payload;
  const auto archive = id_of<ArchiveId>(9);
  const std::set<std::string> heads{"admin", "general", "manager-a", "manager-b"};
  return {
      {StatementKind::verdict,
       [archive](Cast& t, const Member& by) {
         return t.said(by, Verdict{{{t.confirmed.id, 1, 1, 9}}, VerdictChoice::admit, {}}, archive);
       },
       heads},
      {StatementKind::owner_set,
       [archive](Cast& t, const Member& by) { return t.said(by, OwnerSet{{t.target}}, archive); }, heads},
      {StatementKind::grant,
       [archive](Cast& t, const Member& by) {
         return t.said(by, Grant{everyone_audience(t.c.directory.org()), GrantRights::read, 1, {}}, archive);
       },
       heads},
      {StatementKind::grant_ended,
       [archive](Cast& t, const Member& by) {
         return t.said(by, GrantEnded{everyone_audience(t.c.directory.org())}, archive);
       },
       heads},
      {StatementKind::merge,
       [archive](Cast& t, const Member& by) { return t.said(by, Merge{id_of<ArchiveId>(8)}, archive); }, heads},
      {StatementKind::merge_undone, [archive](Cast& t, const Member& by) { return t.said(by, MergeUndone{}, archive); },
       heads},
      {StatementKind::moved,
       [archive](Cast& t, const Member& by) { return t.said(by, Moved{t.b, {t.target}}, archive); },
       {"admin", "general"}},
  };
}

}  // namespace

TEST_CASE("directory: each kind is taken from the signers of its row and from nobody else", "[directory][authority]") {
  Cast t;
  auto rows = organisation_rows();
  for (auto& row : archive_rows()) rows.push_back(row);
  std::set<StatementKind> covered{StatementKind::organisation_founded, StatementKind::node_enrolled,
                                  StatementKind::audience_box};  // these have tests of their own
  for (const auto& row : rows) {
    covered.insert(row.kind);
    for (const auto& [name, member] : t.who) {
      INFO(kind_name(row.kind) << " by " << name);
      const auto answer = t.c.check(row.make(t, member));
      if (row.allowed.contains(name)) {
        CHECK(answer == "ok");
      } else {
        const std::set<std::string> expected{"directory.not-allowed", "directory.not-member", "directory.revoked",
                                             "directory.inactive", "directory.not-confirmed"};
        CHECK(expected.contains(answer));
      }
    }
  }
  for (const auto& row : authority_table()) {
    if (row.effective) CHECK(covered.contains(row.kind));
  }
}

TEST_CASE("directory: a node signs for itself only", "[directory][authority]") {
  Cast t;
  auto thief = t.who["rep-a"];
  thief.id = t.c.admin.id;
  thief.person = t.c.admin.person;
  CHECK(t.c.check(t.c.says(thief, payload::Policy{"x", "1"})) == "directory.bad-signature");
  CHECK(t.c.check(t.c.says(t.who["rep-a"], payload::NumberRangeWanted{t.confirmed.id, 1, 10})) ==
        "directory.not-allowed");
  const Speaker speaker{t.c.directory.org(), t.c.admin.id, t.c.admin.person, t.c.directory.position(), t.c.now};
  const auto statement =
      compose(speaker, StatementKind::policy, encode_payload(payload::Policy{"x", "1"}), {}, t.c.entropy);
  CHECK(t.c.check(sign_statement(statement, SignerKind::token, t.c.admin.sign)) == "directory.not-allowed");
  CHECK(t.c.check(sign_statement(statement, SignerKind::root, t.c.root)) == "directory.wrong-signer");
}

namespace {

// The model: what a manager or administrator may do to somebody, in as few words as possible.
bool model_allows(Role by, bool by_hq, bool same_branch, Role target_was, Role target_becomes, bool stays) {
  if (by == Role::archive_administrator && by_hq) return true;
  if (by != Role::branch_manager || by_hq) return false;
  return same_branch && stays && target_was == Role::salesperson && target_becomes == Role::salesperson;
}

}  // namespace

TEST_CASE("directory: changing people follows the small model of authority", "[directory][authority]") {
  Company c;
  const BranchId branches[] = {BranchId{}, c.add_branch("深圳"), c.add_branch("北京")};
  std::map<std::pair<Role, int>, Member> actors;
  std::map<std::pair<Role, int>, PersonId> targets;
  int n = 0;
  for (int r = 1; r <= 6; ++r) {
    for (int at = 0; at < 3; ++at) {
      const auto role = static_cast<Role>(r);
      if (role == Role::branch_manager && at == 0) continue;
      actors[{role, at}] = c.hire("行" + std::to_string(n), role, branches[at]);
      targets[{role, at}] = c.add_person("对" + std::to_string(n++), role, branches[at]);
    }
  }
  std::size_t wrong = 0;
  for (const auto& [by, actor] : actors) {
    for (const auto& [of, target] : targets) {
      for (const auto& [to, unused] : targets) {
        payload::PersonChanged said{.person = target};
        said.role = to.first;
        said.branch = branches[to.second];
        const bool expected =
            model_allows(by.first, by.second == 0, by.second == of.second, of.first, to.first, to.second == of.second);
        wrong += c.check(c.says(actor, said)) != (expected ? "ok" : "directory.not-allowed");
      }
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("directory: the root key adds and recovers administrators, and nothing else", "[directory][authority]") {
  Cast t;
  auto& c = t.c;
  const auto id = id_of<PersonId>(1);
  CHECK(c.check(c.root_says(payload::PersonAdded{id, "新", Role::general_manager, {}, {}, {}})) ==
        "directory.not-allowed");
  CHECK(c.check(c.root_says(payload::PersonAdded{id, "新", Role::archive_administrator, t.a, {}, {}})) ==
        "directory.not-allowed");
  payload::PersonChanged out{.person = c.admin.person};
  out.active = false;
  CHECK(c.check(c.root_says(out)) == "ok");
  payload::PersonChanged up{.person = t.target};
  up.role = Role::general_manager;
  CHECK(c.check(c.root_says(up)) == "directory.not-allowed");
  SignKeys token;
  CHECK(c.check(c.root_says(c.invite(t.target, token))) == "directory.not-allowed");
  CHECK(c.check(c.root_says(c.invite(c.admin.person, token))) == "ok");
  auto reader = c.invite({}, token);
  reader.purpose = InvitePurpose::reader;
  reader.needs_confirmation = false;
  CHECK(c.check(c.root_says(reader)) == "ok");
  auto hub = c.invite({}, token);
  hub.purpose = InvitePurpose::hub;
  hub.branch = t.a;
  CHECK(c.check(c.root_says(hub)) == "directory.not-allowed");
  CHECK(c.check(c.says(c.admin, payload::NodeRevoked{c.hub.id, ""})) == "directory.not-allowed");
  CHECK(c.check(c.root_says(payload::NodeRevoked{c.hub.id, ""})) == "ok");
}

TEST_CASE("directory: the last administrator cannot be removed but by the root key", "[directory][authority]") {
  Company c;
  payload::PersonChanged out{.person = c.admin.person};
  out.active = false;
  CHECK(c.check(c.says(c.admin, out)) == "directory.last-administrator");
  const auto second = c.add_person("副管", Role::archive_administrator);
  CHECK(c.check(c.says(c.admin, out)) == "directory.last-administrator");  // nobody could sign for the second yet
  c.enrol(second);
  CHECK(c.check(c.says(c.admin, out)) == "ok");
}
