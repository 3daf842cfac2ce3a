// SPDX-License-Identifier: AGPL-3.0-or-later
// Rights that move: who is given an archive, who loses it, who comes and goes, what is destroyed. Each is said by some
// head from what that head's device knows, and reaches headquarters when a line does; several may say things at once.
#include "tests/simulation/driver.h"

namespace satchel::sim {

namespace {

constexpr std::int64_t kHourMs = 3'600'000;

}  // namespace

void Driver::people() {
  static constexpr void (Driver::* kActs[])() = {&Driver::grant,
                                                 &Driver::grant,
                                                 &Driver::grant,
                                                 &Driver::end_grant,
                                                 &Driver::end_grant,
                                                 &Driver::set_owner,
                                                 &Driver::hand_over,
                                                 &Driver::move,
                                                 &Driver::merge_or_undo,
                                                 &Driver::leave_or_return,
                                                 &Driver::leave_or_return,
                                                 &Driver::leave_or_return,
                                                 &Driver::change_role,
                                                 &Driver::revoke,
                                                 &Driver::invite,
                                                 &Driver::enrol,
                                                 &Driver::confirm,
                                                 &Driver::confirm,
                                                 &Driver::propose_destruction,
                                                 &Driver::sign_destruction,
                                                 &Driver::give_verdict,
                                                 &Driver::give_verdict,
                                                 &Driver::two_at_once};
  (this->*kActs[roll(static_cast<int>(std::size(kActs)))])();
}

void Driver::grant() {
  Node& by = some_head();
  const auto info = some_archive(by);
  if (!info) return;
  payload::Grant grant;
  grant.audience = person_audience(world_.org(), somebody().person);
  grant.rights = once_in(2) ? GrantRights::write : GrantRights::read;
  grant.epoch_from = once_in(3) ? info->epoch : 0;
  if (once_in(3)) grant.expiry = {world_.time.ms + (1 + roll(200)) * kHourMs};
  ++counts_["grants"];
  say(by, grant, info->id);
}

void Driver::end_grant() {
  Node& by = some_head();
  const auto info = some_archive(by);
  if (!info) return;
  const auto grants = by.replica().directory()->grants(node::access_of(*info));
  const AudienceId whose = grants.empty() ? person_audience(world_.org(), somebody().person) : grants.front().audience;
  ++counts_["grants ended"];
  say(by, payload::GrantEnded{whose}, info->id);
}

void Driver::set_owner() {
  Node& by = some_head();
  const auto info = some_archive(by);
  if (!info) return;
  payload::OwnerSet owners;
  owners.owners.push_back(somebody().person);
  if (once_in(3) && owners.owners.front() != people_.front()->person) owners.owners.push_back(people_.front()->person);
  std::ranges::sort(owners.owners);
  ++counts_["owners set"];
  say(by, owners, info->id);
}

void Driver::hand_over() {
  Node& by = some_head();
  payload::Handover rule{people_[0]->person, people_[1]->person, {}};
  if (once_in(2)) std::swap(rule.from, rule.to);
  const auto info = some_archive(by);
  if (info && once_in(3)) rule.only.push_back(info->id);
  ++counts_["handovers"];
  say(by, rule);
}

void Driver::move() {
  Node& by = once_in(2) ? world_.admin() : world_["boss"];
  const auto info = some_archive(by);
  if (!info) return;
  ++counts_["moves"];
  say(by, payload::Moved{world_.branch(some_branch()), {somebody().person}}, info->id);
}

void Driver::merge_or_undo() {
  Node& by = some_head();
  const auto one = some_archive(by);
  const auto other = some_archive(by);
  if (!one || !other || one->id == other->id) return;
  ++counts_["merges"];
  if (by.replica().directory()->shown_within(node::access_of(*one)).none()) {
    say(by, payload::Merge{other->id}, one->id);
  } else {
    say(by, payload::MergeUndone{}, one->id);
  }
}

void Driver::leave_or_return() {
  Node& by = some_head();
  Node& who = once_in(6) ? world_["manager"] : *people_[static_cast<std::size_t>(roll(2))];
  const Person* known = by.replica().directory()->person(who.person);
  payload::PersonChanged change{.person = who.person};
  change.active = known == nullptr || !known->active();
  ++counts_["people left or returned"];
  say(by, change);
  if (once_in(2)) start_sync();
}

void Driver::change_role() {
  Node& by = once_in(2) ? some_head() : world_.admin();
  payload::PersonChanged change{.person = people_[1]->person};
  const Person* known = by.replica().directory()->person(change.person);
  if (known == nullptr) return;
  change.role = known->role() == Role::salesperson ? Role::branch_manager : Role::salesperson;
  if (once_in(2)) change.branch = world_.branch(some_branch());
  ++counts_["role changes"];
  say(by, change);
}

// Seldom, or nobody would be left.
void Driver::revoke() {
  Node& by = some_head();
  Node& lost = *people_.back();
  if (&lost == &world_["boss"] || once_in(2)) return;
  ++counts_["revocations"];
  say(by, payload::NodeRevoked{lost.identity.id, ""});
}

void Driver::invite() {
  if (newcomers_ + invited_.size() >= 3) return;
  Node& by = some_head();
  by.disk->fail_commit(0, CommitFault::full);
  std::string name = people_[static_cast<std::size_t>(roll(2))]->name;
  if (once_in(2)) {
    name = "new" + std::to_string(newcomers_ + static_cast<int>(invited_.size()));
    world_.add_person(by, name, Role::salesperson, world_.branch_name(0));
  }
  ++counts_["invitations"];
  invited_.push_back({world_.invite_by(by, world_.person(name)), name});
}

void Driver::enrol() {
  if (invited_.empty()) return;
  const auto [file, person] = invited_.back();
  invited_.pop_back();
  ++newcomers_;
  ++counts_["enrolments"];
  people_.insert(people_.end(), &world_.enrol_by(file, person));
}

void Driver::confirm() {
  Node& by = some_head();
  const auto pending = by.replica().directory()->pending();
  if (pending.empty()) return;
  ++counts_["confirmations"];
  say(by, payload::NodeConfirmed{pending.front().node});
}

void Driver::propose_destruction() {
  if (proposed_.size() >= 2) return;
  Node& by = some_head();
  const auto info = some_archive(by);
  if (!info) return;
  ++counts_["destructions proposed"];
  proposed_.push_back({say(by, payload::DestroyProposed{{info->id}}), info->id, by.person});
}

// Also by whoever proposed it, which must come to nothing.
void Driver::sign_destruction() {
  if (proposed_.empty()) return;
  Node& by = some_head();
  const auto& proposal = any_of(proposed_);
  ++counts_[by.person == proposal.by ? "destructions signed by one" : "destructions signed"];
  say(by, payload::Destroy{proposal.statement});
}

void Driver::give_verdict() {
  Node& by = some_head();
  const auto info = some_archive(by);
  if (!info) return;
  const Node& whose = *people_[static_cast<std::size_t>(roll(2))];
  payload::Verdict verdict;
  verdict.choice = once_in(2) ? VerdictChoice::admit : VerdictChoice::refuse;
  verdict.ranges.push_back({whose.identity.id, whose.identity.incarnation, 1, 1 + static_cast<std::uint64_t>(roll(5))});
  ++counts_["verdicts"];
  say(by, verdict, info->id);
}

// Two heads who do not know of each other speak of one archive.
void Driver::two_at_once() {
  Node& one = some_head();
  Node& other = some_head();
  const auto info = some_archive(one);
  if (!info || &one == &other) return;
  ++counts_["two at once"];
  say(one, payload::OwnerSet{{people_[0]->person}}, info->id);
  if (once_in(2)) {
    say(other, payload::OwnerSet{{people_[1]->person}}, info->id);
  } else {
    say(other, payload::Handover{people_[0]->person, people_[1]->person, {info->id}});
  }
}

}  // namespace satchel::sim
