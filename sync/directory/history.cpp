// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/directory/history.h"

#include <set>

#include "schema/base/planted.h"
#include "sync/directory/identity.h"
#include "sync/directory/rules.h"

namespace satchel::directory {

namespace {

template <class T>
bool contains(const std::vector<T>& list, const T& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

// Where in the log that time was over; nothing while the log does not reach so far.
std::optional<Position> reached(const State& state, WallTime time, const Position& after) {
  const auto& times = *state.times;
  auto mark =
      std::lower_bound(times.begin(), times.end(), time, [](const TimeMark& m, WallTime t) { return m.time < t; });
  while (mark != times.end() && mark->at <= after) ++mark;
  if (mark == times.end()) return std::nullopt;
  return mark->at;
}

}  // namespace

ArchiveHistory::ArchiveHistory(const State& state, const ArchiveAccess& archive) : state_(state), archive_(archive) {
  chapters_.push_back({{}, {archive.owners, archive.branch, false, {}}, {}});
  const auto found = state.archives->find(archive.archive);
  static const ArchiveFacts kNone;
  const ArchiveFacts& facts = found == state.archives->end() ? kNone : found->second;
  const auto& handovers = *state.handovers;
  if (facts.empty() && handovers.empty()) return;
  gather_expiries(facts);
  // Three lists in order of the log, told as one.
  auto fact = facts.begin();
  auto rule = handovers.begin();
  auto expiry = expiries_.begin();
  constexpr Position kEnd{UINT32_MAX, UINT64_MAX};
  while (fact != facts.end() || rule != handovers.end() || expiry != expiries_.end()) {
    const Position a = fact == facts.end() ? kEnd : fact->said.at;
    const Position b = rule == handovers.end() ? kEnd : rule->said.at;
    const Position c = expiry == expiries_.end() ? kEnd : expiry->first;
    if (a <= b && a <= c) {
      tell(*fact++);
    } else if (b <= c) {
      tell(*rule++);
    } else {
      end_grant(expiry->second, expiry->first);
      ++expiry;
    }
  }
}

void ArchiveHistory::gather_expiries(const ArchiveFacts& facts) {
  for (const auto& fact : facts) {
    const auto* grant = std::get_if<payload::Grant>(&fact.what);
    if (grant == nullptr || grant->expiry.ms == 0) continue;
    const auto over = reached(state_, grant->expiry, fact.said.at);
    if (over) expiries_.emplace_back(*over, ArchiveGrant{fact.said, grant->audience, {}, 0, {}});
  }
  std::stable_sort(expiries_.begin(), expiries_.end(), [](const auto& x, const auto& y) { return x.first < y.first; });
}

bool ArchiveHistory::reaches(const Actor& by, const ArchiveStanding& standing) const {
  const unsigned classes = classes_of(by);
  if (classes & (kWhoAdministrator | kWhoGeneralManager)) return true;
  if ((classes & kWhoManager) == 0) return false;
  if (standing.moved) return standing.branch == by.branch;
  return contains(archive_.audiences, managers_audience(state_.org, by.branch));
}

namespace {

// Whether it says anything of rights.
bool changes_rights(const ArchiveFact& fact) {
  return !std::holds_alternative<payload::Verdict>(fact.what) && !std::holds_alternative<payload::Merge>(fact.what) &&
         !std::holds_alternative<payload::MergeUndone>(fact.what);
}

void apply_fact(const ArchiveFact& fact, ArchiveStanding& next) {
  const auto drop = [&](const AudienceId& audience) {
    std::erase_if(next.grants, [&](const ArchiveGrant& g) { return g.audience == audience; });
  };
  if (const auto* owners = std::get_if<payload::OwnerSet>(&fact.what)) {
    if (fact.only_takes) {
      std::erase_if(next.owners, [&](const PersonId& p) { return !contains(owners->owners, p); });
    } else {
      next.owners = owners->owners;
    }
  } else if (const auto* grant = std::get_if<payload::Grant>(&fact.what)) {
    drop(grant->audience);
    next.grants.push_back({fact.said, grant->audience, grant->rights, grant->epoch_from, grant->expiry});
  } else if (const auto* ended = std::get_if<payload::GrantEnded>(&fact.what)) {
    drop(ended->audience);
  } else if (const auto* moved = std::get_if<payload::Moved>(&fact.what)) {
    next.branch = moved->branch;
    next.moved = true;
    next.owners = moved->owners;
  }
}

void apply_rule(const payload::Handover& rule, ArchiveStanding& next) {
  if (contains(next.owners, rule.to)) {
    std::erase(next.owners, rule.from);
  } else {
    std::replace(next.owners.begin(), next.owners.end(), rule.from, rule.to);
  }
}

}  // namespace

void ArchiveHistory::tell(const ArchiveFact& fact) {
  if (!changes_rights(fact) || !reaches(fact.by, now())) return;
  ArchiveStanding next = now();
  apply_fact(fact, next);
  chapters_.push_back({fact.said, std::move(next), &fact});
}

bool ArchiveHistory::gives(const HandoverFact& fact, const ArchiveStanding& standing) const {
  const auto& rule = fact.rule;
  if (!contains(standing.owners, rule.from) || knew_by(state_, archive_.opened, fact.said)) return false;
  if (!rule.only.empty() && !contains(rule.only, archive_.archive)) return false;
  return reaches(fact.by, standing);
}

void ArchiveHistory::tell(const HandoverFact& fact) {
  if (!gives(fact, now())) return;
  ArchiveStanding next = now();
  apply_rule(fact.rule, next);
  chapters_.push_back({fact.said, std::move(next), &fact});
}

bool ArchiveHistory::reads(const Person& person, const PersonSpan& span, const ArchiveStanding& standing) const {
  const auto all = readers_by(state_, archive_, standing, {});
  return std::any_of(all.begin(), all.end(), [&](const ArchiveReader& reader) {
    const auto* audience = find_audience(state_, reader.audience);
    return audience && covers(*audience, person.id, span.role, span.branch);
  });
}

// Its own history told once more, as the person hears it: what concerns many archives always, what was said of this one
// alone only around the times when it could read it, and then everything before as well.
std::vector<Position> ArchiveHistory::untold(const Person& person) const {
  std::set<Position> turns{archive_.opened};  // where what is so of the archive or of the person may have changed
  for (const auto& chapter : chapters_) turns.insert(chapter.since.at);
  for (const auto& span : person.history) turns.insert(span.since.at);
  ArchiveStanding told = chapters_.front().standing;
  std::vector<Position> out;
  bool knows = false;
  bool reading = false;
  auto next = chapters_.begin();
  auto rule = state_.handovers->begin();
  // Rules up to there, as whoever knows no more than `told` takes them.
  const auto follow_rules = [&](const Position& until, bool inclusive) {
    for (; rule != state_.handovers->end() && (rule->said.at < until || (inclusive && rule->said.at == until));
         ++rule) {
      if (!reading && knows && gives(*rule, told)) apply_rule(rule->rule, told);
    }
  };
  for (const auto& place : turns) {
    follow_rules(place, false);
    const auto from = next;
    const ArchiveStanding& before = (next == chapters_.begin() ? next : next - 1)->standing;
    while (next != chapters_.end() && next->since.at == place) ++next;
    if (place < archive_.opened) continue;
    const ArchiveStanding& after = (next == chapters_.begin() ? next : next - 1)->standing;
    const PersonSpan* span = person.at(place);
    reading = span != nullptr && reads(person, *span, after);
    if (reading || (span != nullptr && reads(person, *span, before))) {
      told = after;
      out.clear();
      knows = true;
    } else {
      for (auto chapter = from; chapter != next; ++chapter) {
        if (std::holds_alternative<const ArchiveFact*>(chapter->by)) out.push_back(place);
        // Time goes by for everybody.
        if (std::holds_alternative<std::monostate>(chapter->by))
          std::erase_if(told.grants, [&](const auto& g) { return g.said.statement == chapter->since.statement; });
      }
    }
    follow_rules(place, true);
  }
  follow_rules({UINT32_MAX, UINT64_MAX}, true);
  if (!knows || reading || !reads(person, person.now(), told)) out.clear();
  return out;
}

ArchiveStanding ArchiveHistory::applied(const Chapter& chapter, ArchiveStanding to) const {
  if (const auto* fact = std::get_if<const ArchiveFact*>(&chapter.by)) apply_fact(**fact, to);
  if (const auto* rule = std::get_if<const HandoverFact*>(&chapter.by)) apply_rule((*rule)->rule, to);
  return to;
}

void ArchiveHistory::end_grant(const ArchiveGrant& grant, const Position& at) {
  ArchiveStanding next = now();
  const auto gone = std::erase_if(next.grants, [&](const ArchiveGrant& g) { return g.said == grant.said; });
  if (gone > 0) chapters_.push_back({{at, grant.said.statement}, std::move(next), {}});
}

const Chapter& ArchiveHistory::at(const Position& at) const {
  const auto after = std::upper_bound(chapters_.begin(), chapters_.end(), at,
                                      [](const Position& p, const Chapter& c) { return p < c.since.at; });
  return *(after - 1);
}

ArchiveId ArchiveHistory::shown_within() const {
  const auto found = state_.archives->find(archive_.archive);
  ArchiveId into;
  if (found == state_.archives->end()) return into;
  for (const auto& fact : found->second) {
    if (!reaches(fact.by, at(fact.said.at).standing)) continue;
    if (const auto* merge = std::get_if<payload::Merge>(&fact.what)) into = merge->into;
    if (std::holds_alternative<payload::MergeUndone>(fact.what)) into = {};
  }
  return into;
}

namespace {

bool is_of_branch(const Audience& audience) {
  return audience.kind == AudienceKind::branch_managers || audience.kind == AudienceKind::pool;
}

}  // namespace

// A person's own audience carries an owner's keys and gives no right beside the ownership it stands for. Auditors read.
bool writes_by(const State& state, const ArchiveAccess& archive, const ArchiveStanding& standing, const Person& person,
               const PersonSpan& span) {
  // What everybody is to read headquarters alone writes, whoever opened it and whatever was granted.
  if (contains(archive.audiences, everyone_audience(state.org))) {
    const auto* hq = find_audience(state, hq_audience(state.org));
    return hq && span.role != Role::auditor && covers(*hq, person.id, span.role, span.branch);
  }
  if (contains(standing.owners, person.id)) return true;
  for (const auto& grant : standing.grants) {
    const auto* audience = find_audience(state, grant.audience);
    if (audience && grant.rights == GrantRights::write && covers(*audience, person.id, span.role, span.branch))
      return true;
  }
  if (span.role == Role::auditor) return false;
  if (standing.moved && !standing.branch.none()) {
    const auto* managers = find_audience(state, managers_audience(state.org, standing.branch));
    if (managers && covers(*managers, person.id, span.role, span.branch)) return true;
  }
  return std::any_of(archive.audiences.begin(), archive.audiences.end(), [&](const AudienceId& id) {
    const auto* audience = find_audience(state, id);
    if (!audience || audience->kind == AudienceKind::person) return false;
    if (standing.moved && is_of_branch(*audience)) return false;
    return covers(*audience, person.id, span.role, span.branch);
  });
}

std::vector<ArchiveReader> readers_by(const State& state, const ArchiveAccess& archive, const ArchiveStanding& standing,
                                      WallTime now) {
  std::vector<ArchiveReader> out;
  const auto add = [&](ArchiveReader reader) {
    const auto known =
        std::find_if(out.begin(), out.end(), [&](const ArchiveReader& r) { return r.audience == reader.audience; });
    if (known == out.end()) out.push_back(reader);
  };
  for (const auto& owner : standing.owners) add({person_audience(state.org, owner), Why::owner, 0, {}});
  if (standing.moved && !standing.branch.none()) add({managers_audience(state.org, standing.branch), Why::role, 0, {}});
  for (const auto& id : archive.audiences) {
    const auto* audience = find_audience(state, id);
    if (audience && audience->kind == AudienceKind::person) continue;  // an owner's, then or now
    if (audience && standing.moved && is_of_branch(*audience) && !SATCHEL_PLANTED(moved_keeps_managers)) continue;
    add({id, Why::role, 0, {}});
  }
  for (const auto& grant : standing.grants) {
    if (grant.expiry.ms != 0 && grant.expiry <= now && !SATCHEL_PLANTED(expired_grant_reads)) continue;
    add({grant.audience, Why::grant, grant.epoch_from, grant.expiry});
  }
  return out;
}

}  // namespace satchel::directory
