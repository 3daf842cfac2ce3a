// SPDX-License-Identifier: AGPL-3.0-or-later
// Destroying archives, two persons' work (docs/destruction.md): one looks at what stands against it and proposes,
// another looks on his own device and signs. What stands against it is judged by what each of them can see; the
// directory itself asks only that there are two.
#pragma once

#include "client/field/said.h"
#include "client/field/tasks.h"

namespace satchel::field {

// What stands against a destruction. Bits of DestroyProposed::overridden; values are permanent.
enum class Obstacle : std::uint16_t {
  retention = 1,     // has to be kept still, or long term
  tasks = 2,         // open
  plans = 4,         // visits planned
  conflicts = 8,     // values a person has to choose between
  held = 16,         // work that waits for a verdict
  unsent = 32,       // own entries no hub has taken yet
  grants = 64,       // access lent out that still runs
  unreadable = 128,  // this device has not the key, so nobody has looked here
};
inline constexpr Obstacle kObstacles[] = {Obstacle::retention, Obstacle::tasks,     Obstacle::plans,
                                          Obstacle::conflicts, Obstacle::held,      Obstacle::unsent,
                                          Obstacle::grants,    Obstacle::unreadable};

struct Found {
  Obstacle what{};
  std::size_t count = 0;
  std::string example;        // of them: a text, a form's label, a name
  std::optional<Date> until;  // of retention; none: long term
};

struct Examined {
  ArchiveId archive;
  CustomerRef customer;
  std::vector<Found> found;
};

// Which obstacles a reason passes over.
std::uint16_t overrides_of(DestroyReason reason);
std::string_view name_of(DestroyReason reason);  // "person_asked"; for --json and the command line
std::optional<DestroyReason> destroy_reason(std::string_view name);

// Days that every archive is kept at least, whatever is in it: policy `retention` ("3y", "long-term", …).
inline constexpr std::string_view kPolicyRetention = "retention";
inline constexpr std::string_view kRetentionDefault = "3y";

Result<std::vector<Examined>> examine(Book& book, const std::vector<ArchiveId>& archives);
// Of what was found, what the reason does not pass over; and what it does, as bits.
std::vector<Examined> standing_against(const std::vector<Examined>& all, DestroyReason reason);
std::uint16_t passed_over(const std::vector<Examined>& all, DestroyReason reason);

struct ProposedArchives {
  std::vector<Examined> archives;
  std::vector<Examined> against;
  std::uint16_t overridden = 0;
};
// not_found "customer.not-found", conflict "directory.destroyed", permission "directory.not-allowed".
Result<ProposedArchives> plan_destruction(Book& book, const std::vector<std::string>& names, DestroyReason reason);
// conflict "destroy.open-business" when something stands against it.
Result<Said> propose_destruction(Book& book, const ProposedArchives& plan, DestroyReason reason);

struct ListedProposal {
  Digest id;
  Proposal proposal;
  std::vector<Examined> archives;  // as they stand here; nothing is found in what was destroyed
  bool own = false;                // proposed by this person: somebody else has to sign
  bool may_sign = false;           // this person's role may
  const Destroyed* destroyed = nullptr;
};
// Open ones first. `directory` keeps what is pointed to alive.
struct ListedProposals {
  std::shared_ptr<const Directory> directory;
  std::vector<ListedProposal> list;
};
Result<ListedProposals> list_proposals(Book& book);
// By the beginning of its id, at least four digits. not_found "destroy.no-proposal", conflict "record.ambiguous".
Result<ListedProposal> find_proposal(const ListedProposals& all, std::string_view id);
// permission "directory.two-persons", "directory.not-allowed": before it is shown as if it could be done.
Result<void> may_countersign(Book& book, const ListedProposal& proposal);
// The same, and conflict "destroy.open-business".
Result<Said> countersign(Book& book, const ListedProposal& proposal);

}  // namespace satchel::field
