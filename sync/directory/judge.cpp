// SPDX-License-Identifier: AGPL-3.0-or-later
// Rights over time. The right to write is three things at once: a confirmed node, an active person, and access to the
// archive as owner or by role. Each can be taken and given back on its own, so each is followed on its own: a
// restriction is in force while the thing it took has not been given back.
#include "sync/directory/judge.h"

#include <limits>

#include "schema/base/planted.h"
#include "sync/directory/directory.h"
#include "sync/directory/history.h"
#include "sync/directory/rules.h"

namespace satchel {

using namespace directory;

namespace {

constexpr Position kNow{std::numeric_limits<std::uint32_t>::max(), std::numeric_limits<std::uint64_t>::max()};

// What held from one statement until the next.
struct Moment {
  Said said;
  bool node = false;
  bool active = false;
  bool access = false;
  bool right() const { return node && active && access; }
};

class Rights {
 public:
  // Of a person through one node; or, with `node` null, of the person through any.
  Rights(const State& state, const ArchiveAccess& archive, const Person* person, const KnownNode* node,
         std::uint32_t life = kAnyLife)
      : state_(state),
        archive_(archive),
        history_(state, archive),
        person_(person),
        node_(node),
        ended_(node ? node->life_ended(life) : nullptr) {}

  const ArchiveHistory& history() const { return history_; }

  // Ascending; only what was said before `before`.
  std::vector<Moment> moments(const Position& before) const {
    std::vector<Said> events;
    const auto add = [&](const Said& said) {
      if (said.at < before) events.push_back(said);
    };
    if (person_) {
      for (const auto& span : person_->history) add(span.since);
    }
    if (node_ && node_->confirmed) add(*node_->confirmed);
    if (node_ && node_->revoked) add(*node_->revoked);
    if (ended_) add(*ended_);
    for (auto chapter = history_.chapters().begin() + 1; chapter != history_.chapters().end(); ++chapter)
      add(chapter->since);
    std::stable_sort(events.begin(), events.end(), [](const Said& a, const Said& b) { return a.at < b.at; });
    std::vector<Moment> out;
    out.reserve(events.size());
    for (const auto& event : events) out.push_back(moment(event));
    return out;
  }

 private:
  Moment moment(const Said& said) const {
    Moment m{said};
    m.node = !node_ || (node_->confirmed && node_->confirmed->at <= said.at &&
                        !(node_->revoked && node_->revoked->at <= said.at && !SATCHEL_PLANTED(revoked_author_counts)) &&
                        !(ended_ && ended_->at <= said.at));
    const PersonSpan* span = person_ ? person_->at(said.at) : nullptr;
    const bool reader = !person_ && node_ && node_->kind == NodeKind::reader;
    m.active = reader || (span && span->active);
    m.access = reader ? std::ranges::find(archive_.audiences, hq_audience(state_.org)) != archive_.audiences.end()
                      : span && writes_by(state_, archive_, history_.at(said.at).standing, *person_, *span);
    return m;
  }

  const State& state_;
  const ArchiveAccess& archive_;
  ArchiveHistory history_;
  const Person* person_;
  const KnownNode* node_;
  const Said* ended_;  // that life of the node
};

WriteRight right_from(const std::vector<Moment>& moments) {
  if (!moments.empty() && moments.back().right()) return WriteRight::now;
  const bool ever = std::any_of(moments.begin(), moments.end(), [](const Moment& m) { return m.right(); });
  return ever ? WriteRight::lost : WriteRight::never;
}

// The statement that took `part` away for good; nothing when it is there.
std::optional<Said> taken(const std::vector<Moment>& moments, bool Moment::* part) {
  auto first_without = moments.size();
  while (first_without > 0 && !(moments[first_without - 1].*part)) --first_without;
  if (first_without == 0 || first_without == moments.size()) return std::nullopt;
  return moments[first_without].said;
}

// What took the right away and was not given back, the earliest first: one statement for each part that is missing.
std::vector<Said> restrictions_from(const std::vector<Moment>& moments) {
  std::vector<Said> out;
  if (right_from(moments) != WriteRight::lost) return out;
  for (const auto part : {&Moment::node, &Moment::active, &Moment::access}) {
    if (const auto said = taken(moments, part)) out.push_back(*said);
  }
  std::ranges::sort(out, {}, &Said::at);
  return out;
}

std::optional<Said> restriction_from(const std::vector<Moment>& moments) {
  const auto all = restrictions_from(moments);
  return all.empty() ? std::nullopt : std::optional(all.front());
}

bool names(const payload::Verdict& verdict, const NodeId& author, const EntryRef& entry) {
  return std::any_of(verdict.ranges.begin(), verdict.ranges.end(), [&](const payload::VerdictRange& range) {
    return range.author == author && range.incarnation == entry.incarnation && range.from <= entry.seq &&
           entry.seq <= range.to;
  });
}

// A hub took it before it knew of any of them: a handover may be given its place before the revocation that a hub cut
// off from headquarters obeyed. A hub that was revoked could say so of anything, so its word no longer counts.
bool unaware(const State& state, const StampView& stamp, std::span<const Said> restrictions) {
  const auto* hub = find_node(state, stamp.hub);
  if (!hub || hub->kind != NodeKind::hub || hub->state() != NodeState::confirmed) return false;
  if (SATCHEL_PLANTED(any_stamp_excuses)) return true;
  return std::ranges::none_of(restrictions, [&](const Said& said) {
    return said.at <= stamp.known || std::ranges::find(stamp.restrictions, said.statement) != stamp.restrictions.end();
  });
}

}  // namespace

ArchiveStanding Directory::standing(const ArchiveAccess& archive) const {
  return ArchiveHistory(state_, archive).now();
}

std::vector<PersonId> Directory::owners(const ArchiveAccess& archive) const { return standing(archive).owners; }

std::vector<ArchiveGrant> Directory::grants(const ArchiveAccess& archive) const { return standing(archive).grants; }

std::vector<ArchiveReader> Directory::readers(const ArchiveAccess& archive, WallTime now) const {
  if (is_destroyed(archive.archive)) return {};
  return readers_by(state_, archive, standing(archive), now);
}

std::vector<ArchiveReader> Directory::readers_at(const ArchiveAccess& archive, const Position& at, WallTime now) const {
  if (is_destroyed(archive.archive)) return {};
  const ArchiveHistory history(state_, archive);
  return readers_by(state_, archive, history.at(at).standing, now);
}

bool Directory::may_read(const NodeId& id, const ArchiveAccess& archive, WallTime now) const {
  const auto all = readers(archive, now);
  return std::any_of(all.begin(), all.end(), [&](const ArchiveReader& r) { return member(id, r.audience); });
}

bool Directory::may_read(const PersonId& id, const ArchiveAccess& archive, WallTime now) const {
  const auto* who = person(id);
  if (!who || !who->active()) return false;
  const auto all = readers(archive, now);
  return std::any_of(all.begin(), all.end(), [&](const ArchiveReader& r) {
    const auto* group = audience(r.audience);
    return group && covers(*group, id, who->role(), who->branch());
  });
}

std::map<AudienceId, Position> Directory::former_readers(const ArchiveAccess& archive, WallTime now) const {
  std::map<AudienceId, Position> out;
  const ArchiveHistory history(state_, archive);
  const auto& chapters = history.chapters();
  for (std::size_t i = 0; i < chapters.size(); ++i) {
    // A grant whose time was over is lost from then on, whether or not the log has come so far.
    const Position until = i + 1 < chapters.size() ? chapters[i + 1].since.at : state_.position;
    for (const auto& reader : readers_by(state_, archive, chapters[i].standing, {})) out[reader.audience] = until;
  }
  for (const auto& reader : readers(archive, now)) out.erase(reader.audience);
  return out;
}

std::vector<AudienceId> Directory::readers_around(const ArchiveAccess& archive, const Position& at) const {
  const ArchiveHistory history(state_, archive);
  std::vector<AudienceId> out;
  const auto add = [&](const ArchiveStanding& standing) {
    for (const auto& reader : readers_by(state_, archive, standing, {})) out.push_back(reader.audience);
  };
  const auto& chapters = history.chapters();
  auto chapter = &history.at(at);
  add(chapter->standing);
  // A grant's time may have been over at the same place: before is before all that happened there.
  while (chapter != chapters.data() && chapter->since.at == at) add((--chapter)->standing);
  return out;
}

std::optional<Position> Directory::lost_at(const NodeId& id, std::uint32_t incarnation) const {
  const auto* info = node(id);
  if (!info) return std::nullopt;
  if (info->revoked) return info->revoked->at;
  if (const Said* ended = info->life_ended(incarnation)) return ended->at;
  const auto* who = person(info->person);
  if (!who || who->active()) return std::nullopt;
  return who->now().since.at;
}

bool Directory::may_direct(const PersonId& id, const ArchiveAccess& archive) const {
  const auto* who = person(id);
  if (!who || !who->active()) return false;
  const ArchiveHistory history(state_, archive);
  return history.reaches({.kind = Actor::Kind::person, .person = id, .role = who->role(), .branch = who->branch()},
                         history.now());
}

bool Directory::may_answer(const PersonId& id, const AccessRequest& request, WallTime now) const {
  const auto* who = person(id);
  const auto* asked = audience(request.what.audience);
  if (!who || !who->active() || !asked || request.by == id || request.state(now) != RequestState::waiting) return false;
  const Actor actor{.kind = Actor::Kind::person, .person = id, .role = who->role(), .branch = who->branch()};
  const bool heads = (classes_of(actor) & authority_row(StatementKind::access_answered)->who) != 0;
  return heads && covers(*asked, id, who->role(), who->branch());
}

std::size_t Directory::requests_to(const PersonId& id, WallTime now) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(requests(), [&](const auto& entry) { return may_answer(id, entry.second, now); }));
}

bool Directory::turned_at(const ArchiveAccess& archive, const Position& at) const {
  const ArchiveHistory history(state_, archive);
  return history.at(at).since.at == at;
}

std::size_t Directory::turns(const ArchiveAccess& archive) const {
  const ArchiveHistory history(state_, archive);
  std::size_t turns = history.chapters().size() - 1;
  const auto facts = state_.archives->find(archive.archive);
  if (facts == state_.archives->end()) return turns;
  return turns + static_cast<std::size_t>(std::ranges::count_if(facts->second, [](const ArchiveFact& fact) {
           return std::holds_alternative<payload::Verdict>(fact.what);
         }));
}

std::size_t Directory::times_restricted(const NodeId& id) const {
  const auto* found = node(id);
  if (!found) return 0;
  return (found->revoked ? 1 : 0) + found->lives.size() + found->freezes.size();
}

ArchiveId Directory::shown_within(const ArchiveAccess& archive) const {
  if (!state_.archives->contains(archive.archive)) return {};
  return ArchiveHistory(state_, archive).shown_within();
}

const Destroyed* Directory::destroyed(const ArchiveId& archive) const {
  const auto found = state_.destroyed->find(archive);
  return found == state_.destroyed->end() ? nullptr : &found->second;
}

WriteRight Directory::right(const NodeId& author, const ArchiveAccess& archive, std::uint32_t incarnation) const {
  const auto* info = node(author);
  if (!info || info->kind == NodeKind::hub) return WriteRight::never;
  return right_from(Rights(state_, archive, person(info->person), info, incarnation).moments(kNow));
}

bool Directory::may_write(const NodeId& author, const ArchiveAccess& archive) const {
  return right(author, archive) != WriteRight::never;
}

bool Directory::may_write(const PersonId& author, const ArchiveAccess& archive) const {
  const auto* found = person(author);
  return found && right_from(Rights(state_, archive, found, nullptr).moments(kNow)) != WriteRight::never;
}

std::optional<Said> Directory::restricted_since(const NodeId& author, const ArchiveAccess& archive,
                                                std::uint32_t incarnation) const {
  const auto* info = node(author);
  if (!info || info->kind == NodeKind::hub) return std::nullopt;
  return restriction_from(Rights(state_, archive, person(info->person), info, incarnation).moments(kNow));
}

Judgement Directory::judge(const NodeId& author, const ArchiveAccess& archive, std::span<const StampView> stamps,
                           const EntryRef& entry) const {
  const auto* info = node(author);
  if (!info || info->kind == NodeKind::hub) return Judgement::foreign;
  const Rights rights(state_, archive, person(info->person), info, entry.incarnation);
  if (const auto facts = state_.archives->find(archive.archive); facts != state_.archives->end()) {
    // A verdict is on work that was held when it was given, and stands when the right is given back later.
    // It is none on anybody else's, so no manager can undo work that was in force.
    for (auto fact = facts->second.rbegin(); fact != facts->second.rend(); ++fact) {
      const auto* verdict = std::get_if<payload::Verdict>(&fact->what);
      if (!verdict || !names(*verdict, author, entry)) continue;
      if (!rights.history().reaches(fact->by, rights.history().at(fact->said.at).standing)) continue;
      if (!restriction_from(rights.moments(fact->said.at)) && !SATCHEL_PLANTED(verdict_on_free_work)) continue;
      return verdict->choice == VerdictChoice::admit ? Judgement::in_force : Judgement::refused;
    }
  }
  const auto moments = rights.moments(kNow);
  const auto right = right_from(moments);
  if (right != WriteRight::lost) return right == WriteRight::now ? Judgement::in_force : Judgement::foreign;
  const auto restrictions = restrictions_from(moments);
  const bool in_force = std::any_of(stamps.begin(), stamps.end(),
                                    [&](const StampView& stamp) { return unaware(state_, stamp, restrictions); });
  return in_force ? Judgement::in_force : Judgement::held;
}

}  // namespace satchel
