// SPDX-License-Identifier: AGPL-3.0-or-later
// What each kind of statement does to the tables, once rules.h has let it.
#include "schema/base/planted.h"
#include "sync/directory/identity.h"
#include "sync/directory/limits.h"
#include "sync/directory/rules.h"
#include "sync/directory/state.h"

namespace satchel::directory {

namespace {

void add_audience(State& state, AudienceKind kind, const PersonId& person, const BranchId& branch) {
  Audience audience;
  audience.kind = kind;
  audience.person = person;
  audience.branch = branch;
  audience.id = audience_id(state.org, kind, person.none() ? branch.bytes : person.bytes);
  state.audiences.write().try_emplace(audience.id, std::move(audience));
}

void add_node(State& state, KnownNode node) {
  if (!node.person.none()) state.nodes_of.write()[node.person].insert(node.id);
  state.nodes.write().insert_or_assign(node.id, std::move(node));
}

// Later in the log is later in the list, also for what was withheld and is told only now.
void insert_fact(State& state, const Cause& cause, auto said) {
  auto& facts = state.archives.write()[cause.archive];
  const auto after = std::upper_bound(facts.begin(), facts.end(), cause.said.at,
                                      [](const Position& at, const ArchiveFact& other) { return at < other.said.at; });
  if (SATCHEL_PLANTED(told_late_stands_last)) return void(facts.push_back({cause.said, cause.by, std::move(said)}));
  facts.insert(after, {cause.said, cause.by, std::move(said), cause.only_takes});
}

struct Doer {
  State& state;
  const Cause& cause;

  void operator()(const payload::OrganisationFounded& said) const {
    state.org = org_id(said.root);
    state.name = said.name;
    state.root = said.root;
    state.backup_pin = said.backup_pin;
    add_audience(state, AudienceKind::hq, {}, {});
    add_audience(state, AudienceKind::everyone, {}, {});
  }

  void operator()(const payload::HubAdmitted& said) const {
    KnownNode node;
    node.id = node_id(said.sign, said.box);
    node.kind = NodeKind::hub;
    node.hq_hub = true;
    node.sign = said.sign;
    node.box = said.box;
    node.name = said.name;
    node.address = said.address;
    node.tls_pin = said.tls_pin;
    node.enrolled = cause.said;
    node.confirmed = cause.said;
    add_node(state, std::move(node));
  }

  void operator()(const payload::OrderResumed& said) const {
    state.lives.write().insert_or_assign(said.incarnation, OrderLife{said.head, said.order_hash});
  }

  void operator()(const payload::FormerOrder& said) const {
    const auto places = places_of(said, resumed_from(state, said.after)->order_hash).places;
    Position before = said.after;
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (places[i].incarnation > before.incarnation)
        state.lives.write().try_emplace(places[i].incarnation, OrderLife{before, {}});
      auto& known = state.former.write()[said.records[i].statement];
      if (std::ranges::find(known, places[i]) == known.end()) known.push_back(places[i]);
      before = places[i];
    }
    ++state.access_changes;
  }

  void operator()(const payload::BranchAdded& said) const {
    state.branches.write().emplace(said.branch, Branch{said.branch, said.name, said.code, cause.said});
    add_audience(state, AudienceKind::branch_managers, {}, said.branch);
    add_audience(state, AudienceKind::pool, {}, said.branch);
  }

  void operator()(const payload::PersonAdded& said) const {
    Person person{said.person, said.name, said.functions, said.deputies, {{cause.said, said.role, said.branch, true}}};
    state.people.write().emplace(said.person, std::move(person));
    state.names.write().emplace(said.name, said.person);
    add_audience(state, AudienceKind::person, said.person, {});
  }

  void operator()(const payload::PersonChanged& said) const {
    Person& person = state.people.write().at(said.person);
    if (person.active()) state.names.write().erase(person.name);
    if (said.name) person.name = *said.name;
    const auto functions = said.functions.value_or(person.functions);
    const auto deputies = said.deputies.value_or(person.deputies);
    if (functions != person.functions || deputies != person.deputies) {
      person.former_duties.push_back(
          {cause.said.at, std::exchange(person.functions, functions), std::exchange(person.deputies, deputies)});
    }
    PersonSpan span = person.now();
    span.role = said.role.value_or(span.role);
    span.branch = said.branch.value_or(span.branch);
    span.active = said.active.value_or(span.active);
    if (span != person.now()) {
      span.since = cause.said;
      person.history.push_back(span);
      ++state.access_changes;
    } else if (said.active == false) {
      person.left_again.push_back(cause.said);
      ++state.access_changes;
    }
    if (person.active()) state.names.write().emplace(person.name, person.id);
  }

  void operator()(const payload::Invitation& said) const {
    const bool root = cause.by.kind == Actor::Kind::root;
    const WallTime latest = cause.hub_time + (root ? kRootTokenLifeMax : kTokenLifeMax);
    state.invites.write().emplace(said.invite, Invite{said.invite,
                                                      said.token,
                                                      said.purpose,
                                                      said.person,
                                                      said.branch,
                                                      std::min(said.expiry, latest),
                                                      said.needs_confirmation,
                                                      {}});
  }

  void operator()(const payload::NodeEnrolled& said) const {
    Invite& invite = state.invites.write().at(said.invite);
    KnownNode node;
    node.id = node_id(said.sign, said.box);
    node.kind = invite.purpose == InvitePurpose::hub      ? NodeKind::hub
                : invite.purpose == InvitePurpose::reader ? NodeKind::reader
                                                          : NodeKind::device;
    node.person = invite.person;
    node.branch = invite.branch;
    node.sign = said.sign;
    node.box = said.box;
    node.name = said.name;
    if (said.hub) {
      node.address = said.hub->address;
      node.tls_pin = said.hub->tls_pin;
      // One that was given no name of its own goes by its branch's.
      const auto branch = state.branches->find(node.branch);
      if (node.name == node.address && branch != state.branches->end()) node.name = branch->second.name;
    }
    node.enrolled = cause.said;
    if (!invite.needs_confirmation) node.confirmed = cause.said;
    invite.used_by = node.id;
    add_node(state, std::move(node));
  }

  void operator()(const payload::NodeConfirmed& said) const {
    state.nodes.write().at(said.node).confirmed = cause.said;
  }

  void operator()(const payload::NodeRevoked& said) const {
    KnownNode& node = state.nodes.write().at(said.node);
    ++state.access_changes;
    if (node.revoked) return node.revoked_again.push_back(cause.said);
    node.revoked = cause.said;
    node.reason = said.reason;
    auto& wanted = state.numbers.write().wanted;
    wanted.erase(wanted.lower_bound({said.node, 0}), wanted.upper_bound({said.node, UINT32_MAX}));
  }

  void operator()(const payload::AudienceKey& said) const {
    state.audiences.write().at(said.audience).write().epochs.push_back({said.key, cause.said, said.boxes});
  }

  void operator()(const payload::AudienceBox& said) const {
    auto& audience = state.audiences.write().at(said.audience).write();
    audience.epochs[said.epoch - 1].boxes.emplace(said.node, said.box);
  }

  void operator()(const payload::PackPublished& said) const {
    state.packs.write()[said.pack].push_back(
        {said.version, said.test_group, said.coding, said.bytes, said.digest, cause.said});
  }

  void operator()(const payload::NumberRangeWanted& said) const {
    state.numbers.write().wanted.emplace(Lessee{said.node, said.incarnation}, said.count);
  }

  void operator()(const payload::NumberRange& said) const {
    auto& numbers = state.numbers.write();
    const Lessee lessee{said.node, said.incarnation};
    numbers.leased[lessee].push_back({said.first, said.count});
    numbers.wanted.erase(lessee);
    numbers.next = said.first + said.count;
  }

  void operator()(const payload::Policy& said) const {
    if (said.value.empty()) {
      state.policies.write().erase(said.key);
    } else {
      state.policies.write().insert_or_assign(said.key, said.value);
    }
  }

  void operator()(const payload::Handover& said) const {
    state.handovers.write().push_back({cause.said, cause.by, said});
    ++state.access_changes;
  }

  void operator()(const payload::DestroyProposed& said) const {
    state.proposals.write().emplace(cause.said.statement,
                                    Proposal{cause.said, cause.by.person, said.archives, said.reason, said.overridden,
                                             cause.hub_time, std::nullopt});
  }

  void operator()(const payload::Destroy& said) const {
    Proposal& proposal = state.proposals.write().at(said.proposal);
    proposal.carried_out = cause.said;
    for (const auto& archive : proposal.archives) {
      state.destroyed.write().try_emplace(
          archive, Destroyed{cause.said, said.proposal, proposal.by, cause.by.person, cause.hub_time});
    }
    ++state.access_changes;
  }

  void operator()(const payload::AccessDropped& said) const {
    state.dropped.write().insert_or_assign(
        cause.by.node,
        DropReceipt{cause.said, said.executed, said.archives, said.unsent, said.backup, cause.hub_time, said.gone_by});
  }

  void operator()(const payload::NodeFrozen& said) const {
    KnownNode& node = state.nodes.write().at(said.node);
    node.freezes.push_back({Batch::decode(said.first.bytes)->author.incarnation, cause.said});
    ++state.access_changes;
  }

  void operator()(const payload::NodeRenewed& said) const {
    state.nodes.write().at(said.node).lives.push_back({said.incarnation, cause.said});
    ++state.access_changes;
  }

  void operator()(const payload::BackupKey& said) const { state.backup_key = said.key; }

  void operator()(const payload::AccessRequested& said) const {
    state.requests.write().emplace(cause.said.statement,
                                   AccessRequest{cause.said, cause.by.person, said, cause.hub_time, std::nullopt});
  }

  void operator()(const payload::AccessAnswered& said) const {
    state.requests.write().at(said.request).answer = AccessAnswer{cause.said, cause.by.person, said, cause.hub_time};
  }

  void operator()(const payload::Verdict& said) const { insert_fact(state, cause, said); }
  void operator()(const payload::Merge& said) const { insert_fact(state, cause, said); }
  void operator()(const payload::MergeUndone& said) const { insert_fact(state, cause, said); }

  void operator()(const payload::OwnerSet& said) const { change_access(said); }
  void operator()(const payload::Grant& said) const { change_access(said); }
  void operator()(const payload::GrantEnded& said) const { change_access(said); }
  void operator()(const payload::Moved& said) const { change_access(said); }

  void change_access(const auto& said) const {
    insert_fact(state, cause, said);
    ++state.access_changes;
  }

  void operator()(const payload::Opaque&) const {}
};

}  // namespace

const OrderLife* resumed_from(const State& state, const Position& head) {
  for (const auto& [life, from] : *state.lives) {
    if (from.head == head && !from.order_hash.none()) return &from;
  }
  return nullptr;
}

bool leads_to(const State& state, const Position& from, Position to) {
  while (to.incarnation > from.incarnation) {
    const auto life = state.lives->find(to.incarnation);
    if (life == state.lives->end() || life->second.head >= to) return from <= to;
    to = life->second.head;
  }
  return to.incarnation == from.incarnation && from.n <= to.n;
}

bool knew_by(const State& state, const Position& known, const Said& said) {
  // What is obeyed before it is ordered stands past the end of the log, at no place that anybody could have known.
  if (said.at <= state.position && leads_to(state, said.at, known)) return true;
  const auto former = state.former->find(said.statement);
  return former != state.former->end() &&
         std::ranges::any_of(former->second, [&](const Position& at) { return leads_to(state, at, known); });
}

void mark_time(State& state, WallTime hub_time, const Position& at) {
  const auto& times = *state.times;
  if (!times.empty() && hub_time.ms - times.back().time.ms < Millis{kTimeMarkEvery}.count()) return;
  state.times.write().push_back({hub_time, at});
}

void apply_payload(State& state, const Cause& cause, const payload::Any& payload) {
  std::visit(Doer{state, cause}, payload);
}

}  // namespace satchel::directory
