// SPDX-License-Identifier: AGPL-3.0-or-later
// What an administrator or a branch manager says of people, branches, hubs and devices. Each verb signs one statement
// and follows it until headquarters has ordered or refused it (said.h). A refusal comes back as an Error with the
// directory's code; out of reach of headquarters the statement waits, and Said::pending says so.
#pragma once

#include "client/field/said.h"
#include "sync/directory/invitation.h"

namespace satchel::field {

// Errors besides: not_found "admin.no-branch".
Result<Said> add_branch(Device& device, const std::string& name, const std::string& code);

struct NewPerson {
  std::string name;
  Role role = Role::salesperson;
  std::string branch;  // name or code; empty: headquarters
  std::vector<std::string> functions;
};
Result<Said> add_person(Device& device, const NewPerson& person);

struct PersonChange {
  std::string name;
  std::optional<Role> role;
  std::optional<std::string> branch;  // empty text: headquarters
  std::optional<bool> active;
  std::optional<std::vector<std::string>> functions;  // all he has from now on
  std::optional<std::vector<std::string>> deputies;   // names: who may take his steps from now on
};
// not_found "admin.no-person"; a person who left is found too, but is no deputy. conflict "admin.not-left",
// "admin.left-already", "admin.no-change": it is so already, as far as a hub's news tell; nothing is said.
Result<Said> change_person(Device& device, const PersonChange& change);

// Key and value as docs/directory.md has them; an empty value: back to the default.
Result<Said> set_policy(Device& device, const std::string& key, const std::string& value);

// A new invitation; `file` is to be handed over by hand.
struct Invited {
  Said said;
  InvitationFile file;
  std::string person;  // for the notes
  std::string branch;
  Role role = Role::salesperson;
  node::Volume volume;  // what the device will receive, as far as it is here
};
// permission "replica.over-limit" when that is more than a device may hold.
Result<Invited> invite_person(Device& device, const std::string& name);
Result<Invited> invite_hub(Device& device, const std::string& branch);

// Devices that enrolled and wait for somebody to compare fingerprints. Exchanges first; `offline` when that failed.
struct Pending {
  std::vector<PendingEnrolment> list;
  Error offline;
};
Result<Pending> pending_enrolments(Device& device);

// Confirms the enrolment of `name` (a person, or a node by its name) with that fingerprint. not_found
// "enrol.none-pending"; integrity "enrol.other-fingerprint" when some wait and none matches.
struct Confirmed {
  Said said;
  PendingEnrolment enrolment;
};
Result<Confirmed> confirm_enrolment(Device& device, const std::string& name, const std::string& fingerprint);

}  // namespace satchel::field
