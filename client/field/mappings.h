// SPDX-License-Identifier: AGPL-3.0-or-later
// How a file's columns go into fields, saved by name beside the vault (mappings.json), so that next month's file needs
// no thought. Column and field names, and values set for every row; nothing of any record. It lies in the clear like
// device.toml.
#pragma once

#include "client/field/device.h"
#include "client/field/import.h"

namespace satchel::field {

struct Mapping {
  std::string into;  // template; empty: customers
  ColumnMap map, set;
  std::string sheet, update_by;
  bool operator==(const Mapping&) const = default;
};

// not_found "import.no-such-mapping", with those there are; invalid "import.mappings-broken".
Result<Mapping> load_mapping(Device& device, std::string_view name);
// Replaces one of that name. usage "import.mapping-name"; storage "file.io".
Result<void> save_mapping(Device& device, const std::string& name, const Mapping& mapping);
Result<std::vector<std::string>> mapping_names(Device& device);

}  // namespace satchel::field
