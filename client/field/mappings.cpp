// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/mappings.h"

#include <boost/json.hpp>
#include <fstream>
#include <iterator>

#include "sync/holder/disk_file.h"

namespace satchel::field {

namespace {

namespace json = boost::json;

constexpr const char* kFile = "mappings.json";
constexpr std::size_t kNameBytesMax = 100;

std::unexpected<Error> unreadable(const std::string& detail) {
  return fail(ErrorKind::invalid, "import.mappings-broken", detail);
}

Result<json::object> read_mappings(Device& device) {
  std::ifstream in(device.folder() / kFile, std::ios::binary);
  if (!in) return json::object{};
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  boost::system::error_code error;
  const auto value = json::parse(text, error);
  if (error || !value.is_object()) return unreadable(kFile);
  return value.get_object();
}

json::object pairs(const ColumnMap& map) {
  json::object out;
  for (const auto& [from, to] : map) out[from] = to;
  return out;
}

std::string text_of(const json::object& from, std::string_view key) {
  const auto* value = from.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

ColumnMap pairs_of(const json::object& from, std::string_view key) {
  ColumnMap out;
  const auto* value = from.if_contains(key);
  if (value == nullptr || !value->is_object()) return out;
  for (const auto& [name, to] : value->get_object()) {
    if (to.is_string()) out.emplace_back(std::string(name), std::string(to.get_string()));
  }
  return out;
}

}  // namespace

Result<Mapping> load_mapping(Device& device, std::string_view name) {
  SATCHEL_GET(all, read_mappings(device));
  const auto* found = all.if_contains(name);
  if (found == nullptr) {
    std::string known;
    for (const auto& [key, value] : all) known += (known.empty() ? "" : ", ") + std::string(key);
    return fail(ErrorKind::not_found, "import.no-such-mapping", std::string(name) + " (" + known + ")");
  }
  if (!found->is_object()) return unreadable(std::string(name));
  const auto& object = found->get_object();
  return Mapping{text_of(object, "into"), pairs_of(object, "map"), pairs_of(object, "set"), text_of(object, "sheet"),
                 text_of(object, "update_by")};
}

Result<void> save_mapping(Device& device, const std::string& name, const Mapping& mapping) {
  if (trim_blanks(name).empty() || name.size() > kNameBytesMax)
    return fail(ErrorKind::usage, "import.mapping-name", name);
  SATCHEL_GET(all, read_mappings(device));
  all[name] = json::object{{"into", mapping.into},
                           {"map", pairs(mapping.map)},
                           {"set", pairs(mapping.set)},
                           {"sheet", mapping.sheet},
                           {"update_by", mapping.update_by}};
  SATCHEL_GET(file, holder::AsideFile::make(device.folder() / kFile, device.entropy()));
  const std::string text = json::serialize(all) + "\n";
  SATCHEL_TRY(file.write(view(text)));
  return file.keep(true);
}

Result<std::vector<std::string>> mapping_names(Device& device) {
  SATCHEL_GET(all, read_mappings(device));
  std::vector<std::string> out;
  for (const auto& [name, value] : all) out.emplace_back(name);
  std::ranges::sort(out);
  return out;
}

}  // namespace satchel::field
