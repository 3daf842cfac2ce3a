// SPDX-License-Identifier: AGPL-3.0-or-later
// Proposals, what stands against them and what became of them, as the destroy commands show them.
#pragma once

#include <boost/json.hpp>

#include "client/cli/commands.h"
#include "client/field/certificate.h"

namespace satchel::cli {

std::string reason_word(const Frame& frame, DestroyReason reason);
// What was found in one archive, and which of it the reason passes over.
std::string examined_text(const Frame& frame, const field::Examined& examined, DestroyReason reason);
boost::json::array examined_json(const std::vector<field::Examined>& all, DestroyReason reason);
boost::json::array obstacles_json(std::uint16_t bits);

std::string proposal_text(const Frame& frame, holder::Book& book, const field::ListedProposal& proposal);
boost::json::object proposal_json(holder::Book& book, const field::ListedProposal& proposal);
std::string status_text(const Frame& frame, holder::Book& book, const field::DestructionStatus& status);
boost::json::object status_json(holder::Book& book, const field::DestructionStatus& status);

}  // namespace satchel::cli
