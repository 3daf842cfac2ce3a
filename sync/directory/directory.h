// SPDX-License-Identifier: AGPL-3.0-or-later
// Directory: what follows from the log of statements up to a position, and nothing else does. Equal logs give equal
// directories at every node. No I/O, clock or randomness; a value that costs a dozen pointers to copy, so take
// a copy as a snapshot. Pointers and references that queries hand out live until this object is applied to,
// assigned or destroyed. One writer at a time; copies may be read on other threads.
// The HQ hub asks check(), then order(), stores both, then apply(); everybody else only applies. apply() fails only
// when the record does not continue the log (the peer lied or sent the wrong one) and then changes nothing; a
// statement that the rules refuse stays in the log without effect. Rules and layouts: docs/directory.md.
#pragma once

#include "sync/directory/identity.h"
#include "sync/directory/judge.h"
#include "sync/directory/rules.h"
#include "sync/directory/upkeep.h"

namespace satchel {

using directory::Trust;

// What became of an ordered statement.
struct Effect {
  enum class Outcome { applied, refused, unknown, withheld };
  Outcome outcome = Outcome::applied;
  StatementKind kind{};
  std::string refusal;                 // code, when refused
  Nature nature = Nature::permissive;  // when applied
  bool operator==(const Effect&) const = default;
};

class Directory {
 public:
  // Takes the founding statement of whatever organisation comes.
  Directory() = default;
  // Takes only that of `org`, and so only its root key.
  explicit Directory(const OrgId& org) { state_.org = org; }

  // ---- the log ----

  // Whether the statement would have effect if it were ordered now; the refusal's code is one of docs/directory.md.
  Result<void> check(const Envelope& envelope, WallTime hub_time) const;
  // The record that gives it the next place. The time never goes back, whatever the hub's clock did.
  Ordered order(const Envelope& envelope, WallTime hub_time) const;
  // `envelope` is null when it is withheld. Errors, all integrity but the first two: invalid "directory.bad-order",
  // conflict "directory.gap" (not the next position), "directory.broken-chain", "directory.wrong-envelope",
  // "directory.envelope-missing", "directory.time-backwards". Trust::replay is for statements of our own log whose
  // first apply() was `applied`.
  Result<Effect> apply(const Ordered& ordered, const Envelope* envelope, Trust trust = Trust::check);
  // A withheld statement that we may see now. not_found "directory.not-withheld", integrity
  // "directory.wrong-envelope". What it does follows from its position, not from when it is told.
  Result<Effect> reveal(const Envelope& envelope, Trust trust = Trust::check);

  // The head of this log, for the HQ hub to sign.
  DirectoryHead head(const NodeId& hub, WallTime now) const;
  // Signed by an HQ hub that is not revoked, of this organisation; and where it stands at our position, of our log:
  // integrity "directory.bad-head" or "directory.fork" (evidence: proves_fork with our own signed head).
  Result<void> check_head(const DirectoryHead& head) const;

  Position position() const { return state_.position; }
  const Digest& last_order_hash() const { return state_.order_hash; }
  WallTime last_hub_time() const { return state_.hub_time; }
  const directory::LogCounts& counts() const { return state_.counts; }
  // Already in the log, whatever became of it.
  bool has(const Digest& statement) const { return state_.ordered->contains(statement); }
  const std::map<Digest, Ordered>& withheld() const { return *state_.withheld; }

  // What obeying it would do, and whether a second person must sign: for hubs without HQ and for forms.
  // Errors as check().
  Result<Nature> nature(const Envelope& envelope) const;
  bool needs_two_persons(const payload::Any& payload) const { return two_persons_needed(state_, payload); }

  // ---- organisation ----
  bool founded() const { return state_.founded(); }
  const OrgId& org() const { return state_.org; }
  const std::string& name() const { return state_.name; }
  const SignPublic& root() const { return state_.root; }
  const Digest& backup_pin() const { return state_.backup_pin; }
  // What hubs seal their backups to; none when the root key never named one.
  const BoxPublic& backup_key() const { return state_.backup_key; }
  const std::map<std::string, std::string>& policies() const { return *state_.policies; }
  std::optional<std::string> policy(const std::string& key) const;

  // ---- people and branches; null when there is none ----
  const std::map<PersonId, Person>& people() const { return *state_.people; }
  const Person* person(const PersonId& id) const { return find_person(state_, id); }
  const Person* person_named(const std::string& name) const;  // active ones; their names are unique
  std::optional<PersonSpan> role_of(const PersonId& id, const Position& at) const;
  const std::map<BranchId, Branch>& branches() const { return *state_.branches; }
  const Branch* branch(const BranchId& id) const;
  const Branch* branch_named(const std::string& name_or_code) const;

  // ---- nodes ----
  const std::map<NodeId, KnownNode>& nodes() const { return *state_.nodes; }
  const KnownNode* node(const NodeId& id) const { return find_node(state_, id); }
  std::vector<const KnownNode*> nodes_of(const PersonId& person) const;
  // Hubs that are not revoked: those of `near` first, then headquarters', then the others.
  std::vector<const KnownNode*> hubs(const BranchId& near = {}) const;
  const Invite* invite(const InviteId& id) const;
  std::vector<PendingEnrolment> pending() const;

  // ---- audiences ----
  const Audience* audience(const AudienceId& id) const { return find_audience(state_, id); }
  // What the node follows: those it is a member of now, ascending. Empty for hubs and for whoever may not read.
  std::vector<AudienceId> audiences_of(const NodeId& node) const;
  // Those a confirmed device of the person would be a member of, ascending.
  std::vector<AudienceId> audiences_of(const PersonId& person) const;
  std::vector<NodeId> members(const AudienceId& id) const;
  bool member(const NodeId& node, const AudienceId& audience) const;
  // A node that is no longer a member holds the secret of the newest epoch.
  bool rotation_due(const AudienceId& id) const;

  // ---- packs and numbers ----
  const std::map<std::string, std::vector<PackVersion>>& packs() const { return *state_.packs; }
  // The newest version meant for that person (none: for everybody); null when there is none.
  const PackVersion* pack_in_force(const std::string& pack, const PersonId& person = {}) const;
  std::vector<LeasedRange> numbers(const NodeId& node, std::uint32_t incarnation) const;
  bool ever_leased(const NodeId& node) const;
  bool numbers_wanted(const NodeId& node, std::uint32_t incarnation) const;
  // What the node asked for and has not been given: incarnation -> how many.
  std::map<std::uint32_t, std::uint32_t> wanted_by(const NodeId& node) const;
  std::uint64_t next_number() const { return state_.numbers->next; }

  // ---- rights in archives: judge.h says what the words mean ----
  ArchiveStanding standing(const ArchiveAccess& archive) const;
  ArchiveStanding standing_at(const ArchiveAccess& archive, const Position& at) const;
  std::vector<PersonId> owners(const ArchiveAccess& archive) const;
  std::vector<ArchiveGrant> grants(const ArchiveAccess& archive) const;
  // Every audience that may read it at that time; nobody once it is destroyed.
  std::vector<ArchiveReader> readers(const ArchiveAccess& archive, WallTime now) const;
  // The same by what had been said up to that place of the log.
  std::vector<ArchiveReader> readers_at(const ArchiveAccess& archive, const Position& at, WallTime now) const;
  bool may_read(const NodeId& node, const ArchiveAccess& archive, WallTime now) const;
  // Through any device, also one to come.
  bool may_read(const PersonId& person, const ArchiveAccess& archive, WallTime now) const;
  // Audiences that could read it once and may not now, with the place of the log from which on each may not.
  std::map<AudienceId, Position> former_readers(const ArchiveAccess& archive, WallTime now) const;
  // Who could read it just before or after that place of the log: who is told what was said there.
  std::vector<AudienceId> readers_around(const ArchiveAccess& archive, const Position& at) const;
  // The places of all that was said of it while one of these could read it, in the same sense; ascending.
  std::vector<Position> heard(const ArchiveAccess& archive, const std::set<AudienceId>& by) const;
  // Places of what was said of it while the person could not read it, if by what the person was told it takes itself
  // for a reader since (a handover, a role that came back) and is none; ascending, else empty.
  std::vector<Position> untold(const ArchiveAccess& archive, const PersonId& person) const;
  // Where the node, that life of it, or its person lost every right; nothing while it has one.
  std::optional<Position> lost_at(const NodeId& node, std::uint32_t incarnation = kAnyLife) const;
  // The same without lives: it was revoked, or its person left. From there on it is given nothing, and lets go of all
  // it had; a copied one keeps its keys.
  std::optional<Position> gone_at(const NodeId& node) const;
  // The statements by which it is gone, the first first; several may say so at once.
  std::vector<Said> gone_by(const NodeId& node) const;
  // Whether it has said, since it is gone, that everything it had is. What it was told before headquarters had ordered
  // it counts when the receipt names it and has its place behind it.
  bool let_go(const NodeId& node) const;
  // Whether the person's word counts on who owns and reads it: headquarters, and the manager of its branch.
  bool may_direct(const PersonId& person, const ArchiveAccess& archive) const;
  // Whether what was said at that place of the log changed who owns or reads it.
  bool turned_at(const ArchiveAccess& archive, const Position& at) const;
  // The archive it is shown within; none when it stands for itself.
  ArchiveId shown_within(const ArchiveAccess& archive) const;
  WriteRight right(const NodeId& author, const ArchiveAccess& archive, std::uint32_t incarnation = kAnyLife) const;
  bool may_write(const NodeId& author, const ArchiveAccess& archive) const;
  bool may_write(const PersonId& author, const ArchiveAccess& archive) const;
  // What stands against the author's work there, the earliest first: every statement that took a part of the right
  // since he last had it. Empty while he has the right, or never had. obeying()'s stand past position().
  std::vector<Said> restrictions(const NodeId& author, const ArchiveAccess& archive,
                                 std::uint32_t incarnation = kAnyLife) const;
  // Whether the hub knew of the restriction when it gave the stamp.
  bool knew(const StampView& stamp, const Said& restriction) const;
  // Whether no work is in force by `b` that is not by `a`.
  bool excuses_as_much(const StampView& a, const StampView& b) const;
  // Statements that a former life of headquarters had given a place to, as far as anybody has shown it.
  std::size_t recalled() const { return state_.former->size(); }
  Judgement judge(const NodeId& author, const ArchiveAccess& archive, std::span<const StampView> stamps,
                  const EntryRef& entry) const;

  // What was said of archives since they were opened, and of many at once.
  const std::map<ArchiveId, directory::ArchiveFacts>& archive_facts() const { return *state_.archives; }
  const std::vector<directory::HandoverFact>& handovers() const { return *state_.handovers; }
  // How often the standing of an archive, or the word on work in it, changed since it was opened.
  std::size_t turns(const ArchiveAccess& archive) const;
  // How often a node's own right was taken or given back.
  std::size_t times_restricted(const NodeId& node) const;
  // Moves whenever something was said that may change who reads or writes what.
  std::uint64_t access_changes() const { return state_.access_changes; }

  // ---- destruction ----
  const std::map<Digest, Proposal>& proposals() const { return *state_.proposals; }
  const Destroyed* destroyed(const ArchiveId& archive) const;
  bool is_destroyed(const ArchiveId& archive) const { return state_.destroyed->contains(archive); }
  const std::map<ArchiveId, Destroyed>& all_destroyed() const { return *state_.destroyed; }
  // The newest receipt of each node for what it was told to drop.
  const std::map<NodeId, DropReceipt>& drop_receipts() const { return *state_.dropped; }

  // ---- requests for access ----
  // By the statement's id.
  const std::map<Digest, AccessRequest>& requests() const { return *state_.requests; }
  // Whether it is the person's to answer: asked of him, by somebody else, and still open at that time.
  bool may_answer(const PersonId& person, const AccessRequest& request, WallTime now) const;
  // How many are.
  std::size_t requests_to(const PersonId& person, WallTime now) const;

  // ---- obeying before the order ----
  // This directory as a node without headquarters obeys it: whatever these statements take away is taken, what they
  // give is not given. `obeyed`: those that took something. Position and history stay as they are; what was taken
  // stands at places past the end of the log.
  Directory obeying(std::span<const Envelope> pending, std::vector<Digest>& obeyed) const;

  // ---- what a node should do next ----
  std::vector<UpkeepTask> upkeep(const NodeId& self) const;

  // The position is compared too: equal logs, equal directories.
  bool operator==(const Directory&) const = default;

 private:
  Position next_position(const Envelope& envelope) const;
  Result<void> continues(const Ordered& ordered, const Envelope* envelope, Trust trust) const;
  Effect take(const Ordered& ordered, const Envelope& envelope, Trust trust);

  directory::State state_;
};

}  // namespace satchel
