// SPDX-License-Identifier: AGPL-3.0-or-later
// Drafts as people are shown them, and what the commands share that can leave one behind.
#pragma once

#include <boost/json/object.hpp>

#include "client/cli/commands.h"
#include "client/field/drafts.h"

namespace satchel::cli {

// Of the flag --draft.
std::string draft_help(const Frame& frame);
// Says that --draft keeps what was typed, where it was refused for being incomplete.
void remark_unfinished(const Frame& frame, const Error& error);
// A draft that was just kept or changed: its id and what is still missing.
Result<int> tell_draft(const Frame& frame, holder::Book& book, const field::Draft& draft);

boost::json::object draft_json(holder::Book& book, const field::Draft& draft, const field::DraftStanding& standing);
// "拜访记录" or "价格核定 · 同意".
std::string draft_title(holder::Book& book, const field::Draft& draft, const field::DraftStanding& standing);
// What keeps it from being finished, in a line; empty when nothing is known to.
std::string draft_lacks(const Frame& frame, const field::Draft& draft, const field::DraftStanding& standing);
// "4", or "4 → 5" when a newer one is in force.
std::string draft_version(const field::Draft& draft, const field::DraftStanding& standing);

}  // namespace satchel::cli
