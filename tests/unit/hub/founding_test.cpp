// SPDX-License-Identifier: AGPL-3.0-or-later
#include <sys/stat.h>

#include <fstream>

#include "server/hub/condition.h"
#include "server/hub/recovery_kit.h"
#include "sync/node/verify_log.h"
#include "tests/unit/hub/company.h"

using namespace satchel;
using namespace satchel::hub_test;

namespace {

std::string read(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

unsigned mode(const std::filesystem::path& file) {
  struct stat found{};
  REQUIRE(::stat(file.c_str(), &found) == 0);
  return found.st_mode & 0777;
}

struct Founder {
  SystemClock clock;
  SystemEntropy entropy;
  TempFolder folder;
  hub::HubFolder data{folder.path() / "hq"};
  hub::Founding wishes{data, "华兴食品", "总部", "管理员", {"127.0.0.1", 7440}, "hub.example.cn:7440"};
};

}  // namespace

TEST_CASE("founding: leaves a private folder whose root key is in the recovery kit alone", "[hub][founding]") {
  Founder f;
  const auto founded = must(hub::found_organisation(f.wishes, f.clock, f.entropy));
  CHECK(mode(f.data.root) == 0700);
  for (const auto& file : {f.data.config(), f.data.identity(), f.data.tls(), f.data.recovery_kit(),
                           f.data.first_admin(), f.data.reader()}) {
    CHECK(mode(file) == 0600);
  }
  const auto kit = must(hub::read_kit(read(f.data.recovery_kit())));
  CHECK(org_id(kit.root.pub) == founded.org);
  CHECK(kit.reserve_tls.find("PRIVATE KEY") != std::string::npos);
  const std::string seed(text(kit.root.seed.view()));
  for (const auto& file : {f.data.identity(), f.data.store() / "data.mdb", f.data.first_admin(), f.data.tls()}) {
    CHECK(read(file).find(seed) == std::string::npos);
  }
  CHECK_FALSE(std::filesystem::exists(f.data.root / "reserve.tls.pem"));
}

TEST_CASE("founding: says who leads, who is invited, and where the hub is", "[hub][founding]") {
  Founder f;
  const auto founded = must(hub::found_organisation(f.wishes, f.clock, f.entropy));
  const auto condition = must(hub::condition_of(f.data, f.clock, f.entropy));
  CHECK(condition.headquarters);
  CHECK(condition.confirmed);
  CHECK_FALSE(condition.running);
  CHECK(condition.org_name == "华兴食品");
  CHECK(condition.address == "hub.example.cn:7440");
  CHECK(condition.listen == "127.0.0.1:7440");
  CHECK(condition.persons == 1);
  CHECK(condition.directory == Position{1, 6});
  const auto admin = must(decode_invitation(read(f.data.first_admin())));
  CHECK(admin.org == founded.org);
  CHECK(admin.purpose == InvitePurpose::person);
  CHECK(admin.hubs.front() == InvitedHub{"hub.example.cn:7440", founded.hub, founded.tls_pin});
  CHECK(must(decode_invitation(read(f.data.reader()))).purpose == InvitePurpose::reader);
}

TEST_CASE("founding: touches nothing where a hub is already, whole or in part", "[hub][founding]") {
  Founder f;
  must(hub::found_organisation(f.wishes, f.clock, f.entropy));
  const auto before = read(f.data.identity());
  auto again = hub::found_organisation(f.wishes, f.clock, f.entropy);
  REQUIRE_FALSE(again);
  CHECK(again.error().kind == ErrorKind::conflict);
  CHECK(again.error().code == "hub.exists");
  std::filesystem::remove(f.data.config());
  again = hub::found_organisation(f.wishes, f.clock, f.entropy);
  REQUIRE_FALSE(again);
  CHECK(again.error().code == "hub.unfinished");
  CHECK(read(f.data.identity()) == before);
}

TEST_CASE("founding: refuses names and addresses nobody could use, and makes no folder", "[hub][founding]") {
  Founder f;
  f.wishes.org_name = "";
  CHECK(hub::found_organisation(f.wishes, f.clock, f.entropy).error().code == "hub.bad-name");
  f.wishes.org_name = "华兴食品";
  f.wishes.address = "nowhere";
  CHECK(hub::found_organisation(f.wishes, f.clock, f.entropy).error().code == "link.address");
  CHECK_FALSE(std::filesystem::exists(f.data.root));
}

TEST_CASE("recovery kit: names the line that was typed wrong", "[hub][founding]") {
  SystemEntropy entropy;
  const hub::RecoveryKit kit{"华兴食品", make_sign_keys(Secret32::random(entropy)), ""};
  std::string text = hub::print_kit(kit);
  CHECK(must(hub::read_kit(text)).root.pub == kit.root.pub);
  auto& digit = text[text.find("ROOT-3: ") + 8];
  digit = digit == '7' ? '8' : '7';
  const auto wrong = hub::read_kit(text);
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().code == "kit.line");
  CHECK(wrong.error().detail == "3");
  CHECK(hub::read_kit("nothing").error().code == "kit.none");
}

TEST_CASE("configuration: a misspelt key is told with its line, not passed over", "[hub][config]") {
  Founder f;
  must(hub::found_organisation(f.wishes, f.clock, f.entropy));
  CHECK(must(hub::read_config(f.data)).listen == HostPort{"127.0.0.1", 7440});
  std::ofstream(f.data.config(), std::ios::app) << "lisen = \"127.0.0.1:1\"\n";
  const auto wrong = hub::read_config(f.data);
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().code == "hub.config");
  CHECK(wrong.error().detail.find("lisen") != std::string::npos);
}

TEST_CASE("data folder: is served by one at a time", "[hub][config]") {
  Founder f;
  must(hub::found_organisation(f.wishes, f.clock, f.entropy));
  CHECK_FALSE(hub::ServeLock::held(f.data));
  {
    const auto lock = must(hub::ServeLock::take(f.data));
    CHECK(hub::ServeLock::held(f.data));
    CHECK(hub::ServeLock::take(f.data).error().code == "hub.running");
  }
  CHECK_FALSE(hub::ServeLock::held(f.data));
}
