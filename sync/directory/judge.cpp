// SPDX-License-Identifier: AGPL-3.0-or-later
// Rights over time. The right to write is three things at once: a confirmed node, an active person, and access to the
// archive as owner or by role. Each can be taken and given back on its own, so each is followed on its own: a
// restriction is in force while the thing it took has not been given back. Two people may take one thing at the same
// time without knowing of each other: both of their words stand.
#include "sync/directory/judge.h"

#include <limits>

#include "schema/base/planted.h"
#include "sync/directory/directory.h"
#include "sync/directory/history.h"
#include "sync/directory/limits.h"
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

WriteRight right_from(const std::vector<Moment>& moments) {
  if (!moments.empty() && moments.back().right()) return WriteRight::now;
  const bool ever = std::any_of(moments.begin(), moments.end(), [](const Moment& m) { return m.right(); });
  return ever ? WriteRight::lost : WriteRight::never;
}

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

  // What stands against work when these are all the moments there are: every statement that took a part of the right
  // since it was last there. Each counts, because a hub may have obeyed a later one before the first was ordered.
  std::vector<Said> restrictions(const std::vector<Moment>& moments) const {
    std::vector<Said> out;
    if (right_from(moments) != WriteRight::lost) return out;
    for (const auto part : {&Moment::node, &Moment::active, &Moment::access}) {
      auto first = moments.size();
      while (first > 0 && !(moments[first - 1].*part)) --first;
      if (first == 0 || first == moments.size()) continue;
      out.push_back(moments[first].said);
      for (auto later = first + 1; later < moments.size(); ++later) {
        if (takes(moments[later].said, part, moments[first - 1].said.at)) out.push_back(moments[later].said);
      }
    }
    std::ranges::sort(out, [](const Said& x, const Said& y) { return x.at < y.at; });
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
  }

  // Ascending; only what was said before `before`.
  std::vector<Moment> moments(const Position& before) const {
    std::vector<Said> events;
    const auto add = [&](const Said& said) {
      if (said.at < before) events.push_back(said);
    };
    if (person_) {
      for (const auto& span : person_->history) add(span.since);
      for (const auto& again : person_->left_again) add(again);
    }
    if (node_ && node_->confirmed) add(*node_->confirmed);
    if (node_ && node_->revoked) add(*node_->revoked);
    if (node_) std::ranges::for_each(node_->revoked_again, add);
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
  // Whether what was said there would have taken the part from somebody who had it as at `before`.
  bool takes(const Said& said, bool Moment::* part, const Position& before) const {
    const auto is = [&](const std::vector<Said>& list) { return std::ranges::find(list, said) != list.end(); };
    if (part == &Moment::node)
      return node_ && (node_->revoked == said || is(node_->revoked_again) || (ended_ && *ended_ == said));
    if (part == &Moment::active) return person_ && is(person_->left_again);
    if (!person_) return false;
    const PersonSpan* then = person_->at(before);
    const PersonSpan* now = person_->at(said.at);
    ArchiveStanding standing = history_.at(before).standing;
    const auto chapter = std::ranges::find(history_.chapters(), said, &Chapter::since);
    if (chapter != history_.chapters().end()) standing = history_.applied(*chapter, std::move(standing));
    const PersonSpan* span = now && now->since == said ? now : then;
    return span && !writes_by(state_, archive_, standing, *person_, *span);
  }

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

bool names(const payload::Verdict& verdict, const NodeId& author, const EntryRef& entry) {
  return std::any_of(verdict.ranges.begin(), verdict.ranges.end(), [&](const payload::VerdictRange& range) {
    return range.holds(author, entry.incarnation, entry.seq);
  });
}

bool is_top(const State& state, const NodeId& id) {
  const auto* hub = find_node(state, id);
  return hub && hub->hq_hub;
}

// What headquarters' hub gave a place to in a former life it knew, whatever the copy knows that it goes on from.
bool ordered_it_itself(const State& state, const StampView& stamp, const Said& said) {
  if (!is_top(state, stamp.hub)) return false;
  if (said.at <= state.position && said.at.incarnation < stamp.incarnation) return true;
  const auto former = state.former->find(said.statement);
  return former != state.former->end() &&
         std::ranges::any_of(former->second, [&](const Position& at) { return at.incarnation < stamp.incarnation; });
}

bool knew_of(const State& state, const StampView& stamp, const Said& said) {
  return knew_by(state, stamp.known, said) || ordered_it_itself(state, stamp, said) ||
         std::ranges::find(stamp.restrictions, said.statement) != stamp.restrictions.end();
}

// A hub took it before it knew of any of them: a handover may be given its place before the revocation that a hub cut
// off from headquarters obeyed. A hub that was revoked could say so of anything, so its word no longer counts.
bool unaware(const State& state, const StampView& stamp, std::span<const Said> restrictions) {
  const auto* hub = find_node(state, stamp.hub);
  if (!hub || hub->kind != NodeKind::hub || hub->state() != NodeState::confirmed) return false;
  if (SATCHEL_PLANTED(any_stamp_excuses)) return true;
  return std::ranges::none_of(restrictions, [&](const Said& said) { return knew_of(state, stamp, said); });
}

std::vector<AudienceId> around(const State& state, const ArchiveAccess& archive, const ArchiveHistory& history,
                               const Position& at) {
  std::vector<AudienceId> out;
  const auto add = [&](const ArchiveStanding& standing) {
    for (const auto& reader : readers_by(state, archive, standing, {})) out.push_back(reader.audience);
  };
  const auto& chapters = history.chapters();
  auto chapter = &history.at(at);
  add(chapter->standing);
  // A grant's time may have been over at the same place: before is before all that happened there.
  while (chapter != chapters.data() && chapter->since.at == at) add((--chapter)->standing);
  return out;
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

ArchiveStanding Directory::standing_at(const ArchiveAccess& archive, const Position& at) const {
  return ArchiveHistory(state_, archive).at(at).standing;
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
  return around(state_, archive, ArchiveHistory(state_, archive), at);
}

std::vector<Position> Directory::heard(const ArchiveAccess& archive, const std::set<AudienceId>& by) const {
  const auto facts = state_.archives->find(archive.archive);
  if (facts == state_.archives->end()) return {};
  const ArchiveHistory history(state_, archive);
  std::vector<Position> out;
  for (const auto& fact : facts->second) {
    if (!out.empty() && out.back() == fact.said.at) continue;
    const auto readers = around(state_, archive, history, fact.said.at);
    if (std::ranges::any_of(readers, [&](const AudienceId& a) { return by.contains(a); })) out.push_back(fact.said.at);
  }
  return out;
}

std::vector<Position> Directory::untold(const ArchiveAccess& archive, const PersonId& id) const {
  const auto* who = person(id);
  if (!who || is_destroyed(archive.archive)) return {};
  return ArchiveHistory(state_, archive).untold(*who);
}

std::optional<Position> Directory::lost_at(const NodeId& id, std::uint32_t incarnation) const {
  const auto* info = node(id);
  if (!info) return std::nullopt;
  const Said* ended = info->revoked ? nullptr : info->life_ended(incarnation);
  return ended ? std::optional(ended->at) : gone_at(id);
}

std::optional<Position> Directory::gone_at(const NodeId& id) const {
  const auto* info = node(id);
  if (!info) return std::nullopt;
  if (info->revoked) return info->revoked->at;
  const auto* who = person(info->person);
  if (!who || who->active()) return std::nullopt;
  return who->now().since.at;
}

std::vector<Said> Directory::gone_by(const NodeId& id) const {
  std::vector<Said> out;
  const auto* info = node(id);
  if (!info) return out;
  if (info->revoked) out.push_back(*info->revoked);
  out.insert(out.end(), info->revoked_again.begin(), info->revoked_again.end());
  if (const auto* who = person(info->person); who && !who->active()) {
    const Said& left = who->now().since;
    out.push_back(left);
    std::ranges::copy_if(who->left_again, std::back_inserter(out), [&](const Said& said) { return said.at > left.at; });
  }
  std::ranges::sort(out, {}, &Said::at);
  return out;
}

bool Directory::let_go(const NodeId& id) const {
  const auto receipt = state_.dropped->find(id);
  if (receipt == state_.dropped->end()) return false;
  const auto& word = receipt->second;
  return std::ranges::any_of(gone_by(id), [&](const Said& said) {
    const bool named = std::ranges::find(word.gone_by, said.statement) != word.gone_by.end();
    return knew_by(state_, word.executed, said) || (named && said.at < word.said.at);
  });
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
  return (found->revoked ? 1 : 0) + found->revoked_again.size() + found->lives.size() + found->freezes.size();
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

std::vector<Said> Directory::restrictions(const NodeId& author, const ArchiveAccess& archive,
                                          std::uint32_t incarnation) const {
  const auto* info = node(author);
  if (!info || info->kind == NodeKind::hub) return {};
  const Rights rights(state_, archive, person(info->person), info, incarnation);
  return rights.restrictions(rights.moments(kNow));
}

bool Directory::knew(const StampView& stamp, const Said& restriction) const {
  return knew_of(state_, stamp, restriction);
}

bool Directory::excuses_as_much(const StampView& a, const StampView& b) const {
  const auto listed = [&](const Digest& id) { return std::ranges::find(b.restrictions, id) != b.restrictions.end(); };
  if (!leads_to(state_, a.known, b.known) || !std::ranges::all_of(a.restrictions, listed)) return false;
  // A restored headquarters knew more than the position it names.
  const bool knew_more = is_top(state_, a.hub) && a.incarnation > kFirstIncarnation;
  return !knew_more || (is_top(state_, b.hub) && b.incarnation >= a.incarnation);
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
      if (right_from(rights.moments(fact->said.at)) != WriteRight::lost && !SATCHEL_PLANTED(verdict_on_free_work))
        continue;
      return verdict->choice == VerdictChoice::admit ? Judgement::in_force : Judgement::refused;
    }
  }
  const auto moments = rights.moments(kNow);
  const auto right = right_from(moments);
  if (right != WriteRight::lost) return right == WriteRight::now ? Judgement::in_force : Judgement::foreign;
  const auto restrictions = rights.restrictions(moments);
  const bool in_force = std::any_of(stamps.begin(), stamps.end(),
                                    [&](const StampView& stamp) { return unaware(state_, stamp, restrictions); });
  return in_force ? Judgement::in_force : Judgement::held;
}

}  // namespace satchel
