// SPDX-License-Identifier: AGPL-3.0-or-later
#include "server/admin/program.h"

#include <boost/json/serialize.hpp>
#include <iostream>

namespace satchel::admin {

void Program::say(const std::string& line) const {
  if (!json && !quiet) std::cout << line << std::endl;
}

void Program::print(const boost::json::object& value) const {
  if (json) std::cout << boost::json::serialize(value) << std::endl;
}

int Program::explain(const Error& error) const {
  const int code = static_cast<int>(exit_code(error.kind));
  std::cerr << "satcheld: " << sentence(error, language) << std::endl;
  boost::json::object value;
  value["error"] = error.code;
  value["detail"] = error.detail;
  value["exit"] = code;
  print(value);
  return code;
}

}  // namespace satchel::admin
