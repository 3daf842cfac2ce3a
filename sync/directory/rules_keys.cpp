// SPDX-License-Identifier: AGPL-3.0-or-later
// What statements about keys, packs, numbers and policies demand beyond the table of authority.
#include "schema/base/planted.h"
#include "sync/directory/limits.h"
#include "sync/directory/rules.h"

namespace satchel::directory {

namespace {

// The audience, if the signer belongs to it.
Result<const Audience*> own_audience(const Case& c, const AudienceId& id) {
  const auto* audience = find_audience(c.state, id);
  if (!audience) return refuse(ErrorKind::not_found, "unknown-audience", id.hex());
  if (is_member(c.state, *audience, *find_node(c.state, c.actor.node))) return audience;
  return refuse(ErrorKind::permission, "not-member", c.actor.node.hex());
}

// A secret is never sealed to somebody who is not a member: a ghost would read from then on.
Result<void> receiver(const Case& c, const Audience& audience, const NodeId& id) {
  const auto* node = find_node(c.state, id);
  if (node && (is_member(c.state, audience, *node) || SATCHEL_PLANTED(ghost_member_boxed))) return {};
  return refuse(ErrorKind::permission, "not-member", id.hex());
}

Result<void> confirmed_device(const Case& c, const NodeId& id) {
  const auto* node = find_node(c.state, id);
  if (!node) return refuse(ErrorKind::not_found, "unknown-node", id.hex());
  const auto* person = find_person(c.state, node->person);
  if (node->state() == NodeState::confirmed && person && person->active()) return {};
  return refuse(ErrorKind::permission, "not-confirmed", node->name);
}

}  // namespace

Result<void> demand(const Case& c, const payload::AudienceKey& said) {
  const auto audience = own_audience(c, said.audience);
  if (!audience) return std::unexpected(audience.error());
  if (said.epoch != (*audience)->epoch() + 1) {
    return refuse(ErrorKind::conflict, "stale-epoch", std::to_string(said.epoch));
  }
  if (!usable(said.key)) return refuse(ErrorKind::invalid, "bad-key");
  for (const auto& epoch : (*audience)->epochs) {
    if (epoch.key == said.key) return refuse(ErrorKind::invalid, "key-reused");
  }
  if (!said.boxes.contains(c.actor.node)) return refuse(ErrorKind::invalid, "own-box-missing");
  for (const auto& [node, box] : said.boxes) SATCHEL_TRY(receiver(c, **audience, node));
  return {};
}

Result<void> demand(const Case& c, const payload::AudienceBox& said) {
  const auto audience = own_audience(c, said.audience);
  if (!audience) return std::unexpected(audience.error());
  if (!(*audience)->at(said.epoch)) return refuse(ErrorKind::conflict, "stale-epoch", std::to_string(said.epoch));
  if (!(*audience)->box(said.epoch, c.actor.node)) return refuse(ErrorKind::permission, "no-own-box");
  if ((*audience)->box(said.epoch, said.node)) return refuse(ErrorKind::conflict, "box-present", said.node.hex());
  return receiver(c, **audience, said.node);
}

Result<void> demand(const Case& c, const payload::PackPublished& said) {
  const auto found = c.state.packs->find(said.pack);
  if (found != c.state.packs->end() && found->second.back().version >= said.version) {
    return refuse(ErrorKind::conflict, "stale-version", said.pack);
  }
  if (payload::pack_digest(said.bytes) == said.digest) return {};
  return refuse(ErrorKind::integrity, "bad-digest", said.pack);
}

Result<void> demand(const Case& c, const payload::NumberRangeWanted& said) {
  if (said.node != c.actor.node) return refuse(ErrorKind::permission, "not-allowed", "numbers are asked for oneself");
  SATCHEL_TRY(confirmed_device(c, said.node));
  if (!c.state.numbers->wanted.contains({said.node, said.incarnation})) return {};
  return refuse(ErrorKind::conflict, "wanted-already");
}

Result<void> demand(const Case& c, const payload::NumberRange& said) {
  SATCHEL_TRY(confirmed_device(c, said.node));
  if (said.first >= c.state.numbers->next) return {};
  return refuse(ErrorKind::conflict, "number-taken", std::to_string(said.first));
}

Result<void> demand(const Case&, const payload::Policy&) { return {}; }

Result<void> demand(const Case&, const payload::Opaque& said) {
  return refuse(ErrorKind::invalid, "unknown-kind", std::string(kind_name(said.kind)));
}

}  // namespace satchel::directory
