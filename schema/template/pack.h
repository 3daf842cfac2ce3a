// SPDX-License-Identifier: AGPL-3.0-or-later
// Reading a pack's TOML, and judging it before it is published.
// parse_pack is strict about what it knows (types, ids, limits: a device must never run on a half-understood
// form) and lists what it does not know in Pack::unread. A pack whose `format` is newer than this program
// fails with "pack.newer": the earlier version stays in force until the upgrade. Everything else that is wrong
// fails with "pack.invalid"; the detail names the line and what to do. lint_pack finds what is well formed but
// would hurt: half-translated labels, fields nobody can fill, changes that break records already made.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schema/template/catalogue.h"
#include "schema/template/template.h"

namespace satchel {

inline constexpr int kPackFormat = 1;
inline constexpr std::size_t kPackBytesMax = 256 * 1024;
inline constexpr std::size_t kTemplatesMax = 100;  // a pack
inline constexpr std::size_t kFieldsMax = 300;     // a template
inline constexpr std::size_t kChoicesMax = 1000;   // a field
inline constexpr std::size_t kTestsMax = 8;        // a when
inline constexpr std::size_t kReportsMax = 100;    // a pack
inline constexpr std::size_t kWorkflowsMax = 50;   // a pack
inline constexpr std::size_t kRulesMax = 100;      // a pack
inline constexpr std::size_t kCalendarsMax = 10;   // a pack
inline constexpr std::size_t kListMax = 100;       // conditions, columns, measures, parameters of a report

// `lang` is the language of an error's detail.
Result<Pack> parse_pack(std::string_view toml, Lang lang = Lang::zh);

enum class LintSeverity : std::uint8_t { warning, error };

struct LintFinding {
  LintSeverity severity = LintSeverity::error;
  std::string where;  // "visit.purpose", "report daily-visits"
  std::string code;   // "lint.label-incomplete": stable, see lint.cpp
  Label message;      // what is wrong and what to do
};

// `previous` is the version in force, for what may not change between versions; `others` are the packs already in
// force, for reports and templates that name each other across packs. Either may be null.
std::vector<LintFinding> lint_pack(const Pack& pack, const Pack* previous = nullptr, const Catalogue* others = nullptr);
bool has_errors(const std::vector<LintFinding>& findings);

}  // namespace satchel
