// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/admin.h"

#include "sync/directory/limits.h"
#include "sync/holder/exchange.h"

namespace satchel::field {

namespace {

constexpr Millis kInvitationLife = std::chrono::duration_cast<Millis>(kTokenLifeMax);
constexpr Millis kEnrolmentPatience{3'000};  // for an enrolment on its way through a branch hub

Result<BranchId> find_branch(const Directory& directory, const std::string& name) {
  if (name.empty()) return BranchId{};
  const Branch* branch = directory.branch_named(name);
  if (branch == nullptr) return fail(ErrorKind::not_found, "admin.no-branch", name);
  return branch->id;
}

// What there is and what may be, each; '-' is no bound. Numbers alone: the sentence around them says what they are.
std::string volume_text(const node::Volume& volume, const node::VolumeLimit& limit) {
  const auto most = [](std::uint64_t bound) { return bound == 0 ? std::string("-") : std::to_string(bound); };
  return std::to_string(volume.archives) + "/" + most(limit.archives) + " · " + std::to_string(volume.bytes >> 20) +
         "/" + most(limit.bytes == 0 ? 0 : std::max<std::uint64_t>(1, limit.bytes >> 20)) + " MiB";
}

// Names are unique among active people; of those who left the one who left last is meant.
const Person* find_person(const Directory& directory, const std::string& name) {
  if (const Person* active = directory.person_named(name)) return active;
  const Person* found = nullptr;
  for (const auto& [id, person] : directory.people()) {
    if (person.name == name && (found == nullptr || found->now().since.at < person.now().since.at)) found = &person;
  }
  return found;
}

// The branch's own hub first, then headquarters', as many as an invitation holds.
std::vector<InvitedHub> invited_hubs(const Directory& directory, const BranchId& branch) {
  std::vector<InvitedHub> out;
  for (const KnownNode* hub : directory.hubs(branch)) {
    const bool near = hub->hq_hub || (!branch.none() && hub->branch == branch);
    if (near && hub->state() == NodeState::confirmed && out.size() < kInvitationHubsMax)
      out.push_back({hub->address, hub->id, hub->tls_pin});
  }
  return out;
}

Result<void> catch_up(Device& device, Error& offline) {
  const auto done = holder::exchange(device);
  if (done) return {};
  offline = done.error();
  return offline.kind == ErrorKind::offline ? Result<void>{} : std::unexpected(offline);
}

Result<Invited> invite(Device& device, Invited out, payload::Invitation invitation) {
  const auto directory = device.directory();
  out.file = new_invitation(directory->root(), device.entropy());
  out.file.org_name = directory->name();
  out.file.purpose = invitation.purpose;
  // The hub judges by its own time: a device clock that is behind must not make an invitation that is over.
  out.file.expiry = std::max(device.clock().wall(), directory->last_hub_time()) + kInvitationLife;
  const Person* person = directory->person(invitation.person);
  // A branch hub is reached through headquarters; there is no other yet.
  out.file.hubs = invited_hubs(*directory, person != nullptr ? person->branch() : BranchId{});
  invitation.invite = out.file.invite;
  invitation.token = token_keys(out.file).pub;
  invitation.expiry = out.file.expiry;
  SATCHEL_GET(said, say(device, invitation));
  out.said = said;
  return out;
}

std::vector<PendingEnrolment> waiting_for(const Directory& directory, const std::string& name) {
  std::vector<PendingEnrolment> out;
  const Person* person = directory.person_named(name);
  for (const auto& pending : directory.pending()) {
    if ((person != nullptr && pending.person == person->id) || (pending.person.none() && pending.name == name))
      out.push_back(pending);
  }
  return out;
}

}  // namespace

Result<Said> add_branch(Device& device, const std::string& name, const std::string& code) {
  payload::BranchAdded added;
  added.branch = random_id<BranchId>(device.entropy());
  added.name = name;
  added.code = code;
  return say(device, added);
}

Result<Said> add_person(Device& device, const NewPerson& person) {
  SATCHEL_GET(branch, find_branch(*device.directory(), person.branch));
  payload::PersonAdded added;
  added.person = random_id<PersonId>(device.entropy());
  added.name = person.name;
  added.role = person.role;
  added.branch = branch;
  added.functions = person.functions;
  return say(device, added);
}

namespace {

// What is to be said, by the directory that is here now.
Result<payload::PersonChanged> change_here(const Directory& directory, const PersonChange& change) {
  const Person* person = find_person(directory, change.name);
  if (person == nullptr) return fail(ErrorKind::not_found, "admin.no-person", change.name);
  if (change.active == person->active())
    return fail(ErrorKind::conflict, person->active() ? "admin.not-left" : "admin.left-already", person->name);
  payload::PersonChanged changed;
  changed.person = person->id;
  changed.role = change.role;
  changed.active = change.active;
  if (change.branch) {
    SATCHEL_GET(branch, find_branch(directory, *change.branch));
    changed.branch = branch;
  }
  changed.functions = change.functions;
  if (change.deputies) {
    changed.deputies.emplace();
    for (const auto& name : *change.deputies) {
      const Person* deputy = directory.person_named(name);
      if (deputy == nullptr) return fail(ErrorKind::not_found, "admin.no-person", name);
      if (deputy != person) changed.deputies->push_back(deputy->id);
    }
  }
  const bool same_deputies = !changed.deputies || *changed.deputies == person->deputies;
  const bool same_functions = !changed.functions || *changed.functions == person->functions;
  const bool same_role = !changed.role || *changed.role == person->role();
  const bool same_branch = !changed.branch || *changed.branch == person->branch();
  if (!changed.active && same_role && same_branch && same_functions && same_deputies)
    return fail(ErrorKind::conflict, "admin.no-change", person->name);
  return changed;
}

}  // namespace

Result<Said> change_person(Device& device, const PersonChange& change) {
  auto changed = change_here(*device.directory(), change);
  if (!changed) {
    // Our copy may be older than what was said meanwhile.
    Error offline;
    SATCHEL_TRY(catch_up(device, offline));
    changed = change_here(*device.directory(), change);
  }
  if (!changed) return std::unexpected(changed.error());
  return say(device, *changed);
}

Result<Said> set_policy(Device& device, const std::string& key, const std::string& value) {
  return say(device, payload::Policy{key, value});
}

Result<Invited> invite_person(Device& device, const std::string& name) {
  const auto directory = device.directory();
  const Person* person = directory->person_named(name);
  if (person == nullptr) return fail(ErrorKind::not_found, "admin.no-person", name);
  Invited out;
  out.person = person->name;
  out.role = person->role();
  if (const Branch* branch = directory->branch(person->branch())) out.branch = branch->name;
  {
    SATCHEL_GET(txn, device.replica().store().begin_read());
    SATCHEL_GET(volume, node::volume_for(*txn, device.replica().sizes(), *directory, person->id,
                                         device.replica().clock().wall()));
    out.volume = volume;
    const auto limit = node::volume_limit(*directory);
    if (!limit.holds(volume)) return fail(ErrorKind::permission, node::kReplicaOverLimit, volume_text(volume, limit));
  }
  payload::Invitation invitation;
  invitation.purpose = InvitePurpose::person;
  invitation.person = person->id;
  invitation.needs_confirmation = true;
  return invite(device, std::move(out), invitation);
}

Result<Invited> invite_hub(Device& device, const std::string& branch) {
  SATCHEL_GET(id, find_branch(*device.directory(), branch));
  if (id.none()) return fail(ErrorKind::not_found, "admin.no-branch", branch);
  Invited out;
  out.branch = device.directory()->branch(id)->name;
  payload::Invitation invitation;
  invitation.purpose = InvitePurpose::hub;
  invitation.branch = id;
  // Whoever holds the file is at the hub's keyboard; an address and a pin stand in the directory for all to see.
  invitation.needs_confirmation = false;
  return invite(device, std::move(out), invitation);
}

Result<Pending> pending_enrolments(Device& device) {
  Pending out;
  SATCHEL_TRY(catch_up(device, out.offline));
  out.list = device.directory()->pending();
  return out;
}

Result<Confirmed> confirm_enrolment(Device& device, const std::string& name, const std::string& fingerprint) {
  const auto matching = [&]() -> std::optional<PendingEnrolment> {
    for (const auto& pending : waiting_for(*device.directory(), name)) {
      if (same_fingerprint(pending.fingerprint, fingerprint)) return pending;
    }
    return std::nullopt;
  };
  holder::ExchangeOptions options;
  options.live = true;
  options.patience = kEnrolmentPatience;
  bool settled = false;
  options.settled = [&](const holder::Exchange&) { settled = true; };
  options.enough = [&] { return settled && !waiting_for(*device.directory(), name).empty(); };
  const auto caught_up = holder::exchange(device, options);
  if (!caught_up && caught_up.error().kind != ErrorKind::offline) return std::unexpected(caught_up.error());
  const auto pending = matching();
  if (!pending) {
    if (!caught_up) return std::unexpected(caught_up.error());
    const auto others = waiting_for(*device.directory(), name);
    if (others.empty()) return fail(ErrorKind::not_found, "enrol.none-pending", name);
    return fail(ErrorKind::integrity, "enrol.other-fingerprint", others.front().fingerprint);
  }
  payload::NodeConfirmed confirmed;
  confirmed.node = pending->node;
  SATCHEL_GET(said, say(device, confirmed));
  return Confirmed{said, *pending};
}

}  // namespace satchel::field
