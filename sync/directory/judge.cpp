// SPDX-License-Identifier: AGPL-3.0-or-later
// Rights over time. The right to write is three things at once: a confirmed node, an active person, and access to the
// archive as owner or by role. Each can be taken and given back on its own, so each is followed on its own: a
// restriction is in force while the thing it took has not been given back.
#include "sync/directory/judge.h"

#include <limits>

#include "sync/directory/directory.h"

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

template <class T>
bool contains(const std::vector<T>& list, const T& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

// Whether the signer's authority, as it was, reaches this archive.
bool reaches(const OrgId& org, const Actor& by, const ArchiveAccess& archive) {
  const unsigned classes = classes_of(by);
  if (classes & (kWhoAdministrator | kWhoGeneralManager)) return true;
  return (classes & kWhoManager) != 0 && contains(archive.audiences, managers_audience(org, by.branch));
}

const ArchiveFacts* facts_of(const State& state, const ArchiveAccess& archive) {
  const auto found = state.archives->find(archive.archive);
  return found == state.archives->end() ? nullptr : &found->second;
}

class Rights {
 public:
  // Of a person through one node; or, with `node` null, of the person through any.
  Rights(const State& state, const ArchiveAccess& archive, const Person* person, const KnownNode* node)
      : state_(state), archive_(archive), person_(person), node_(node) {
    if (const auto* facts = facts_of(state, archive)) {
      for (const auto& fact : facts->owners) {
        if (reaches(state.org, fact.by, archive)) owners_.push_back(&fact);
      }
    }
  }

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
    for (const auto* fact : owners_) add(fact->said);
    std::sort(events.begin(), events.end(), [](const Said& a, const Said& b) { return a.at < b.at; });
    std::vector<Moment> out;
    out.reserve(events.size());
    for (const auto& event : events) out.push_back(moment(event));
    return out;
  }

 private:
  Moment moment(const Said& said) const {
    Moment m{said};
    m.node = !node_ || (node_->confirmed && node_->confirmed->at <= said.at &&
                        !(node_->revoked && node_->revoked->at <= said.at));
    const PersonSpan* span = person_ ? person_->at(said.at) : nullptr;
    const bool reader = !person_ && node_ && node_->kind == NodeKind::reader;
    m.active = reader || (span && span->active);
    m.access = reader ? contains(archive_.audiences, hq_audience(state_.org)) : span && has_access(*span, said.at);
    return m;
  }

  // A person's own audience carries an owner's keys and gives no right beside the ownership it stands for.
  bool has_access(const PersonSpan& span, const Position& at) const {
    const auto* owners = &archive_.owners;
    for (const auto* fact : owners_) {
      if (fact->said.at <= at) owners = &fact->owners;
    }
    if (contains(*owners, person_->id)) return true;
    return std::any_of(archive_.audiences.begin(), archive_.audiences.end(), [&](const AudienceId& id) {
      const auto* audience = find_audience(state_, id);
      return audience && audience->kind != AudienceKind::person &&
             covers(*audience, person_->id, span.role, span.branch);
    });
  }

  const State& state_;
  const ArchiveAccess& archive_;
  const Person* person_;
  const KnownNode* node_;
  std::vector<const OwnerFact*> owners_;
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

std::optional<Said> restriction_from(const std::vector<Moment>& moments) {
  if (right_from(moments) != WriteRight::lost) return std::nullopt;
  std::optional<Said> earliest;
  for (const auto part : {&Moment::node, &Moment::active, &Moment::access}) {
    const auto said = taken(moments, part);
    if (said && (!earliest || said->at < earliest->at)) earliest = said;
  }
  return earliest;
}

bool names(const VerdictFact& verdict, const NodeId& author, const EntryRef& entry) {
  return std::any_of(verdict.ranges.begin(), verdict.ranges.end(), [&](const payload::VerdictRange& range) {
    return range.author == author && range.incarnation == entry.incarnation && range.from <= entry.seq &&
           entry.seq <= range.to;
  });
}

// A hub took it before it knew. A hub that was revoked could say so of anything, so its word no longer counts.
bool unaware(const State& state, const StampView& stamp, const Said& restriction) {
  const auto* hub = find_node(state, stamp.hub);
  if (!hub || hub->kind != NodeKind::hub || hub->state() != NodeState::confirmed) return false;
  return stamp.known < restriction.at && std::find(stamp.restrictions.begin(), stamp.restrictions.end(),
                                                   restriction.statement) == stamp.restrictions.end();
}

}  // namespace

std::vector<PersonId> Directory::owners(const ArchiveAccess& archive) const {
  const auto* facts = facts_of(state_, archive);
  if (!facts) return archive.owners;
  for (auto fact = facts->owners.rbegin(); fact != facts->owners.rend(); ++fact) {
    if (reaches(state_.org, fact->by, archive)) return fact->owners;
  }
  return archive.owners;
}

std::vector<ArchiveGrant> Directory::grants(const ArchiveAccess& archive) const {
  std::vector<ArchiveGrant> out;
  if (const auto* facts = facts_of(state_, archive)) {
    for (const auto& fact : facts->grants) {
      if (!reaches(state_.org, fact.by, archive)) continue;
      out.push_back({fact.said, fact.grant.audience, fact.grant.epoch_from, fact.grant.expiry});
    }
  }
  return out;
}

WriteRight Directory::right(const NodeId& author, const ArchiveAccess& archive) const {
  const auto* info = node(author);
  if (!info || info->kind == NodeKind::hub) return WriteRight::never;
  return right_from(Rights(state_, archive, person(info->person), info).moments(kNow));
}

bool Directory::may_write(const NodeId& author, const ArchiveAccess& archive) const {
  return right(author, archive) != WriteRight::never;
}

bool Directory::may_write(const PersonId& author, const ArchiveAccess& archive) const {
  const auto* found = person(author);
  return found && right_from(Rights(state_, archive, found, nullptr).moments(kNow)) != WriteRight::never;
}

std::optional<Said> Directory::restricted_since(const NodeId& author, const ArchiveAccess& archive) const {
  const auto* info = node(author);
  if (!info || info->kind == NodeKind::hub) return std::nullopt;
  return restriction_from(Rights(state_, archive, person(info->person), info).moments(kNow));
}

Judgement Directory::judge(const NodeId& author, const ArchiveAccess& archive, std::span<const StampView> stamps,
                           const EntryRef& entry) const {
  const auto* info = node(author);
  if (!info || info->kind == NodeKind::hub) return Judgement::foreign;
  const Rights rights(state_, archive, person(info->person), info);
  if (const auto* facts = facts_of(state_, archive)) {
    // A verdict is on work that was held when it was given, and stands when the right is given back later.
    // It is none on anybody else's, so no manager can undo work that was in force.
    for (auto verdict = facts->verdicts.rbegin(); verdict != facts->verdicts.rend(); ++verdict) {
      if (!names(*verdict, author, entry) || !reaches(state_.org, verdict->by, archive)) continue;
      if (!restriction_from(rights.moments(verdict->said.at))) continue;
      return verdict->choice == VerdictChoice::admit ? Judgement::in_force : Judgement::refused;
    }
  }
  const auto moments = rights.moments(kNow);
  const auto right = right_from(moments);
  if (right != WriteRight::lost) return right == WriteRight::now ? Judgement::in_force : Judgement::foreign;
  const Said restriction = *restriction_from(moments);
  const bool in_force = std::any_of(stamps.begin(), stamps.end(),
                                    [&](const StampView& stamp) { return unaware(state_, stamp, restriction); });
  return in_force ? Judgement::in_force : Judgement::held;
}

}  // namespace satchel
