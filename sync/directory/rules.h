// SPDX-License-Identifier: AGPL-3.0-or-later
// The rules that decide whether a statement has effect at its position: signature, authority, and what its kind
// demands. The HQ hub asks them before it orders, every node again when it applies; both get the same answer from
// the same state, because nothing else goes in. Private to the room; the refusals are listed in docs/directory.md.
#pragma once

#include "sync/directory/authority.h"
#include "sync/directory/state.h"

namespace satchel::directory {

// `replay`: the signatures of these very bytes were found good before (our own log at start).
enum class Trust { check, replay };

// One statement at the place it has or would get.
struct Case {
  const State& state;
  const Envelope& envelope;
  Position at;
  WallTime hub_time;
  Trust trust = Trust::check;
  Actor actor;
  unsigned as = 0;  // the signer's classes that the table admits for this kind
};

struct Examined {
  payload::Any payload;
  Actor actor;
  Nature nature = Nature::permissive;
};

// Why not, or what it says. `at` must be behind everything in the state, or a place inside it for a statement of
// archive scope that was withheld until now.
Result<Examined> examine(const State& state, const Envelope& envelope, const Position& at, WallTime hub_time,
                         Trust trust);

// The places a former order gave, one behind the other, and the hash of the last record.
struct FormerPlaces {
  std::vector<Position> places;
  Digest end;
};
FormerPlaces places_of(const payload::FormerOrder& said, const Digest& order_hash);

// Whether this statement needs a second person's signature as things are.
bool two_persons_needed(const State& state, const payload::Any& payload);
Nature nature_of(const State& state, const payload::Any& payload);

// The node as a signer at a position: confirmed before it, not revoked before it, its person active then.
Result<Actor> actor_at(const State& state, const NodeId& node, const Position& at);
unsigned classes_of(const Actor& actor);

inline std::unexpected<Error> refuse(ErrorKind kind, const char* word, std::string detail = {}) {
  return fail(kind, std::string("directory.") + word, std::move(detail));
}

// ---- what each kind demands beyond the table; as in docs/directory.md, 'Rules' ----
Result<void> demand(const Case& c, const payload::OrganisationFounded& said);
Result<void> demand(const Case& c, const payload::HubAdmitted& said);
Result<void> demand(const Case& c, const payload::OrderResumed& said);
Result<void> demand(const Case& c, const payload::FormerOrder& said);
Result<void> demand(const Case& c, const payload::BranchAdded& said);
Result<void> demand(const Case& c, const payload::PersonAdded& said);
Result<void> demand(const Case& c, const payload::PersonChanged& said);
Result<void> demand(const Case& c, const payload::Invitation& said);
Result<void> demand(const Case& c, const payload::NodeEnrolled& said);
Result<void> demand(const Case& c, const payload::NodeConfirmed& said);
Result<void> demand(const Case& c, const payload::NodeRevoked& said);
Result<void> demand(const Case& c, const payload::AudienceKey& said);
Result<void> demand(const Case& c, const payload::AudienceBox& said);
Result<void> demand(const Case& c, const payload::PackPublished& said);
Result<void> demand(const Case& c, const payload::NumberRangeWanted& said);
Result<void> demand(const Case& c, const payload::NumberRange& said);
Result<void> demand(const Case& c, const payload::Policy& said);
Result<void> demand(const Case& c, const payload::Handover& said);
Result<void> demand(const Case& c, const payload::DestroyProposed& said);
Result<void> demand(const Case& c, const payload::Destroy& said);
Result<void> demand(const Case& c, const payload::AccessDropped& said);
Result<void> demand(const Case& c, const payload::NodeFrozen& said);
Result<void> demand(const Case& c, const payload::NodeRenewed& said);
Result<void> demand(const Case& c, const payload::BackupKey& said);
Result<void> demand(const Case& c, const payload::AccessRequested& said);
Result<void> demand(const Case& c, const payload::AccessAnswered& said);
Result<void> demand(const Case& c, const payload::Verdict& said);
Result<void> demand(const Case& c, const payload::OwnerSet& said);
Result<void> demand(const Case& c, const payload::Grant& said);
Result<void> demand(const Case& c, const payload::GrantEnded& said);
Result<void> demand(const Case& c, const payload::Merge& said);
Result<void> demand(const Case& c, const payload::MergeUndone& said);
Result<void> demand(const Case& c, const payload::Moved& said);
Result<void> demand(const Case& c, const payload::Opaque& said);

}  // namespace satchel::directory
