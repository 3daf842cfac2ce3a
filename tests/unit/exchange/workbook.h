// SPDX-License-Identifier: AGPL-3.0-or-later
// Workbooks written by hand for the reader's tests: the parts that matter, with whatever a test wants in them.
#pragma once

#include <map>
#include <string>

#include "schema/base/bytes.h"

namespace satchel::test {

// A ZIP file of these members, in memory; packed by another of libzip's methods than its usual one if one is named.
Bytes zip_of(const std::map<std::string, std::string>& members, int method = -1);

// The members of a workbook of one sheet whose rows are `rows` (XML), to be changed and zipped.
std::map<std::string, std::string> workbook(const std::string& rows, const std::string& shared = {},
                                            const std::string& styles = {}, const std::string& properties = {});

Bytes read_file(const std::string& file);

}  // namespace satchel::test
