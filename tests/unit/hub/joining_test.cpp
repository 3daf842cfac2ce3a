// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/unit/hub/company.h"

using namespace satchel;
using namespace satchel::hub_test;

namespace {

hub::Joining joining(const Company& company, const std::string& folder, const InvitationFile& invitation) {
  return {{company.folder.path() / folder}, "分部", {"127.0.0.1", 7441}, "127.0.0.1:7441", invitation};
}

}  // namespace

TEST_CASE("joining: an invitation works once, and a refusal leaves no trace", "[hub][joining]") {
  Company company;
  const auto invitation = company.invite_hub("深圳");
  const auto joined = must(hub::join_organisation(joining(company, "sz", invitation), company.clock, company.entropy));
  CHECK(joined.confirmed);
  CHECK(joined.branch == "深圳");
  CHECK(joined.statements > 5);
  const auto config = must(hub::read_config({company.folder.path() / "sz"}));
  CHECK(config.headquarters->hub == company.place(company.hq).hub);

  const auto again = hub::join_organisation(joining(company, "sz2", invitation), company.clock, company.entropy);
  REQUIRE_FALSE(again);
  CHECK(again.error().kind == ErrorKind::conflict);
  CHECK(again.error().code == "directory.token-used");
  CHECK(
      must(hub::join_organisation(joining(company, "sz2", company.invite_hub("深圳")), company.clock, company.entropy))
          .confirmed);
  CHECK(hub::join_organisation(joining(company, "sz", invitation), company.clock, company.entropy).error().code ==
        "hub.exists");
}

TEST_CASE("joining: when headquarters cannot be reached the same call goes on later", "[hub][joining]") {
  Company company;
  const auto invitation = company.invite_hub("深圳");
  company.hq.stop();
  const auto wishes = joining(company, "sz", invitation);
  const auto offline = hub::join_organisation(wishes, company.clock, company.entropy);
  REQUIRE_FALSE(offline);
  CHECK(offline.error().kind == ErrorKind::offline);
  const auto keys = must(load_identity_file(wishes.folder.identity())).id;
  company.hq.start();
  CHECK(must(hub::join_organisation(wishes, company.clock, company.entropy)).hub == keys);
}

TEST_CASE("joining: an answer that was lost does not use the invitation up", "[hub][joining]") {
  Company company;
  const auto wishes = joining(company, "sz", company.invite_hub("深圳"));
  const auto first = must(hub::join_organisation(wishes, company.clock, company.entropy));
  // As after a cut before the end: enrolled at headquarters, nothing of it known here.
  std::filesystem::remove(wishes.folder.config());
  const auto second = must(hub::join_organisation(wishes, company.clock, company.entropy));
  CHECK(second.hub == first.hub);
  CHECK(second.confirmed);
}

TEST_CASE("joining: an invitation for a person is not for a hub, nor is a forged one", "[hub][joining]") {
  Company company;
  auto invitation = company.invite_hub("深圳");
  invitation.token[0] ^= 1;
  const auto forged = hub::join_organisation(joining(company, "sz", invitation), company.clock, company.entropy);
  REQUIRE_FALSE(forged);
  CHECK(forged.error().code == "directory.bad-token");
  invitation.purpose = InvitePurpose::person;
  CHECK(hub::join_organisation(joining(company, "sz", invitation), company.clock, company.entropy).error().code ==
        "invite.wrong-purpose");
  CHECK_FALSE(std::filesystem::exists(company.folder.path() / "sz" / "hub.identity"));
}

TEST_CASE("joining: an impostor at headquarters' address gets nothing", "[hub][joining]") {
  Company company;
  auto invitation = company.invite_hub("深圳");
  invitation.hubs.front().tls_pin.bytes[0] ^= 1;
  const auto refused = hub::join_organisation(joining(company, "sz", invitation), company.clock, company.entropy);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::offline);
  CHECK(refused.error().code == "link.wrong-pin");
}
