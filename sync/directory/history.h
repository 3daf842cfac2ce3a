// SPDX-License-Identifier: AGPL-3.0-or-later
// How one archive's rights followed from each other: its opening, then what was said of it, what rules over many
// archives did to it, and grants whose time was over. A statement has effect if its author's authority reached the
// archive as it stood then. Private to the room; borrows the state and the access it was made from.
#pragma once

#include "sync/directory/judge.h"
#include "sync/directory/state.h"

namespace satchel::directory {

// What held from one statement until the next.
struct Chapter {
  Said since;
  ArchiveStanding standing;
  std::variant<std::monostate, const ArchiveFact*, const HandoverFact*> by;  // nothing: the opening, or time was over
};

class ArchiveHistory {
 public:
  ArchiveHistory(const State& state, const ArchiveAccess& archive);

  // Ascending; the first is the opening's, at position zero.
  const std::vector<Chapter>& chapters() const { return chapters_; }
  // After everything said at or before `at`.
  const Chapter& at(const Position& at) const;
  const ArchiveStanding& now() const { return chapters_.back().standing; }
  // Whether the signer's authority, as it was, reaches the archive as it stands.
  bool reaches(const Actor& by, const ArchiveStanding& standing) const;
  // What was said while the person could not read it, if by what it was told it takes the archive for readable since (a
  // handover, a role that came back), and it is not; else empty.
  std::vector<Position> untold(const Person& person) const;
  // What the chapter's statement would have made of another standing.
  ArchiveStanding applied(const Chapter& chapter, ArchiveStanding to) const;
  // The archive it is shown within by the last effective word on it; none when it stands for itself.
  ArchiveId shown_within() const;

 private:
  void tell(const ArchiveFact& fact);
  void tell(const HandoverFact& fact);
  void end_grant(const ArchiveGrant& grant, const Position& at);
  void gather_expiries(const ArchiveFacts& facts);
  bool gives(const HandoverFact& fact, const ArchiveStanding& standing) const;
  bool reads(const Person& person, const PersonSpan& span, const ArchiveStanding& standing) const;

  const State& state_;
  const ArchiveAccess& archive_;
  std::vector<Chapter> chapters_;
  std::vector<std::pair<Position, ArchiveGrant>> expiries_;
};

// Whether the person may write by this standing: as owner, by a role of the archive's audiences, or by a grant.
bool writes_by(const State& state, const ArchiveAccess& archive, const ArchiveStanding& standing, const Person& person,
               const PersonSpan& span);
// Everybody who may read by this standing at that time.
std::vector<ArchiveReader> readers_by(const State& state, const ArchiveAccess& archive, const ArchiveStanding& standing,
                                      WallTime now);

}  // namespace satchel::directory
