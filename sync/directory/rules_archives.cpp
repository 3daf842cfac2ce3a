// SPDX-License-Identifier: AGPL-3.0-or-later
// What statements about archives demand beyond the table of authority. Whether a manager's branch is the archive's is
// judged where its opening is known (history.h); here is only what everybody can tell.
#include "schema/base/planted.h"
#include "sync/directory/identity.h"
#include "sync/directory/limits.h"
#include "sync/directory/rules.h"

namespace satchel::directory {

namespace {

Result<void> known_people(const Case& c, const std::vector<PersonId>& people) {
  for (const auto& person : people) {
    if (!find_person(c.state, person)) return refuse(ErrorKind::not_found, "unknown-person", person.hex());
  }
  return {};
}

Result<void> known_audience(const Case& c, const AudienceId& audience) {
  if (find_audience(c.state, audience)) return {};
  return refuse(ErrorKind::not_found, "unknown-audience", audience.hex());
}

}  // namespace

Result<void> demand(const Case& c, const payload::Verdict& said) {
  for (const auto& range : said.ranges) {
    if (!find_node(c.state, range.author)) return refuse(ErrorKind::not_found, "unknown-node", range.author.hex());
  }
  return {};
}

Result<void> demand(const Case& c, const payload::OwnerSet& said) { return known_people(c, said.owners); }
Result<void> demand(const Case& c, const payload::Grant& said) { return known_audience(c, said.audience); }
Result<void> demand(const Case& c, const payload::GrantEnded& said) { return known_audience(c, said.audience); }

Result<void> demand(const Case& c, const payload::Merge& said) {
  if (said.into != c.envelope.statement().archive) return {};
  return refuse(ErrorKind::invalid, "merge-into-itself", said.into.hex());
}

Result<void> demand(const Case&, const payload::MergeUndone&) { return {}; }

Result<void> demand(const Case& c, const payload::Moved& said) {
  if (!said.branch.none() && !c.state.branches->contains(said.branch)) {
    return refuse(ErrorKind::not_found, "unknown-branch", said.branch.hex());
  }
  return known_people(c, said.owners);
}

Result<void> demand(const Case& c, const payload::Handover& said) {
  SATCHEL_TRY(known_people(c, {said.from, said.to}));
  const auto* from = find_person(c.state, said.from);
  const auto* to = find_person(c.state, said.to);
  if (!to->active()) return refuse(ErrorKind::conflict, "inactive", to->name);
  const bool own = from->branch() == c.actor.branch && to->branch() == c.actor.branch;
  if (c.as != kWhoManager || own) return {};
  return refuse(ErrorKind::permission, "not-allowed", "another branch");
}

Result<void> demand(const Case& c, const payload::DestroyProposed& said) {
  for (const auto& archive : said.archives) {
    if (c.state.destroyed->contains(archive)) return refuse(ErrorKind::conflict, "destroyed", archive.hex());
  }
  return {};
}

Result<void> demand(const Case& c, const payload::Destroy& said) {
  const auto proposal = c.state.proposals->find(said.proposal);
  if (proposal == c.state.proposals->end()) {
    return refuse(ErrorKind::not_found, "unknown-proposal", said.proposal.hex());
  }
  if (proposal->second.carried_out) return refuse(ErrorKind::conflict, "destroyed", said.proposal.hex());
  if (proposal->second.by != c.actor.person || SATCHEL_PLANTED(one_signer_destroys)) return {};
  return refuse(ErrorKind::permission, "two-persons", "destroy");
}

Result<void> demand(const Case& c, const payload::AccessDropped& said) {
  if (said.executed >= c.at) return refuse(ErrorKind::invalid, "future-position");
  const auto found = c.state.dropped->find(c.actor.node);
  if (found == c.state.dropped->end() || found->second.executed < said.executed) return {};
  // From the same place it says more when it names a statement that the one before does not.
  const auto& before = found->second;
  const bool more = std::ranges::any_of(
      said.gone_by, [&](const Digest& id) { return std::ranges::find(before.gone_by, id) == before.gone_by.end(); });
  if (more && before.executed == said.executed) return {};
  return refuse(ErrorKind::conflict, "stale-receipt");
}

Result<void> demand(const Case& c, const payload::AccessRequested& said) {
  const auto* audience = find_audience(c.state, said.audience);
  const bool askable =
      audience && (audience->kind == AudienceKind::hq || audience->kind == AudienceKind::branch_managers);
  if (!askable) return refuse(ErrorKind::not_found, "unknown-audience", said.audience.hex());
  if (!audience->at(said.text.epoch)) return refuse(ErrorKind::conflict, "stale-epoch");
  if (said.until.ms != 0 && said.until <= c.hub_time) return refuse(ErrorKind::conflict, "request-over");
  const auto open = std::count_if(c.state.requests->begin(), c.state.requests->end(), [&](const auto& entry) {
    return entry.second.by == c.actor.person && entry.second.state(c.hub_time) == RequestState::waiting;
  });
  if (static_cast<std::size_t>(open) < kOpenRequestsMax) return {};
  return refuse(ErrorKind::conflict, "too-many-requests");
}

// Whoever is asked answers, and nobody answers himself.
Result<void> demand(const Case& c, const payload::AccessAnswered& said) {
  const auto found = c.state.requests->find(said.request);
  if (found == c.state.requests->end()) return refuse(ErrorKind::not_found, "unknown-request", said.request.hex());
  const AccessRequest& request = found->second;
  if (request.answer) return refuse(ErrorKind::conflict, "answered-already");
  if (request.by == c.actor.person) return refuse(ErrorKind::permission, "own-request");
  const auto* asked = find_audience(c.state, request.what.audience);
  if (!covers(*asked, c.actor.person, c.actor.role, c.actor.branch))
    return refuse(ErrorKind::permission, "not-allowed", "asked of others");
  if (said.choice == AnswerChoice::approve && request.state(c.hub_time) == RequestState::over)
    return refuse(ErrorKind::conflict, "request-over");
  const auto* reader = find_audience(c.state, person_audience(c.state.org, request.by));
  if (!said.text.box.empty() && !reader->at(said.text.epoch)) return refuse(ErrorKind::conflict, "stale-epoch");
  return {};
}

}  // namespace satchel::directory
