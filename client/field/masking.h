// SPDX-License-Identifier: AGPL-3.0-or-later
// Sensitive fields stand masked until somebody asks for them; asking leaves a reading record
// (sync/holder/reading_note.h), and so does opening a confidential archive by anybody but its owners.
#pragma once

#include "client/field/customers.h"

namespace satchel::field {

inline constexpr std::string_view kConfidentialField = "confidential";  // of the customer card

// How many filled fields of the record are sensitive.
std::size_t sensitive_fields(const ShownRecord& record);
// The same of all records on the card.
std::size_t sensitive_fields(const CustomerCard& card);
// Takes their values away and puts kMask in their place.
void mask(ShownRecord& record);
void mask(CustomerCard& card);
// Whether opening it has to be noted: it is confidential, and this person is none of its owners.
bool leaves_a_trace(Book& book, const CustomerCard& card);

}  // namespace satchel::field
