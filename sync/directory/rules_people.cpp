// SPDX-License-Identifier: AGPL-3.0-or-later
// What statements about the organisation, its people and their nodes demand beyond the table of authority.
#include "sync/directory/identity.h"
#include "sync/directory/limits.h"
#include "sync/directory/rules.h"

namespace satchel::directory {

namespace {

Result<void> not_allowed(std::string why) { return refuse(ErrorKind::permission, "not-allowed", std::move(why)); }

// A branch manager acts on salespersons of the own branch only.
bool own_salesperson(const Case& c, Role role, const BranchId& branch) {
  return role == Role::salesperson && branch == c.actor.branch;
}

bool hq_administrator(Role role, const BranchId& branch) {
  return role == Role::archive_administrator && branch.none();
}

Result<void> known_branch(const State& state, const BranchId& branch) {
  if (branch.none() || state.branches->contains(branch)) return {};
  return refuse(ErrorKind::not_found, "unknown-branch", branch.hex());
}

Result<void> role_fits(Role role, const BranchId& branch) {
  if (role != Role::branch_manager || !branch.none()) return {};
  return refuse(ErrorKind::usage, "role-needs-branch", std::string(role_name(role)));
}

Result<void> free_name(const State& state, const std::string& name, const PersonId& but) {
  const auto found = state.names->find(name);
  if (found == state.names->end() || found->second == but) return {};
  return refuse(ErrorKind::conflict, "name-taken", name);
}

Result<void> known_people(const State& state, const std::vector<PersonId>& people) {
  for (const auto& person : people) {
    if (!find_person(state, person)) return refuse(ErrorKind::not_found, "unknown-person", person.hex());
  }
  return {};
}

Result<void> good_keys(const State& state, const SignPublic& sign, const BoxPublic& box) {
  if (!usable(box)) return refuse(ErrorKind::invalid, "bad-key");
  if (find_node(state, node_id(sign, box))) return refuse(ErrorKind::conflict, "id-taken", node_id(sign, box).hex());
  return {};
}

// Another administrator of headquarters who is active and has a confirmed node.
bool other_administrator(const State& state, const PersonId& but) {
  return std::any_of(state.nodes->begin(), state.nodes->end(), [&](const auto& entry) {
    const KnownNode& node = entry.second;
    const auto* person = node.state() == NodeState::confirmed ? find_person(state, node.person) : nullptr;
    return person && person->id != but && person->active() && hq_administrator(person->role(), person->branch());
  });
}

}  // namespace

Result<void> demand(const Case& c, const payload::OrganisationFounded& said) {
  if (org_id(said.root) == c.envelope.statement().org) return {};
  return refuse(ErrorKind::integrity, "wrong-organisation", "the id is not the root key's");
}

Result<void> demand(const Case& c, const payload::HubAdmitted& said) { return good_keys(c.state, said.sign, said.box); }

Result<void> demand(const Case& c, const payload::OrderResumed& said) {
  const bool here = said.head == c.state.position && said.order_hash == c.state.order_hash;
  if (here && said.incarnation > said.head.incarnation && said.incarnation == c.at.incarnation) return {};
  return refuse(ErrorKind::conflict, "stale-head");
}

Result<void> demand(const Case& c, const payload::BranchAdded& said) {
  for (const auto& [id, branch] : *c.state.branches) {
    if (id == said.branch) return refuse(ErrorKind::conflict, "id-taken", id.hex());
    const bool same_code = !said.code.empty() && branch.code == said.code;
    if (branch.name == said.name || same_code) return refuse(ErrorKind::conflict, "name-taken", branch.name);
  }
  return {};
}

Result<void> demand(const Case& c, const payload::PersonAdded& said) {
  if (c.as == kWhoManager && !own_salesperson(c, said.role, said.branch)) return not_allowed("another branch or role");
  if (c.as == kWhoRoot && !hq_administrator(said.role, said.branch))
    return not_allowed("the root key adds administrators");
  if (find_person(c.state, said.person)) return refuse(ErrorKind::conflict, "id-taken", said.person.hex());
  SATCHEL_TRY(known_branch(c.state, said.branch));
  SATCHEL_TRY(role_fits(said.role, said.branch));
  SATCHEL_TRY(free_name(c.state, said.name, {}));
  return known_people(c.state, said.deputies);
}

Result<void> demand(const Case& c, const payload::PersonChanged& said) {
  const auto* person = find_person(c.state, said.person);
  if (!person) return refuse(ErrorKind::not_found, "unknown-person", said.person.hex());
  const auto role = said.role.value_or(person->role());
  const auto branch = said.branch.value_or(person->branch());
  const auto active = said.active.value_or(person->active());
  if (c.as == kWhoManager &&
      !(own_salesperson(c, person->role(), person->branch()) && own_salesperson(c, role, branch))) {
    return not_allowed("another branch or role");
  }
  if (c.as == kWhoRoot && active && !hq_administrator(role, branch)) {
    return not_allowed("the root key recovers administration, nothing else");
  }
  SATCHEL_TRY(known_branch(c.state, branch));
  SATCHEL_TRY(role_fits(role, branch));
  if (active) SATCHEL_TRY(free_name(c.state, said.name.value_or(person->name), person->id));
  const bool was = person->active() && hq_administrator(person->role(), person->branch());
  if (was && !(active && hq_administrator(role, branch)) && c.as != kWhoRoot &&
      !other_administrator(c.state, person->id)) {
    return refuse(ErrorKind::conflict, "last-administrator", person->name);
  }
  return known_people(c.state, said.deputies.value_or(std::vector<PersonId>{}));
}

namespace {

Result<void> invited_person(const Case& c, const payload::Invitation& said) {
  const auto* person = find_person(c.state, said.person);
  if (!person) return refuse(ErrorKind::not_found, "unknown-person", said.person.hex());
  if (!person->active()) return refuse(ErrorKind::conflict, "inactive", person->name);
  if (c.as == kWhoManager && !own_salesperson(c, person->role(), person->branch())) {
    return not_allowed("another branch or role");
  }
  if (c.as == kWhoRoot && !hq_administrator(person->role(), person->branch())) {
    return not_allowed("the root key invites administrators and HQ's reader");
  }
  // Somebody must compare the fingerprint; only before the first administrator there is nobody to do it.
  if (!said.needs_confirmation && c.as != kWhoRoot) return not_allowed("a person's node needs confirmation");
  return {};
}

}  // namespace

Result<void> demand(const Case& c, const payload::Invitation& said) {
  if (c.state.invites->contains(said.invite)) return refuse(ErrorKind::conflict, "id-taken", said.invite.hex());
  const bool for_person = said.purpose == InvitePurpose::person;
  const bool for_hub = said.purpose == InvitePurpose::hub;
  if (said.person.none() == for_person || said.branch.none() == for_hub) {
    return refuse(ErrorKind::usage, "bad-invitation",
                  "a person's names a person, a hub's a branch, a reader's neither");
  }
  if (for_person) return invited_person(c, said);
  if (c.as == kWhoManager) return not_allowed("hubs and readers are the administrator's");
  if (for_hub && c.as == kWhoRoot) return not_allowed("the root key invites administrators and HQ's reader");
  return known_branch(c.state, said.branch);
}

Result<void> demand(const Case& c, const payload::NodeEnrolled& said) {
  const auto found = c.state.invites->find(said.invite);
  if (found == c.state.invites->end()) return refuse(ErrorKind::not_found, "unknown-invitation", said.invite.hex());
  const Invite& invite = found->second;
  if (!invite.used_by.none()) return refuse(ErrorKind::conflict, "token-used", said.name);
  if (c.hub_time > invite.expiry) return refuse(ErrorKind::permission, "token-expired", said.name);
  if (said.hub.has_value() != (invite.purpose == InvitePurpose::hub)) {
    return refuse(ErrorKind::invalid, "wrong-purpose", "a hub's details belong to a hub's invitation");
  }
  if (invite.purpose == InvitePurpose::person && !find_person(c.state, invite.person)->active()) {
    return refuse(ErrorKind::permission, "inactive", said.name);
  }
  SATCHEL_TRY(good_keys(c.state, said.sign, said.box));
  if (c.trust == Trust::check && !proves_token(said, c.envelope.statement().org, invite.token)) {
    return refuse(ErrorKind::integrity, "bad-token", said.name);
  }
  return {};
}

namespace {

// What both confirming and revoking ask of a branch manager.
Result<const KnownNode*> node_in_reach(const Case& c, const NodeId& id) {
  const auto* node = find_node(c.state, id);
  if (!node) return refuse(ErrorKind::not_found, "unknown-node", id.hex());
  if (c.as != kWhoManager) return node;
  const auto* person = find_person(c.state, node->person);
  if (person && own_salesperson(c, person->role(), person->branch())) return node;
  return refuse(ErrorKind::permission, "not-allowed", "another branch or role");
}

}  // namespace

Result<void> demand(const Case& c, const payload::NodeConfirmed& said) {
  const auto node = node_in_reach(c, said.node);
  if (!node) return std::unexpected(node.error());
  if ((*node)->state() != NodeState::enrolled) return refuse(ErrorKind::conflict, "not-pending", (*node)->name);
  const auto* person = find_person(c.state, (*node)->person);
  if (person && !person->active()) return refuse(ErrorKind::conflict, "inactive", person->name);
  return {};
}

Result<void> demand(const Case& c, const payload::NodeRevoked& said) {
  const auto node = node_in_reach(c, said.node);
  if (!node) return std::unexpected(node.error());
  // Revoked twice by two who did not know of each other: a hub may have obeyed either word before it was ordered.
  if ((*node)->hq_hub && c.as != kWhoRoot) return not_allowed("only the root key revokes the HQ hub");
  return {};
}

}  // namespace satchel::directory
