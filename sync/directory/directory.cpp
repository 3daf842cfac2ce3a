// SPDX-License-Identifier: AGPL-3.0-or-later
// The log side of Directory: what continues it, and what a record then does.
#include "sync/directory/directory.h"

#include "schema/base/planted.h"

namespace satchel {

using directory::refuse;

namespace {

std::unexpected<Error> broken(const char* word) { return refuse(ErrorKind::integrity, word); }

// The first incarnation's first record.
constexpr Position kFirst{1, 1};

}  // namespace

Position Directory::next_position(const Envelope& envelope) const {
  if (state_.position == Position{}) return kFirst;
  Position next{state_.position.incarnation, state_.position.n + 1};
  if (envelope.statement().kind != StatementKind::order_resumed) return next;
  if (const auto resumed = decode_payload<payload::OrderResumed>(envelope.statement().payload)) {
    next.incarnation = resumed->incarnation;
  }
  return next;
}

Result<void> Directory::check(const Envelope& envelope, WallTime hub_time) const {
  if (has(envelope.id())) return refuse(ErrorKind::conflict, "ordered-already");
  auto examined = examine(state_, envelope, next_position(envelope), std::max(hub_time, state_.hub_time), Trust::check);
  if (!examined) return std::unexpected(std::move(examined.error()));
  return {};
}

Result<Nature> Directory::nature(const Envelope& envelope) const {
  auto examined = examine(state_, envelope, next_position(envelope), state_.hub_time, Trust::check);
  if (!examined) return std::unexpected(std::move(examined.error()));
  return examined->nature;
}

Ordered Directory::order(const Envelope& envelope, WallTime hub_time) const {
  Ordered o;
  o.position = next_position(envelope);
  o.statement = envelope.id();
  o.envelope = envelope.digest();
  o.prev = state_.order_hash;
  o.hub_time = state_.position == Position{} ? hub_time : std::max(hub_time, state_.hub_time);
  o.scope = envelope.statement().version == Statement::kVersion ? envelope.statement().scope : Scope::organisation;
  return o;
}

Result<void> Directory::continues(const Ordered& o, const Envelope* envelope, Trust trust) const {
  const Position& here = state_.position;
  const bool first = here == Position{};
  if (first ? o.position != kFirst : o.position.n != here.n + 1 || o.position.incarnation < here.incarnation) {
    return refuse(ErrorKind::conflict, "gap", std::to_string(o.position.n));
  }
  if (o.prev != state_.order_hash) return broken("broken-chain");
  if (!first && o.hub_time < state_.hub_time) return broken("time-backwards");
  if (!envelope) {
    if (o.scope == Scope::archive) return {};
    return broken("envelope-missing");
  }
  const auto& statement = envelope->statement();
  const bool readable = statement.version == Statement::kVersion;
  if (envelope->id() != o.statement || envelope->digest() != o.envelope || (readable && statement.scope != o.scope)) {
    return broken("wrong-envelope");
  }
  // Only an administrator's word lets a restored hub order on in a new incarnation.
  if (!first && o.position.incarnation > here.incarnation) {
    if (statement.kind != StatementKind::order_resumed) return broken("broken-chain");
    auto resumed = examine(state_, *envelope, o.position, o.hub_time, trust);
    if (!resumed) return std::unexpected(std::move(resumed.error()));
  }
  return {};
}

// Judges the statement at its place and gives it its effect; counting is the caller's.
Effect Directory::take(const Ordered& o, const Envelope& envelope, Trust trust) {
  Effect effect;
  effect.kind = envelope.statement().kind;
  auto examined = examine(state_, envelope, o.position, o.hub_time, trust);
  if (!examined) {
    const auto* row = authority_row(effect.kind);
    const bool known = envelope.statement().version == Statement::kVersion && row && row->effective;
    effect.outcome = known ? Effect::Outcome::refused : Effect::Outcome::unknown;
    effect.refusal = std::move(examined.error().code);
    return effect;
  }
  effect.nature = examined->nature;
  apply_payload(state_, {{o.position, o.statement}, o.hub_time, examined->actor, envelope.statement().archive, false},
                examined->payload);
  return effect;
}

Result<Effect> Directory::apply(const Ordered& o, const Envelope* envelope, Trust trust) {
  SATCHEL_TRY(continues(o, envelope, trust));
  Effect effect;
  if (has(o.statement)) {
    effect.outcome = Effect::Outcome::refused;
    effect.refusal = "directory.ordered-already";
  } else if (!envelope) {
    effect.outcome = Effect::Outcome::withheld;
    state_.withheld.write().emplace(o.statement, o);
  } else {
    effect = take(o, *envelope, trust);
  }
  auto& counts = state_.counts;
  switch (effect.outcome) {
    case Effect::Outcome::applied:
      ++counts.applied;
      break;
    case Effect::Outcome::refused:
      ++counts.refused;
      break;
    case Effect::Outcome::unknown:
      ++counts.unknown;
      break;
    case Effect::Outcome::withheld:
      ++counts.withheld;
      break;
  }
  state_.ordered.write().insert(o.statement);
  mark_time(state_, o.hub_time, o.position);
  state_.position = o.position;
  state_.order_hash = order_hash(o);
  state_.hub_time = o.hub_time;
  return effect;
}

Result<Effect> Directory::reveal(const Envelope& envelope, Trust trust) {
  const auto found = state_.withheld->find(envelope.id());
  if (found == state_.withheld->end()) return refuse(ErrorKind::not_found, "not-withheld");
  const Ordered o = found->second;
  const auto& statement = envelope.statement();
  if (envelope.digest() != o.envelope || (statement.version == Statement::kVersion && statement.scope != o.scope)) {
    return broken("wrong-envelope");
  }
  Effect effect = take(o, envelope, trust);
  state_.withheld.write().erase(o.statement);
  --state_.counts.withheld;
  ++(effect.outcome == Effect::Outcome::applied   ? state_.counts.applied
     : effect.outcome == Effect::Outcome::refused ? state_.counts.refused
                                                  : state_.counts.unknown);
  return effect;
}

namespace {

// Asked first, because telling whether a statement is in order costs a signature.
bool may_take(StatementKind kind) {
  return kind == StatementKind::person_changed || kind == StatementKind::node_revoked ||
         kind == StatementKind::node_frozen || kind == StatementKind::owner_set || kind == StatementKind::grant_ended;
}

// What is left of a statement when nothing it gives counts; nothing when it takes nothing.
std::optional<payload::Any> taking_part(const Directory& directory, payload::Any said, Nature nature) {
  if (auto* changed = std::get_if<payload::PersonChanged>(&said)) {
    if (nature == Nature::permissive) return std::nullopt;
    payload::PersonChanged taken{.person = changed->person};
    if (nature == Nature::restrictive) {
      taken.active = false;
    } else if (directory.person(changed->person)->role() != Role::salesperson) {
      taken.role = Role::salesperson;  // what they had by their role is gone, what they own is theirs
    } else {
      return std::nullopt;
    }
    return taken;
  }
  return said;
}

}  // namespace

Directory Directory::obeying(std::span<const Envelope> pending, std::vector<Digest>& obeyed) const {
  Directory out = *this;
  Position at = state_.position;
  for (const auto& envelope : pending) {
    const bool recalls = envelope.statement().kind == StatementKind::former_order;
    if (has(envelope.id()) || !(recalls || may_take(envelope.statement().kind))) continue;
    ++at.n;
    auto examined = examine(out.state_, envelope, at, state_.hub_time, Trust::check);
    if (!examined) continue;
    // It takes nothing; but what it tells is so already.
    if (recalls)
      apply_payload(out.state_, {{at, envelope.id()}, state_.hub_time, examined->actor, {}, true}, examined->payload);
    if (recalls) continue;
    auto said = taking_part(out, std::move(examined->payload), examined->nature);
    if (!said) continue;
    apply_payload(out.state_,
                  {{at, envelope.id()}, state_.hub_time, examined->actor, envelope.statement().archive, true}, *said);
    if (SATCHEL_PLANTED(obeyed_only_when_ordered)) return *this;
    obeyed.push_back(envelope.id());
  }
  return out;
}

DirectoryHead Directory::head(const NodeId& hub, WallTime now) const {
  return {state_.org, state_.position, state_.order_hash, now, hub, {}};
}

Result<void> Directory::check_head(const DirectoryHead& head) const {
  const auto* hub = node(head.hub);
  if (head.org != state_.org || !hub || !hub->hq_hub || hub->revoked || !verify_head(head, hub->sign)) {
    return broken("bad-head");
  }
  if (head.position == state_.position && head.order_hash != state_.order_hash) return broken("fork");
  return {};
}

}  // namespace satchel
