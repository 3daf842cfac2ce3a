// SPDX-License-Identifier: AGPL-3.0-or-later
// The lives of a node: restored ones, copies of one disk, and what becomes of work from a life that is over.
#include "sync/directory/judge.h"
#include "tests/unit/directory/company.h"
#include "tests/unit/directory/samples.h"

using namespace satchel;

namespace {

struct Shop {
  Company c;
  BranchId branch = c.add_branch("深圳");
  Member rep = c.hire("甲", Role::salesperson, branch);
  Member manager = c.hire("经理", Role::branch_manager, branch);
  Member hub = c.enrol_hub(branch);
  ArchiveAccess archive{id_of<ArchiveId>(9),
                        {rep.person},
                        {person_audience(c.directory.org(), rep.person), managers_audience(c.directory.org(), branch)},
                        branch,
                        c.directory.position()};

  Batch batch(std::uint32_t life, std::uint64_t number, std::int64_t claimed) {
    Batch b;
    b.author = {rep.id, life};
    b.number = number;
    b.claimed = {claimed};
    b.entries = b.leaves = 1;
    return b;
  }
  payload::NodeFrozen evidence(const Batch& a, const Batch& b) {
    payload::NodeFrozen out{rep.id, sign_batch(a, rep.sign), sign_batch(b, rep.sign)};
    if (batch_id(out.second.bytes) < batch_id(out.first.bytes)) std::swap(out.first, out.second);
    return out;
  }
  Judgement judge(std::uint32_t life, const Position& known) {
    const StampView stamp{hub.id, known, {}};
    return c.directory.judge(rep.id, archive, std::span(&stamp, 1), {life, 1});
  }
};

}  // namespace

TEST_CASE("lives: two batches under one number freeze that life and every other that was not known to follow it",
          "[directory][lives]") {
  Shop s;
  const auto before = s.c.directory.position();
  s.c.must(s.c.says(s.hub, s.evidence(s.batch(3, 7, 1), s.batch(3, 7, 2))));
  const auto after = s.c.directory.position();
  CHECK(s.judge(3, before) == Judgement::in_force);  // a hub took it before anybody knew
  CHECK(s.judge(3, after) == Judgement::held);
  CHECK(s.judge(2, after) == Judgement::held);
  CHECK(s.judge(4, after) == Judgement::held);  // it may be one more copy
  CHECK(s.c.directory.node(s.rep.id)->frozen_now());
  CHECK(s.c.directory.lost_at(s.rep.id, 3) == after);
  CHECK(s.c.directory.lost_at(s.rep.id) == after);
  CHECK(s.c.check(s.c.says(s.rep, payload::NodeRenewed{s.rep.id, 4})) == "directory.frozen");
  CHECK(s.c.check(s.c.says(s.hub, s.evidence(s.batch(2, 7, 1), s.batch(2, 7, 2)))) == "directory.frozen");
}

TEST_CASE("lives: copies of a former life do not touch the one that is known to follow it", "[directory][lives]") {
  Shop s;
  s.c.must(s.c.says(s.rep, payload::NodeRenewed{s.rep.id, 5}));
  s.c.must(s.c.says(s.hub, s.evidence(s.batch(3, 7, 1), s.batch(3, 7, 2))));
  CHECK(s.judge(5, s.c.directory.position()) == Judgement::in_force);
  CHECK(s.judge(3, s.c.directory.position()) == Judgement::held);
  CHECK_FALSE(s.c.directory.node(s.rep.id)->frozen_now());
  CHECK_FALSE(s.c.directory.lost_at(s.rep.id));
}

TEST_CASE("lives: what proves nothing freezes nobody", "[directory][lives]") {
  Shop s;
  const auto good = s.evidence(s.batch(1, 7, 1), s.batch(1, 7, 2));
  CHECK(s.c.check(s.c.says(s.hub, good)) == "ok");
  CHECK(s.c.check(s.c.says(s.hub, s.evidence(s.batch(1, 7, 1), s.batch(1, 8, 2)))) == "directory.bad-evidence");
  CHECK(s.c.check(s.c.says(s.hub, s.evidence(s.batch(1, 7, 1), s.batch(2, 7, 2)))) == "directory.bad-evidence");
  CHECK(s.c.check(s.c.says(s.hub, s.evidence(s.batch(1, 7, 1), s.batch(1, 7, 1)))) == "directory.bad-evidence");
  auto swapped = good;
  std::swap(swapped.first, swapped.second);
  CHECK(s.c.check(s.c.says(s.hub, swapped)) == "directory.bad-evidence");
  auto forged = good;
  forged.second.signature.bytes[0] ^= 1;
  CHECK(s.c.check(s.c.says(s.hub, forged)) == "directory.bad-evidence");
  auto other = good;
  other.node = s.manager.id;
  CHECK(s.c.check(s.c.says(s.hub, other)) == "directory.bad-evidence");
}

TEST_CASE("lives: a restored node's word holds what still comes of its former lives", "[directory][lives]") {
  Shop s;
  const auto before = s.c.directory.position();
  s.c.must(s.c.says(s.rep, payload::NodeRenewed{s.rep.id, 5}));
  const auto after = s.c.directory.position();
  CHECK(s.judge(1, before) == Judgement::in_force);
  CHECK(s.judge(1, after) == Judgement::held);
  CHECK(s.judge(5, after) == Judgement::in_force);
  CHECK(s.c.check(s.c.says(s.rep, payload::NodeRenewed{s.rep.id, 5})) == "directory.former-life");
  CHECK(s.c.check(s.c.says(s.rep, payload::NodeRenewed{s.rep.id, 4})) == "directory.former-life");
  CHECK(s.c.check(s.c.says(s.manager, payload::NodeRenewed{s.rep.id, 6})) == "directory.not-allowed");
  // The manager's word on it counts.
  s.c.must(s.c.says(s.manager, payload::Verdict{{{s.rep.id, 1, 1, 9}}, VerdictChoice::admit, {}}, s.archive.archive));
  CHECK(s.judge(1, after) == Judgement::in_force);
}

TEST_CASE("lives: a freeze that waits for headquarters is obeyed by the hub that found it", "[directory][lives]") {
  Shop s;
  std::vector<Digest> obeyed;
  const auto said = s.c.says(s.hub, s.evidence(s.batch(1, 7, 1), s.batch(1, 7, 2)));
  const auto here = s.c.directory.obeying(std::span(&said, 1), obeyed);
  CHECK(obeyed == std::vector{said.id()});
  CHECK(here.right(s.rep.id, s.archive, 1) == WriteRight::lost);
  CHECK(s.c.directory.right(s.rep.id, s.archive, 1) == WriteRight::now);
}

TEST_CASE("lives: the key of backups is the root's to name", "[directory][lives]") {
  Shop s;
  CHECK(s.c.directory.backup_key().none());
  const auto key = s.c.keys().box.pub;
  s.c.must(s.c.says(Member{s.c.root, {}, {}, {}}, payload::BackupKey{key}));
  CHECK(s.c.directory.backup_key() == key);
}
