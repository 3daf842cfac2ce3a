// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/simulation/readings.h"

#include "sync/directory/state.h"

namespace satchel::sim {

namespace {

constexpr DomainLabel kInputsLabel{"satchel sim in"};

template <class T>
bool contains(const std::vector<T>& list, const T& item) {
  return std::ranges::find(list, item) != list.end();
}

}  // namespace

Reading read_slowly(Node& at, const ReadTxn& txn, const node::StoredArchive& info) {
  Reading out;
  const auto obeyed = at.replica().obeyed();
  node::RecordReader reader(txn, *obeyed, at.keyring());
  std::set<node::Ordinal> ordinals;  // in order of arrival, which differs from node to node
  for (const auto& head : must(node::heads_of(txn, info.no))) {
    for (const auto ordinal : must(node::chain_after(txn, head, 0))) ordinals.insert(ordinal);
  }
  for (const auto ordinal : ordinals) {
    auto opened = reader.open(info, ordinal);
    if (!opened) {
      ++out.unread;
      continue;
    }
    out.held += opened->judgement == Judgement::held;
    std::uint16_t op = 0;
    for (const auto& change : opened->change.records) {
      if (opened->judgement == Judgement::in_force) {
        out.records[change.record].apply(opened->source, change, op);
        out.operations[change.record] += change.ops.size();
      }
      op = static_cast<std::uint16_t>(op + change.ops.size());
    }
    out.entries.push_back(std::move(*opened));
  }
  return out;
}

Digest inputs_of(Node& at, const ReadTxn& txn, const node::StoredArchive& info) {
  const auto obeyed = at.replica().obeyed();
  const auto& directory = obeyed->ordered;
  Writer out(1024);
  out.raw(info.id.view()).raw(node::digest_of(must(node::heads_of(txn, info.no))).view());
  out.u64(directory->position().n).raw(directory->last_order_hash().view());
  for (const auto& restriction : obeyed->restrictions) out.raw(restriction.view());
  const auto facts = directory->archive_facts().find(info.id);
  if (facts != directory->archive_facts().end()) {
    for (const auto& fact : facts->second) out.raw(fact.said.statement.view());
  }
  std::set<std::pair<Digest, Bytes>> stamps;
  for (const auto& head : must(node::heads_of(txn, info.no))) {
    for (const auto ordinal : must(node::chain_after(txn, head, 0))) {
      const auto run = must(node::run_of(txn, ordinal));
      if (!run) continue;
      for (const auto& s : must(node::stamps_of(txn, run->batch))) stamps.emplace(s.stamp.batch, s.signed_bytes.bytes);
    }
  }
  for (const auto& [batch, bytes] : stamps) out.sized(bytes);
  return hash(kInputsLabel, out.bytes());
}

Bytes state_bytes(const Reading& reading) {
  Writer out(4096);
  for (const auto& [record, state] : reading.records) {
    out.raw(record.view()).sized(state.type()).u32(state.version()).raw(state.author().view()).i64(state.created().ms);
    for (const auto& field : state.fields()) {
      out.sized(field);
      for (const auto* value : state.values(field)) {
        out.raw(value->dot.chain.node.view()).u32(value->dot.chain.incarnation).u64(value->dot.seq).u16(value->dot.op);
        out.sized(format_value(value->value)).raw(value->person.view()).u64(value->hybrid).i64(value->effective.ms);
      }
    }
  }
  return out.take();
}

namespace {

// Access by hand: who owns it, who was granted writing, whose role the archive is opened for. Auditors only read.
bool writes(const OrgId& org, const ArchiveAccess& access, const ArchiveStanding& standing, const Person& person,
            const PersonSpan& span) {
  const bool at_hq = span.branch.none();
  const bool manages = (span.role == Role::branch_manager || span.role == Role::archive_administrator) && !at_hq;
  const bool directs_hq = span.role == Role::general_manager ||
                          (at_hq && (span.role == Role::department || span.role == Role::archive_administrator));
  if (contains(access.audiences, everyone_audience(org)))
    return directs_hq && contains(access.audiences, hq_audience(org));
  if (contains(standing.owners, person.id)) return true;
  for (const auto& grant : standing.grants) {
    if (grant.rights != GrantRights::write) continue;
    if (grant.audience == person_audience(org, person.id)) return true;
    if (manages && grant.audience == managers_audience(org, span.branch)) return true;
    if ((directs_hq || span.role == Role::auditor) && grant.audience == hq_audience(org)) return true;
  }
  if (span.role == Role::auditor) return false;
  if (directs_hq && contains(access.audiences, hq_audience(org))) return true;
  if (!at_hq && !standing.moved && contains(access.audiences, pool_audience(org, span.branch))) return true;
  if (!manages) return false;
  return standing.moved ? standing.branch == span.branch
                        : contains(access.audiences, managers_audience(org, span.branch));
}

}  // namespace

std::optional<std::uint32_t> reads_from(const Directory& directory, const NodeId& id, const node::StoredArchive& info,
                                        WallTime now) {
  const KnownNode* node = directory.node(id);
  const Person* person = node != nullptr ? directory.person(node->person) : nullptr;
  if (person == nullptr || node->state() != NodeState::confirmed || !person->active()) return std::nullopt;
  if (directory.is_destroyed(info.id)) return std::nullopt;
  const auto standing = directory.standing(node::access_of(info));
  const OrgId& org = directory.org();
  const Role role = person->role();
  const bool at_hq = person->branch().none();
  const bool manages = (role == Role::branch_manager || role == Role::archive_administrator) && !at_hq;
  const bool sees_all = role == Role::general_manager || role == Role::auditor ||
                        (at_hq && (role == Role::department || role == Role::archive_administrator));
  const BranchId& branch = standing.moved ? standing.branch : info.branch;
  if (contains(standing.owners, person->id) || sees_all) return 0;
  if (contains(info.audiences, everyone_audience(org))) return 0;
  if (manages && branch == person->branch()) return 0;
  std::optional<std::uint32_t> from;
  for (const auto& grant : standing.grants) {
    const bool over = grant.expiry.ms != 0 && grant.expiry <= now;
    if (over || grant.audience != person_audience(org, person->id)) continue;
    from = std::min(from.value_or(UINT32_MAX), grant.epoch_from);
  }
  return from;
}

JudgementModel::JudgementModel(const Watch& watch, const node::StoredArchive& info, const ChainId& author)
    : watch_(watch), history_(watch.history()), info_(info), author_(author.node), life_(author.incarnation) {
  const auto access = node::access_of(info);
  const bool spoken_of = watch.now().archive_facts().contains(info.id);
  std::uint64_t changes = UINT64_MAX;
  for (const auto& then : history_) {
    Parts parts;
    const KnownNode* node = then.node(author_);
    const Person* person = node != nullptr ? then.person(node->person) : nullptr;
    // A life is over when a later one has begun.
    const bool over = node != nullptr && std::ranges::any_of(node->lives, [&](const LifeMark& life) {
                        return author.incarnation < life.incarnation;
                      });
    parts.node = node != nullptr && node->state() == NodeState::confirmed && !over;
    parts.active = person != nullptr && person->active();
    // Working it out anew where nothing moved would cost more than all the rest.
    const bool same = !spoken_of && then.access_changes() == changes && !parts_.empty() && parts_.back().active;
    parts.access = same
                       ? parts_.back().access
                       : person != nullptr && writes(then.org(), access, then.standing(access), *person, person->now());
    changes = then.access_changes();
    parts_.push_back(parts);
  }
}

bool JudgementModel::ever() const { return std::ranges::any_of(parts_, &Parts::right); }

std::vector<std::uint64_t> JudgementModel::restrictions(std::size_t before) const {
  std::vector<std::uint64_t> out;
  if (before == 0 || parts_[before - 1].right()) return out;
  const std::span<const Parts> told(parts_.data(), before);
  if (std::ranges::none_of(told, &Parts::right)) return out;
  for (const auto part : {&Parts::node, &Parts::active, &Parts::access}) {
    std::size_t from = before;
    while (from > 0 && !(told[from - 1].*part)) --from;
    if (from == before || from == 0) continue;
    out.push_back(from);
    for (std::size_t n = from + 1; n < before; ++n) {
      if (takes(n, part, from)) out.push_back(n);
    }
  }
  return out;
}

ArchiveStanding JudgementModel::after(std::size_t n, ArchiveStanding standing) const {
  const Directory& then = history_[n];
  const auto facts = then.archive_facts().find(info_.id);
  if (facts != then.archive_facts().end()) {
    for (const auto& fact : facts->second) {
      if (fact.said.at.n != n) continue;
      const auto* set = std::get_if<payload::OwnerSet>(&fact.what);
      const auto* moved = std::get_if<payload::Moved>(&fact.what);
      const auto* ended = std::get_if<payload::GrantEnded>(&fact.what);
      if (set != nullptr) standing.owners = set->owners;
      if (moved != nullptr) standing = {moved->owners, moved->branch, true, standing.grants};
      if (ended != nullptr)
        std::erase_if(standing.grants, [&](const ArchiveGrant& g) { return g.audience == ended->audience; });
    }
  }
  for (const auto& rule : then.handovers()) {
    if (rule.said.at.n == n) std::erase(standing.owners, rule.rule.from);
  }
  return standing;
}

bool JudgementModel::takes(std::size_t n, bool Parts::* part, std::size_t from) const {
  const Directory& then = history_[n];
  const KnownNode* node = then.node(author_);
  const Person* person = node != nullptr ? then.person(node->person) : nullptr;
  const auto said_here = [n](const Said& said) { return said.at.n == n; };
  if (part == &Parts::node) {
    if (node == nullptr) return false;
    const auto first = std::ranges::find_if(node->lives, [&](const LifeMark& l) { return life_ < l.incarnation; });
    return (node->revoked && said_here(*node->revoked)) || std::ranges::any_of(node->revoked_again, said_here) ||
           (first != node->lives.end() && said_here(first->said));
  }
  if (person == nullptr) return false;
  if (part == &Parts::active) return std::ranges::any_of(person->left_again, said_here);
  const auto access = node::access_of(info_);
  const Person* before = history_[from - 1].person(person->id);
  const bool turned = said_here(person->now().since);
  if (!turned && !then.turned_at(access, then.position())) return false;
  const auto standing = after(n, history_[from - 1].standing(access));
  return !writes(then.org(), access, standing, *person, turned ? person->now() : before->now());
}

bool JudgementModel::directs(const directory::Actor& by, const Directory& then) const {
  if (by.kind != directory::Actor::Kind::person) return false;
  if (by.role == Role::general_manager || (by.role == Role::archive_administrator && by.branch.none())) return true;
  if (by.role != Role::branch_manager || by.branch.none()) return false;
  const auto standing = then.standing(node::access_of(info_));
  if (standing.moved) return standing.branch == by.branch;
  return contains(info_.audiences, managers_audience(then.org(), by.branch));
}

// The last one given while the author was restricted.
std::optional<VerdictChoice> JudgementModel::verdict_on(const EntryRef& entry) const {
  std::optional<VerdictChoice> said;
  const auto facts = history_.back().archive_facts().find(info_.id);
  if (facts == history_.back().archive_facts().end()) return said;
  for (const auto& fact : facts->second) {
    const auto* verdict = std::get_if<payload::Verdict>(&fact.what);
    if (verdict == nullptr || restrictions(fact.said.at.n).empty()) continue;
    if (!directs(fact.by, history_[fact.said.at.n])) continue;
    for (const auto& range : verdict->ranges) {
      if (range.author == author_ && range.incarnation == entry.incarnation && range.from <= entry.seq &&
          entry.seq <= range.to)
        said = verdict->choice;
    }
  }
  return said;
}

Judgement JudgementModel::judge(const EntryRef& entry, std::span<const node::StoredStamp> stamps) const {
  if (const auto said = verdict_on(entry))
    return *said == VerdictChoice::admit ? Judgement::in_force : Judgement::refused;
  if (parts_.back().right()) return Judgement::in_force;
  if (!ever()) return Judgement::foreign;
  const auto since = restrictions(parts_.size());
  const Directory& now = history_.back();
  for (const auto& s : stamps) {
    const KnownNode* hub = now.node(s.stamp.hub.node);
    if (hub == nullptr || hub->kind != NodeKind::hub || hub->state() != NodeState::confirmed) continue;
    // It knew of none of them, and obeyed none before the order.
    const bool unaware = std::ranges::none_of(since, [&](std::uint64_t n) {
      return n <= s.stamp.directory.n || contains(s.stamp.restrictions, watch_.statement(n));
    });
    if (unaware) return Judgement::in_force;
  }
  return Judgement::held;
}

}  // namespace satchel::sim
