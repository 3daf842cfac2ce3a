// SPDX-License-Identifier: AGPL-3.0-or-later
// Names that follow from keys. An organisation is named by its root key (as a node is by its keys, seal.h), so that
// whoever knows the id cannot be shown another key; audiences are named by what they stand for, so that two
// nodes that never met still mean the same one. Labels are permanent (docs/directory.md, 'Labels').
#pragma once

#include <string>

#include "schema/base/id.h"
#include "sync/directory/kinds.h"

namespace satchel {

OrgId org_id(const SignPublic& root);

// `ref` is the PersonId or BranchId of the audience's kind; the none id for hq and everyone.
AudienceId audience_id(const OrgId& org, AudienceKind kind, const std::array<Byte, 16>& ref);
inline AudienceId person_audience(const OrgId& org, const PersonId& person) {
  return audience_id(org, AudienceKind::person, person.bytes);
}
inline AudienceId managers_audience(const OrgId& org, const BranchId& branch) {
  return audience_id(org, AudienceKind::branch_managers, branch.bytes);
}
// Everybody of the branch.
inline AudienceId pool_audience(const OrgId& org, const BranchId& branch) {
  return audience_id(org, AudienceKind::pool, branch.bytes);
}
inline AudienceId hq_audience(const OrgId& org) { return audience_id(org, AudienceKind::hq, {}); }
inline AudienceId everyone_audience(const OrgId& org) { return audience_id(org, AudienceKind::everyone, {}); }

// What two people compare by voice before a node is confirmed: 120 bits of the keys' hash as six groups of four.
std::string fingerprint(const NodeId& node, const SignPublic& sign, const BoxPublic& box);
// As a person types it: case, separators and the letters Crockford's alphabet leaves out do not matter.
bool same_fingerprint(std::string_view a, std::string_view b);

// The associated data of the box that carries an audience's secret to one node: a box can be moved to no other
// audience, epoch or node.
Bytes audience_box_context(const OrgId& org, const AudienceId& audience, std::uint32_t epoch, const BoxPublic& key,
                           const NodeId& to);

// The associated data of a text boxed to an audience in a statement of that person: it can be moved to no other
// audience, epoch or person's statement.
Bytes boxed_text_context(const OrgId& org, const AudienceId& audience, std::uint32_t epoch, const BoxPublic& key,
                         const PersonId& by);

// Crockford's base 32, upper case, without padding. Decoding takes lower case, O for 0, I and L for 1, and
// skips spaces, line ends and hyphens; nothing when any other character is met or the tail bits are not zero.
std::string base32(View bytes);
std::optional<Bytes> unbase32(std::string_view digits);

}  // namespace satchel
