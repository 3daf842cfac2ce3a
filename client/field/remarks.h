// SPDX-License-Identifier: AGPL-3.0-or-later
// What is to be said beside a value, worked out when it is shown. A signature is a name somebody typed: the entry that
// carries it is signed by its author's device, so his own name is his signature, and any other was written down by him.
// An attachment field names a file; whether the record has it is seen only here, since files come after their record.
#pragma once

#include "client/field/history.h"

namespace satchel::field {

// "signed by 甲", "written down by 甲 for 王总", "names no attached file: a.pdf" in the book's language; empty where
// there is nothing to say, as of masked, cleared and struck-out values. Parts of groups are not looked at.
std::string remark_on(Book& book, const ShownRecord& record, const Field& field, const GivenValue& given);

// The names in an attachment field's value that no attached file of the record bears.
std::vector<std::string> unattached(const ShownRecord& record, const Field& field, const GivenValue& given);

}  // namespace satchel::field
