// SPDX-License-Identifier: AGPL-3.0-or-later
// A customer's card, or one record, as a page on paper (schema/exchange/card_html.h): noted first, as what showing it
// leaves behind and as a "print" of its own, then written into a new file that its owner alone can read, whole or not
// at all. Sensitive fields stand masked unless they are asked for. Refused: usage "export.no-purpose"; failed
// "file.exists"; storage "file.io"; and what writing the notes is refused with.
#pragma once

#include "client/field/customers.h"

namespace satchel::field {

struct Printing {
  std::string path, purpose;
  bool reveal = false;
};

struct Printed {
  std::size_t records = 0;
  std::size_t masked = 0;  // sensitive fields that are not on it
};

Result<Printed> print_customer(Book& book, CustomerCard card, const Printing& how);
Result<Printed> print_record(Book& book, ShownRecord record, const Printing& how);

// The page as it would be written of what is given, masked or not.
std::string customer_page(Book& book, const CustomerCard& card);
std::string record_page(Book& book, const ShownRecord& record);

}  // namespace satchel::field
