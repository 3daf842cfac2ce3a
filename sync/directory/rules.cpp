// SPDX-License-Identifier: AGPL-3.0-or-later
// What holds for every statement: its signer, the table of authority, and the second person.
#include "sync/directory/rules.h"

#include "sync/directory/limits.h"

namespace satchel::directory {

namespace {

// The key that must have signed, and who that is.
struct Signer {
  Actor actor;
  SignPublic key;
};

Result<Signer> root_signer(const State& state, const Statement& s, const payload::Any& payload) {
  if (!s.by.none() || !s.person.none()) return refuse(ErrorKind::invalid, "wrong-signer", "the root key is no node");
  const auto* founded = std::get_if<payload::OrganisationFounded>(&payload);
  return Signer{.actor = {.kind = Actor::Kind::root}, .key = founded ? founded->root : state.root};
}

Result<Signer> newcomer_signer(const Statement& s, const payload::NodeEnrolled& enrolled) {
  if (s.by != node_id(enrolled.sign, enrolled.box) || !s.person.none()) {
    return refuse(ErrorKind::invalid, "wrong-signer", "a node enrols itself");
  }
  return Signer{.actor = {.kind = Actor::Kind::newcomer, .node = s.by}, .key = enrolled.sign};
}

Result<Signer> node_signer(const State& state, const Statement& s, const Position& at) {
  auto actor = actor_at(state, s.by, at);
  if (!actor) return std::unexpected(std::move(actor.error()));
  if (actor->person != s.person) return refuse(ErrorKind::permission, "wrong-person", s.person.hex());
  return Signer{.actor = std::move(*actor), .key = find_node(state, s.by)->sign};
}

// A receipt for what was taken is given by whoever it was taken from.
Result<Signer> former_signer(const State& state, const Statement& s, const Position& at) {
  const auto* node = find_node(state, s.by);
  if (!node || node->enrolled.at >= at) return refuse(ErrorKind::not_found, "unknown-author", s.by.hex());
  if (!node->confirmed || node->confirmed->at >= at) return refuse(ErrorKind::permission, "not-confirmed", node->name);
  if (node->person != s.person) return refuse(ErrorKind::permission, "wrong-person", s.person.hex());
  const auto* person = find_person(state, node->person);
  const auto kind = node->kind == NodeKind::hub      ? Actor::Kind::hub
                    : node->kind == NodeKind::reader ? Actor::Kind::reader
                                                     : Actor::Kind::person;
  return Signer{.actor = {.kind = kind,
                          .node = s.by,
                          .person = node->person,
                          .role = person ? person->role() : Role::salesperson,
                          .branch = node->branch},
                .key = node->sign};
}

Result<Signer> signer_of(const State& state, const Envelope& envelope, const payload::Any& payload,
                         const Position& at) {
  const auto& s = envelope.statement();
  switch (envelope.signer()) {
    case SignerKind::root:
      return root_signer(state, s, payload);
    case SignerKind::node:
      if (const auto* enrolled = std::get_if<payload::NodeEnrolled>(&payload)) return newcomer_signer(s, *enrolled);
      if (std::holds_alternative<payload::AccessDropped>(payload)) return former_signer(state, s, at);
      return node_signer(state, s, at);
    case SignerKind::token:
      break;
  }
  return refuse(ErrorKind::permission, "not-allowed", "a token signs no statement");
}

// Whom a statement that needs two persons is about: not a witness in the own cause.
PersonId subject_of(const State& state, const payload::Any& payload) {
  if (const auto* added = std::get_if<payload::PersonAdded>(&payload)) return added->person;
  if (const auto* changed = std::get_if<payload::PersonChanged>(&payload)) return changed->person;
  if (const auto* confirmed = std::get_if<payload::NodeConfirmed>(&payload)) {
    const auto* node = find_node(state, confirmed->node);
    return node ? node->person : PersonId{};
  }
  return {};
}

// Every countersignature must be good; the answer is whether one of them is a second person's.
Result<bool> second_person(const Case& c, const payload::Any& payload) {
  const PersonId subject = subject_of(c.state, payload);
  bool found = false;
  for (const auto& by : c.envelope.countersignatures()) {
    const auto* node = find_node(c.state, by.node);
    if (!node || (c.trust == Trust::check && !c.envelope.countersigned_by(by, node->sign))) {
      return refuse(ErrorKind::integrity, "bad-countersignature", by.node.hex());
    }
    const auto actor = actor_at(c.state, by.node, c.at);
    if (!actor || actor->kind != Actor::Kind::person || !may_countersign(actor->role)) continue;
    found = found || (actor->person != c.actor.person && actor->person != subject);
  }
  return found;
}

Result<void> check_two_persons(const Case& c, const payload::Any& payload) {
  const auto second = second_person(c, payload);
  if (!second) return std::unexpected(second.error());
  if (*second || c.actor.kind == Actor::Kind::root || !two_persons_needed(c.state, payload)) return {};
  return refuse(ErrorKind::permission, "two-persons", std::string(kind_name(c.envelope.statement().kind)));
}

// What can be told without a key.
Result<void> check_frame(const State& state, const Statement& s, const Position& at) {
  if (s.version != Statement::kVersion) return refuse(ErrorKind::invalid, "unknown-kind", "newer version");
  const auto* row = authority_row(s.kind);
  if (!row || !row->effective) return refuse(ErrorKind::invalid, "unknown-kind", std::string(kind_name(s.kind)));
  if (row->scope != s.scope) return refuse(ErrorKind::invalid, "wrong-scope", std::string(row->name));
  if (!state.org.none() && s.org != state.org) return refuse(ErrorKind::invalid, "wrong-organisation", s.org.hex());
  if (s.seen >= at) return refuse(ErrorKind::invalid, "future-position");
  const bool founding = s.kind == StatementKind::organisation_founded;
  if (!state.founded() && !founding) return refuse(ErrorKind::conflict, "not-founded");
  if (state.founded() && founding) return refuse(ErrorKind::conflict, "founded-already");
  return {};
}

// People who could sign as the second person today.
std::size_t possible_witnesses(const State& state) {
  std::size_t n = 0;
  for (const auto& [id, nodes] : *state.nodes_of) {
    const auto* person = find_person(state, id);
    if (!person->active() || !may_countersign(person->role())) continue;
    n += std::any_of(nodes.begin(), nodes.end(),
                     [&](const NodeId& node) { return find_node(state, node)->state() == NodeState::confirmed; });
  }
  return n;
}

bool appoints(const State& state, const payload::Any& payload) {
  if (const auto* added = std::get_if<payload::PersonAdded>(&payload)) return may_countersign(added->role);
  const auto* changed = std::get_if<payload::PersonChanged>(&payload);
  const auto* person = changed ? find_person(state, changed->person) : nullptr;
  if (!person) return false;
  const auto role = changed->role.value_or(person->role());
  const auto branch = changed->branch.value_or(person->branch());
  const auto active = changed->active.value_or(person->active());
  const bool same = role == person->role() && branch == person->branch() && active == person->active();
  return !same && active && may_countersign(role);
}

bool confirms_witness(const State& state, const payload::Any& payload) {
  const auto* person = find_person(state, subject_of(state, payload));
  return person && may_countersign(person->role());
}

StatementKind kind_of(const payload::Any& payload) {
  return std::visit(
      [](const auto& said) {
        if constexpr (requires { said.kind; })
          return said.kind;
        else
          return std::remove_cvref_t<decltype(said)>::kKind;
      },
      payload);
}

}  // namespace

Result<Actor> actor_at(const State& state, const NodeId& id, const Position& at) {
  const auto* node = find_node(state, id);
  if (!node || node->enrolled.at >= at) return refuse(ErrorKind::not_found, "unknown-author", id.hex());
  if (node->revoked && node->revoked->at < at) return refuse(ErrorKind::permission, "revoked", node->name);
  if (!node->confirmed || node->confirmed->at >= at) return refuse(ErrorKind::permission, "not-confirmed", node->name);
  // Nobody can tell which of the copies speaks.
  if (node->frozen_now() && node->freezes.back().said.at < at)
    return refuse(ErrorKind::permission, "frozen", node->name);
  if (node->kind == NodeKind::hub) {
    return Actor{.kind = Actor::Kind::hub, .node = id, .branch = node->branch, .hq_hub = node->hq_hub};
  }
  if (node->kind == NodeKind::reader) return Actor{.kind = Actor::Kind::reader, .node = id};
  const auto* person = find_person(state, node->person);
  const auto* span = person ? span_before(*person, at) : nullptr;
  if (!span || !span->active) return refuse(ErrorKind::permission, "inactive", person ? person->name : id.hex());
  return Actor{
      .kind = Actor::Kind::person, .node = id, .person = person->id, .role = span->role, .branch = span->branch};
}

unsigned classes_of(const Actor& actor) {
  switch (actor.kind) {
    case Actor::Kind::root:
      return kWhoRoot;
    case Actor::Kind::newcomer:
      return kWhoItself;
    case Actor::Kind::hub:
      return kWhoHub | kWhoItself | (actor.hq_hub ? unsigned{kWhoHqHub} : 0u);
    case Actor::Kind::reader:
      return kWhoMember | kWhoItself;
    case Actor::Kind::person:
      break;
  }
  unsigned classes = kWhoMember | kWhoItself | kWhoPerson;
  if (actor.role == Role::archive_administrator && actor.branch.none()) classes |= kWhoAdministrator;
  if (actor.role == Role::general_manager) classes |= kWhoGeneralManager;
  if (actor.role == Role::branch_manager && !actor.branch.none()) classes |= kWhoManager;
  return classes;
}

bool two_persons_needed(const State& state, const payload::Any& payload) {
  const auto* row = authority_row(kind_of(payload));
  if (!row || row->two == TwoPersons::no) return false;
  if (row->two == TwoPersons::proposed) return false;  // the proposal is the other's word: rules_archives.cpp
  const auto on = state.policies->find(std::string(kPolicyTwoPersons));
  if (on == state.policies->end() || on->second != "on" || possible_witnesses(state) < 2) return false;
  if (row->two == TwoPersons::appointing) return appoints(state, payload);
  if (row->two == TwoPersons::confirming) return confirms_witness(state, payload);
  const auto& policy = std::get<payload::Policy>(payload);
  return policy.key == kPolicyTwoPersons && policy.value != "on";
}

Nature nature_of(const State& state, const payload::Any& payload) {
  const auto* row = authority_row(kind_of(payload));
  if (!row || row->nature != Nature::either) return row ? row->nature : Nature::permissive;
  if (const auto* verdict = std::get_if<payload::Verdict>(&payload)) {
    return verdict->choice == VerdictChoice::refuse ? Nature::restrictive : Nature::permissive;
  }
  const auto* changed = std::get_if<payload::PersonChanged>(&payload);
  const auto* person = changed ? find_person(state, changed->person) : nullptr;
  if (!person) return Nature::either;
  const bool loses = person->active() && !changed->active.value_or(true);
  const bool moves = changed->role.value_or(person->role()) != person->role() ||
                     changed->branch.value_or(person->branch()) != person->branch();
  return loses ? Nature::restrictive : moves ? Nature::either : Nature::permissive;
}

Result<Examined> examine(const State& state, const Envelope& envelope, const Position& at, WallTime hub_time,
                         Trust trust) {
  const auto& s = envelope.statement();
  SATCHEL_TRY(check_frame(state, s, at));
  auto payload = decode_any(s.kind, s.payload);
  if (!payload) return std::unexpected(std::move(payload.error()));
  auto signer = signer_of(state, envelope, *payload, at);
  if (!signer) return std::unexpected(std::move(signer.error()));
  if (trust == Trust::check && !envelope.signed_by(signer->key)) return refuse(ErrorKind::integrity, "bad-signature");
  const unsigned as = authority_row(s.kind)->who & classes_of(signer->actor);
  if (as == 0) return refuse(ErrorKind::permission, "not-allowed", std::string(kind_name(s.kind)));
  const Case c{state, envelope, at, hub_time, trust, std::move(signer->actor), as};
  SATCHEL_TRY(std::visit([&](const auto& said) { return demand(c, said); }, *payload));
  SATCHEL_TRY(check_two_persons(c, *payload));
  const auto nature = nature_of(state, *payload);
  return Examined{std::move(*payload), c.actor, nature};
}

}  // namespace satchel::directory
