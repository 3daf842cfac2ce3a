// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/directory/kinds.h"

#include <array>

#include "sync/directory/authority.h"

namespace satchel {

namespace {
constexpr std::array<std::string_view, 7> kRoleNames{
    "none", "salesperson", "branch_manager", "archive_administrator", "department", "general_manager", "auditor"};
}  // namespace

std::string_view kind_name(StatementKind kind) {
  const auto* row = authority_row(kind);
  return row ? row->name : std::string_view("unknown");
}

std::string_view role_name(Role role) {
  const auto at = static_cast<std::size_t>(role);
  return at < kRoleNames.size() ? kRoleNames[at] : "none";
}

std::optional<Role> parse_role(std::string_view name) {
  for (std::size_t i = 1; i < kRoleNames.size(); ++i) {
    if (kRoleNames[i] == name) return static_cast<Role>(i);
  }
  return std::nullopt;
}

std::string_view node_kind_name(NodeKind kind) {
  switch (kind) {
    case NodeKind::device:
      return "device";
    case NodeKind::hub:
      return "hub";
    case NodeKind::reader:
      return "reader";
  }
  return "device";
}

std::string_view node_state_name(NodeState state) {
  switch (state) {
    case NodeState::enrolled:
      return "enrolled";
    case NodeState::confirmed:
      return "confirmed";
    case NodeState::revoked:
      return "revoked";
  }
  return "enrolled";
}

}  // namespace satchel
