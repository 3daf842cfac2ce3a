// SPDX-License-Identifier: AGPL-3.0-or-later
// The reading side of Directory.
#include "schema/base/planted.h"
#include "sync/directory/directory.h"
#include "sync/directory/limits.h"

namespace satchel::directory {

const PersonSpan* span_before(const Person& person, const Position& at) {
  const auto from = std::lower_bound(person.history.begin(), person.history.end(), at,
                                     [](const PersonSpan& span, const Position& p) { return span.since.at < p; });
  return from == person.history.begin() ? nullptr : &*(from - 1);
}

const Person* find_person(const State& state, const PersonId& id) {
  const auto found = state.people->find(id);
  return found == state.people->end() ? nullptr : &found->second;
}

const KnownNode* find_node(const State& state, const NodeId& id) {
  const auto found = state.nodes->find(id);
  return found == state.nodes->end() ? nullptr : &found->second;
}

const Audience* find_audience(const State& state, const AudienceId& id) {
  const auto found = state.audiences->find(id);
  return found == state.audiences->end() ? nullptr : &*found->second;
}

bool covers(const Audience& audience, const PersonId& person, Role role, const BranchId& branch) {
  switch (audience.kind) {
    case AudienceKind::person:
      return audience.person == person;
    case AudienceKind::branch_managers:
      return (role == Role::branch_manager || role == Role::archive_administrator) && branch == audience.branch;
    case AudienceKind::hq:
      if (role == Role::general_manager || role == Role::auditor) return true;
      return (role == Role::department || role == Role::archive_administrator) && branch.none();
    case AudienceKind::everyone:
      return true;
    case AudienceKind::pool:
      return !branch.none() && branch == audience.branch;
  }
  return false;
}

bool is_member(const State& state, const Audience& audience, const KnownNode& node) {
  if (node.state() != NodeState::confirmed || node.kind == NodeKind::hub) return false;
  if (node.kind == NodeKind::reader) return audience.kind == AudienceKind::hq;
  const auto* person = find_person(state, node.person);
  return person && person->active() && covers(audience, person->id, person->role(), person->branch());
}

}  // namespace satchel::directory

namespace satchel {

const PersonSpan* Person::at(const Position& position) const {
  const auto after = std::upper_bound(history.begin(), history.end(), position,
                                      [](const Position& p, const PersonSpan& span) { return p < span.since.at; });
  return after == history.begin() ? nullptr : &*(after - 1);
}

const std::vector<std::string>& Person::functions_at(const Position& position) const {
  for (const auto& former : former_duties) {
    if (position < former.until) return former.functions;
  }
  return functions;
}

const std::vector<PersonId>& Person::deputies_at(const Position& position) const {
  for (const auto& former : former_duties) {
    if (position < former.until) return former.deputies;
  }
  return deputies;
}

const Said* KnownNode::life_ended(std::uint32_t incarnation) const {
  const Said* ended = nullptr;
  const auto consider = [&](const LifeMark& mark, bool concerns) {
    if (concerns && (ended == nullptr || mark.said.at < ended->at)) ended = &mark.said;
  };
  for (const auto& life : lives) consider(life, incarnation < life.incarnation);
  // A life nobody knew of when the copies were found may be one more of them.
  const auto known = lives.empty() ? 0 : lives.back().incarnation;
  for (const auto& freeze : freezes) consider(freeze, incarnation <= freeze.incarnation || known <= freeze.incarnation);
  return ended;
}

bool KnownNode::frozen_now() const {
  return !freezes.empty() && (lives.empty() || lives.back().incarnation <= freezes.back().incarnation);
}

RequestState AccessRequest::state(WallTime now) const {
  if (answer && answer->what.choice == AnswerChoice::refuse) return RequestState::refused;
  const WallTime end = answer ? answer->what.until : what.until;
  if (end.ms != 0 && end <= now) return RequestState::over;
  if (answer) return RequestState::approved;
  return time + kRequestLife <= now ? RequestState::over : RequestState::waiting;
}

const Bytes* Audience::box(std::uint32_t number, const NodeId& node) const {
  const auto* epoch = at(number);
  const auto found = epoch ? epoch->boxes.find(node) : decltype(epoch->boxes.find(node)){};
  return epoch && found != epoch->boxes.end() ? &found->second : nullptr;
}

std::optional<std::string> Directory::policy(const std::string& key) const {
  const auto found = state_.policies->find(key);
  if (found == state_.policies->end()) return std::nullopt;
  return found->second;
}

const Person* Directory::person_named(const std::string& name) const {
  const auto found = state_.names->find(name);
  return found == state_.names->end() ? nullptr : person(found->second);
}

std::optional<PersonSpan> Directory::role_of(const PersonId& id, const Position& at) const {
  const auto* found = person(id);
  const auto* span = found ? found->at(at) : nullptr;
  if (!span) return std::nullopt;
  return *span;
}

const Branch* Directory::branch(const BranchId& id) const {
  const auto found = state_.branches->find(id);
  return found == state_.branches->end() ? nullptr : &found->second;
}

const Branch* Directory::branch_named(const std::string& name_or_code) const {
  const Branch* by_code = nullptr;
  for (const auto& [id, branch] : *state_.branches) {
    if (branch.name == name_or_code) return &branch;
    if (!branch.code.empty() && branch.code == name_or_code) by_code = &branch;
  }
  return by_code;
}

std::vector<const KnownNode*> Directory::nodes_of(const PersonId& person) const {
  std::vector<const KnownNode*> out;
  const auto found = state_.nodes_of->find(person);
  if (found == state_.nodes_of->end()) return out;
  for (const auto& id : found->second) out.push_back(node(id));
  return out;
}

std::vector<const KnownNode*> Directory::hubs(const BranchId& near) const {
  std::vector<const KnownNode*> out;
  for (const auto& [id, node] : *state_.nodes) {
    if (node.kind == NodeKind::hub && node.state() == NodeState::confirmed) out.push_back(&node);
  }
  const auto distance = [&](const KnownNode* hub) {
    if (!near.none() && hub->branch == near) return 0;
    return hub->hq_hub ? 1 : 2;
  };
  std::sort(out.begin(), out.end(), [&](const KnownNode* a, const KnownNode* b) {
    return std::pair(distance(a), a->id) < std::pair(distance(b), b->id);
  });
  return out;
}

const Invite* Directory::invite(const InviteId& id) const {
  const auto found = state_.invites->find(id);
  return found == state_.invites->end() ? nullptr : &found->second;
}

std::vector<PendingEnrolment> Directory::pending() const {
  std::vector<PendingEnrolment> out;
  for (const auto& [id, node] : *state_.nodes) {
    if (node.state() != NodeState::enrolled) continue;
    out.push_back({id, node.kind, node.person, node.branch, node.name, fingerprint(id, node.sign, node.box)});
  }
  return out;
}

std::vector<AudienceId> Directory::audiences_of(const PersonId& id) const {
  std::vector<AudienceId> out;
  const auto* who = person(id);
  if (!who || !who->active()) return out;
  out = {everyone_audience(state_.org), person_audience(state_.org, id)};
  for (const auto& candidate : {hq_audience(state_.org), managers_audience(state_.org, who->branch()),
                                pool_audience(state_.org, who->branch())}) {
    const auto* found = audience(candidate);
    if (found && directory::covers(*found, id, who->role(), who->branch())) out.push_back(candidate);
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<AudienceId> Directory::audiences_of(const NodeId& id) const {
  std::vector<AudienceId> out;
  const auto* found = node(id);
  if (!found) return out;
  std::vector<AudienceId> possible{hq_audience(state_.org), everyone_audience(state_.org)};
  if (const auto* who = person(found->person)) {
    possible.push_back(person_audience(state_.org, who->id));
    if (!who->branch().none()) {
      possible.push_back(managers_audience(state_.org, who->branch()));
      possible.push_back(pool_audience(state_.org, who->branch()));
    }
  }
  for (const auto& candidate : possible) {
    if (member(id, candidate)) out.push_back(candidate);
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<NodeId> Directory::members(const AudienceId& id) const {
  std::vector<NodeId> out;
  const auto* found = audience(id);
  if (!found) return out;
  if (found->kind == AudienceKind::person) {
    for (const auto* node : nodes_of(found->person)) {
      if (is_member(state_, *found, *node)) out.push_back(node->id);
    }
    return out;
  }
  for (const auto& [node_id, node] : *state_.nodes) {
    if (is_member(state_, *found, node)) out.push_back(node_id);
  }
  return out;
}

bool Directory::member(const NodeId& id, const AudienceId& audience_id) const {
  const auto* found = node(id);
  const auto* group = audience(audience_id);
  return found && group && is_member(state_, *group, *found);
}

bool Directory::rotation_due(const AudienceId& id) const {
  const auto* found = audience(id);
  if (!found || found->epochs.empty() || SATCHEL_PLANTED(audience_rotation_skipped)) return false;
  const auto& boxes = found->epochs.back().boxes;
  return std::any_of(boxes.begin(), boxes.end(), [&](const auto& entry) { return !member(entry.first, id); });
}

const PackVersion* Directory::pack_in_force(const std::string& pack, const PersonId& person) const {
  const auto found = state_.packs->find(pack);
  if (found == state_.packs->end()) return nullptr;
  for (auto version = found->second.rbegin(); version != found->second.rend(); ++version) {
    const auto& group = version->test_group;
    if (group.empty() || std::find(group.begin(), group.end(), person) != group.end()) return &*version;
  }
  return nullptr;
}

std::vector<LeasedRange> Directory::numbers(const NodeId& node, std::uint32_t incarnation) const {
  const auto found = state_.numbers->leased.find({node, incarnation});
  return found == state_.numbers->leased.end() ? std::vector<LeasedRange>{} : found->second;
}

bool Directory::ever_leased(const NodeId& node) const {
  const auto& leased = state_.numbers->leased;
  const auto from = leased.lower_bound({node, 0});
  return from != leased.end() && from->first.node == node;
}

bool Directory::numbers_wanted(const NodeId& node, std::uint32_t incarnation) const {
  return state_.numbers->wanted.contains({node, incarnation});
}

}  // namespace satchel
