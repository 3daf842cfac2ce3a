// SPDX-License-Identifier: AGPL-3.0-or-later
#include "server/hub/service_unit.h"

#include "schema/wire/limits.h"
#include "tests/unit/hub/company.h"

using namespace satchel;
using namespace satchel::hub_test;

namespace {

std::string unit(std::string data, std::string user = "satchel", std::string program = "/usr/bin/satcheld") {
  const auto made = hub::service_unit({std::move(program), std::move(data), std::move(user)});
  return made ? *made : made.error().code;
}

bool has(const std::string& text, const std::string& line) {
  return text.find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("service unit: one folder may be written, and the limits are those the hub counts on", "[hub][unit]") {
  const auto text = unit("/srv/satchel/hq");
  CHECK(has(text, "ExecStart=\"/usr/bin/satcheld\" serve --data \"/srv/satchel/hq\""));
  CHECK(has(text, "ReadWritePaths=\"/srv/satchel/hq\""));
  CHECK(has(text, "ProtectSystem=strict"));
  CHECK(has(text, "ProtectHome=yes"));
  CHECK(has(text, "TimeoutStopSec=30s"));
  CHECK(has(text, "WatchdogSec=30s"));
  CHECK(has(text, "LimitNOFILE=65536"));
  CHECK(has(text, "LimitCORE=0"));
  CHECK(has(text, "CapabilityBoundingSet="));
  CHECK(has(unit("/home/a/hq"), "ProtectHome=read-only"));
}

TEST_CASE("service unit: names keep their meaning, whatever is in them", "[hub][unit]") {
  CHECK(has(unit("/srv/a b%h$x\"y\\z"), "ReadWritePaths=\"/srv/a b%%h$x\\\"y\\\\z\""));
  CHECK(unit("/srv/a b%h$x").find("--data \"/srv/a b%%h$$x\"") != std::string::npos);
  CHECK(unit("/srv/客户") != "unit.path");
  CHECK(unit("relative") == "unit.path");
  CHECK(unit("/srv/a\nUser=root") == "unit.path");
  CHECK(unit("/srv/a", "satchel", "bin/satcheld") == "unit.path");
  for (const char* user : {"", "Root", "0x", "a b", "a\nb", "root;", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"})
    CHECK(unit("/srv/a", user) == "unit.user");
}
