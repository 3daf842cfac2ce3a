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

int Program::explain(const Error& error) const { return explain(error, sentence(error, language)); }

int Program::explain(const Error& error, const std::string& said) const {
  std::cerr << "satcheld: " << said << std::endl;
  print({{"error", {{"code", error.code}, {"detail", error.detail}, {"message", said}}}});
  return static_cast<int>(exit_code(error.kind));
}

std::string time_text(WallTime time) {
  constexpr int kChina = 480;
  return time.ms == 0 ? "-" : format_time(time, kChina);
}

}  // namespace satchel::admin
