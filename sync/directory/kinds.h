// SPDX-License-Identifier: AGPL-3.0-or-later
// The closed lists of the directory: scopes, kinds of statement, roles, audiences, purposes of an invitation.
// All values are permanent: they stand in signed bytes. Zero is never a value, so that an empty field is seen.
// The names (kind_name and the like) are what programs print in --json and read in options.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace satchel {

// Who is sent a statement: everybody, or those who hold the archive (and hubs). Values are permanent.
enum class Scope : std::uint8_t { organisation = 1, archive = 2 };

// Values are permanent. Those from 64 on are of archive scope. 68 to 70 were never in force and stay unused.
enum class StatementKind : std::uint16_t {
  organisation_founded = 1,
  hub_admitted = 2,
  order_resumed = 3,
  branch_added = 4,
  person_added = 5,
  person_changed = 6,
  invitation = 7,
  node_enrolled = 8,
  node_confirmed = 9,
  node_revoked = 10,
  audience_key = 11,
  audience_box = 12,
  pack_published = 13,
  number_range_wanted = 14,
  number_range = 15,
  policy = 16,
  handover = 17,
  destroy_proposed = 18,
  destroy = 19,
  access_dropped = 20,
  node_frozen = 22,
  node_renewed = 23,
  access_requested = 24,
  access_answered = 25,
  former_order = 26,
  backup_key = 29,
  verdict = 64,
  owner_set = 65,
  grant = 66,
  merge = 67,
  grant_ended = 71,
  merge_undone = 72,
  moved = 73,
};

// The base roles decide key access. Values are permanent.
enum class Role : std::uint8_t {
  salesperson = 1,
  branch_manager = 2,
  archive_administrator = 3,
  department = 4,
  general_manager = 5,
  auditor = 6,
};

// Values are permanent: they go into the audience's id.
enum class AudienceKind : std::uint8_t { person = 1, branch_managers = 2, hq = 3, everyone = 4, pool = 5 };

// Values are permanent.
enum class InvitePurpose : std::uint8_t { person = 1, hub = 2, reader = 3 };
enum class VerdictChoice : std::uint8_t { admit = 1, refuse = 2 };
enum class AnswerChoice : std::uint8_t { approve = 1, refuse = 2 };
enum class PackCoding : std::uint8_t { plain = 1, zstd = 2 };
enum class GrantRights : std::uint8_t { read = 1, write = 2 };  // write includes reading

// What a node is. Derived from how it was admitted, never sent.
enum class NodeKind : std::uint8_t { device, hub, reader };
enum class NodeState : std::uint8_t { enrolled, confirmed, revoked };

// "unknown" for a number this version has no name for.
std::string_view kind_name(StatementKind kind);
std::string_view role_name(Role role);
std::string_view node_kind_name(NodeKind kind);
std::string_view node_state_name(NodeState state);
std::optional<Role> parse_role(std::string_view name);

// Roles whose signature can be the second one of a statement that needs two persons.
constexpr bool may_countersign(Role role) {
  return role == Role::branch_manager || role == Role::archive_administrator || role == Role::general_manager;
}

// Why an archive is to go. Values are permanent.
enum class DestroyReason : std::uint8_t {
  none = 0,            // not said
  retention_over = 1,  // nobody has to keep it any longer
  person_asked = 2,    // whom it is about demands it by law
  authority = 3,       // a court or an authority orders it
  mistake = 4,         // opened by mistake, or twice
};
inline constexpr std::uint8_t kDestroyReasonLast = 4;

}  // namespace satchel
