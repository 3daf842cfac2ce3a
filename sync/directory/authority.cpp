// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/directory/authority.h"

#include <algorithm>
#include <array>

namespace satchel {

namespace {

using enum StatementKind;
using N = Nature;
using T = TwoPersons;

constexpr Scope kOrg = Scope::organisation;
constexpr Scope kArchive = Scope::archive;
constexpr unsigned kStaff = kWhoAdministrator | kWhoManager;
constexpr unsigned kDirectors = kWhoAdministrator | kWhoGeneralManager;
constexpr unsigned kHeads = kDirectors | kWhoManager;

constexpr std::string_view kWaits = "waits for HQ";
constexpr std::string_view kAtOnce = "obeyed at once";
constexpr std::string_view kPartly = "what it takes away is obeyed at once, what it gives waits for HQ";

// Ascending by kind.
constexpr std::array kTable{
    AuthorityRow{organisation_founded, "organisation_founded", kOrg, kWhoRoot, T::no, N::permissive, kWaits, true},
    AuthorityRow{hub_admitted, "hub_admitted", kOrg, kWhoRoot, T::no, N::permissive, kWaits, true},
    AuthorityRow{order_resumed, "order_resumed", kOrg, kWhoAdministrator, T::no, N::permissive, kWaits, true},
    AuthorityRow{branch_added, "branch_added", kOrg, kWhoAdministrator, T::no, N::permissive, kWaits, true},
    AuthorityRow{person_added, "person_added", kOrg, kStaff | kWhoRoot, T::appointing, N::permissive, kWaits, true},
    AuthorityRow{person_changed, "person_changed", kOrg, kStaff | kWhoRoot, T::appointing, N::either, kPartly, true},
    AuthorityRow{invitation, "invitation", kOrg, kStaff | kWhoRoot, T::no, N::permissive, kWaits, true},
    AuthorityRow{node_enrolled, "node_enrolled", kOrg, kWhoItself, T::no, N::permissive, kWaits, true},
    AuthorityRow{node_confirmed, "node_confirmed", kOrg, kStaff, T::confirming, N::permissive, kWaits, true},
    AuthorityRow{node_revoked, "node_revoked", kOrg, kStaff | kWhoRoot, T::no, N::restrictive, kAtOnce, true},
    AuthorityRow{audience_key, "audience_key", kOrg, kWhoMember, T::no, N::permissive, kWaits, true},
    AuthorityRow{audience_box, "audience_box", kOrg, kWhoMember, T::no, N::permissive, kWaits, true},
    AuthorityRow{pack_published, "pack_published", kOrg, kWhoAdministrator, T::no, N::permissive, kWaits, true},
    AuthorityRow{number_range_wanted, "number_range_wanted", kOrg, kWhoItself, T::no, N::permissive, kWaits, true},
    AuthorityRow{number_range, "number_range", kOrg, kWhoHqHub, T::no, N::permissive, kWaits, true},
    AuthorityRow{policy, "policy", kOrg, kWhoAdministrator, T::switching_off, N::permissive, kWaits, true},
    AuthorityRow{handover, "handover", kOrg, kHeads, T::no, N::permissive, kWaits, true},
    AuthorityRow{destroy_proposed, "destroy_proposed", kOrg, kHeads, T::no, N::permissive, kWaits, true},
    AuthorityRow{destroy, "destroy", kOrg, kDirectors, T::proposed, N::restrictive, kWaits, true},
    AuthorityRow{access_dropped, "access_dropped", kOrg, kWhoItself, T::no, N::permissive, kWaits, true},
    AuthorityRow{node_frozen, "node_frozen", kOrg, kWhoHub, T::no, N::restrictive, kAtOnce, true},
    AuthorityRow{node_renewed, "node_renewed", kOrg, kWhoItself, T::no, N::permissive, kWaits, true},
    AuthorityRow{access_requested, "access_requested", kOrg, kWhoPerson, T::no, N::permissive, kWaits, true},
    AuthorityRow{access_answered, "access_answered", kOrg, kHeads, T::no, N::permissive, kWaits, true},
    AuthorityRow{former_order, "former_order", kOrg, kWhoHub | kWhoPerson, T::no, N::permissive, kWaits, true},
    AuthorityRow{backup_key, "backup_key", kOrg, kWhoRoot, T::no, N::permissive, kWaits, true},
    AuthorityRow{verdict, "verdict", kArchive, kHeads, T::no, N::either, kPartly, true},
    AuthorityRow{owner_set, "owner_set", kArchive, kHeads, T::no, N::either, kPartly, true},
    AuthorityRow{grant, "grant", kArchive, kHeads, T::no, N::permissive, kWaits, true},
    AuthorityRow{merge, "merge", kArchive, kHeads, T::no, N::permissive, kWaits, true},
    AuthorityRow{grant_ended, "grant_ended", kArchive, kHeads, T::no, N::restrictive, kAtOnce, true},
    AuthorityRow{merge_undone, "merge_undone", kArchive, kHeads, T::no, N::permissive, kWaits, true},
    AuthorityRow{moved, "moved", kArchive, kDirectors, T::no, N::permissive, kWaits, true},
};

std::string who_text(const AuthorityRow& row) {
  const bool archive = row.scope == Scope::archive;
  const std::array<std::pair<unsigned, std::string_view>, 9> words{{
      {kWhoRoot, "root key"},
      {kWhoAdministrator, "HQ administrator"},
      {kWhoGeneralManager, "general manager"},
      {kWhoManager,
       archive ? "branch manager (archives of the own branch)" : "branch manager (salespersons of the own branch)"},
      {kWhoHqHub, "HQ hub"},
      {kWhoHub, "any hub"},
      {kWhoMember, "node of the audience"},
      {kWhoItself, "the node itself"},
      {kWhoPerson, "anybody"},
  }};
  std::string out;
  for (const auto& [bit, word] : words) {
    if ((row.who & bit) == 0) continue;
    if (!out.empty()) out += ", ";
    out += word;
  }
  return out;
}

std::string_view two_text(TwoPersons two) {
  switch (two) {
    case T::no:
      return "no";
    case T::appointing:
      return "to a role that may countersign*";
    case T::confirming:
      return "for a person who may countersign*";
    case T::switching_off:
      return "to end the two-person rule*";
    case T::proposed:
      return "yes: one proposes, another signs";
  }
  return "no";
}

std::string_view nature_text(Nature nature) {
  switch (nature) {
    case N::permissive:
      return "permissive";
    case N::restrictive:
      return "restrictive";
    case N::either:
      return "either";
  }
  return "either";
}

}  // namespace

std::span<const AuthorityRow> authority_table() { return kTable; }

const AuthorityRow* authority_row(StatementKind kind) {
  const auto at = std::lower_bound(kTable.begin(), kTable.end(), kind,
                                   [](const AuthorityRow& row, StatementKind k) { return row.kind < k; });
  return at != kTable.end() && at->kind == kind ? &*at : nullptr;
}

std::string print_authority() {
  std::string out = "| kind | statement | scope | who | two persons? | nature | cut off from HQ |\n";
  out += "|---|---|---|---|---|---|---|\n";
  for (const auto& row : kTable) {
    out += "| " + std::to_string(static_cast<unsigned>(row.kind)) + " | " + std::string(row.name);
    if (!row.effective) out += " (kept, no effect yet)";
    out += row.scope == Scope::archive ? " | archive | " : " | organisation | ";
    out +=
        who_text(row) + " | " + std::string(two_text(row.two)) + " | " + std::string(nature_text(row.nature)) + " | ";
    out += std::string(row.cut_off) + " |\n";
  }
  return out;
}

}  // namespace satchel
