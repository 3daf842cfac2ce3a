// SPDX-License-Identifier: AGPL-3.0-or-later
// Attachments as they are shown: in a record, in lists, in JSON.
#pragma once

#include <boost/json/object.hpp>

#include "client/cli/commands.h"
#include "client/field/attachments.h"

namespace satchel::cli {

boost::json::object attachment_json(holder::Book& book, const field::Attached& attached);
// One line each: number, name, size, state, who and when.
std::string attachments_text(const Frame& frame, holder::Book& book, const std::vector<field::Attached>& list);
// " (2 attachments, 12.5 MiB)"; nothing when there are none.
std::string attachments_word(const Frame& frame, std::uint64_t number, std::uint64_t bytes);
// "12.5 MiB / 200 MiB (6 %)"
std::string progress_word(std::uint64_t done, std::uint64_t of);

}  // namespace satchel::cli
