// SPDX-License-Identifier: AGPL-3.0-or-later
// Who may say what: the one table behind every refusal, and the printed form of it in docs/directory.md.
// A row gives the classes of signers that may make such a statement at all; what a branch manager or the root may
// do of it is narrowed in rules.cpp. Restrictive statements are obeyed by a hub that is cut off from HQ before
// they are ordered, permissive ones wait.
#pragma once

#include <span>
#include <string>

#include "sync/directory/kinds.h"

namespace satchel {

// Classes of signers; a signer can be of several. Bits of a mask that is never sent.
enum Who : unsigned {
  kWhoRoot = 1,
  kWhoAdministrator = 2,  // archive administrator without a branch
  kWhoGeneralManager = 4,
  kWhoManager = 8,  // branch manager: salespersons and archives of the own branch
  kWhoHqHub = 16,
  kWhoMember = 32,   // a node of the audience
  kWhoItself = 64,   // the node the statement is about
  kWhoHub = 128,     // any hub: its evidence speaks, not its word
  kWhoPerson = 256,  // whoever works here
};

// When two persons must sign. `proposed`: it carries out what another person proposed. The others only while policy
// "two-person-appointments" is "on" and two persons who may countersign have a confirmed node.
enum class TwoPersons : std::uint8_t { no, appointing, confirming, switching_off, proposed };

enum class Nature : std::uint8_t { permissive, restrictive, either };

struct AuthorityRow {
  StatementKind kind;
  std::string_view name;
  Scope scope;
  unsigned who;
  TwoPersons two;
  Nature nature;
  std::string_view cut_off;  // what a hub without HQ does with it
  bool effective;            // false: kept in the log, no effect in this version
};

std::span<const AuthorityRow> authority_table();
// Null for a kind without a row.
const AuthorityRow* authority_row(StatementKind kind);
inline bool is_known(StatementKind kind) { return authority_row(kind) != nullptr; }

inline constexpr std::string_view kPolicyTwoPersons = "two-person-appointments";  // "on" or anything else

// The table as Markdown, as it stands in docs/directory.md.
std::string print_authority();

}  // namespace satchel
