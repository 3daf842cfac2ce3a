// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/holder/exchange.h"

#include <catch2/catch.hpp>

#include "sync/holder/enrol.h"
#include "sync/holder/statements.h"
#include "tests/unit/vault/key_folder.h"

using namespace satchel;

namespace {

// An invitation to a hub that is not there: port 9 of loopback, where nobody listens.
InvitationFile invitation(Entropy& entropy) {
  const SignKeys root = make_sign_keys(Secret32::random(entropy));
  InvitationFile file = new_invitation(root.pub, entropy);
  file.org = org_id(root.pub);
  file.org_name = "华兴食品";
  file.hubs = {{"127.0.0.1:9", random_id<NodeId>(entropy), random_id<Digest>(entropy)}};
  return file;
}

holder::Enrolling exchange_wishes(const std::filesystem::path& folder, Entropy& entropy) {
  holder::Enrolling out;
  out.folder = folder;
  out.passphrase = "vier korrekte pferde";
  out.invitation = invitation(entropy);
  out.device_name = "phone";
  return out;
}

}  // namespace

TEST_CASE("exchange: without a hub in reach it is offline, names each hub, and what waits stays", "[client]") {
  start_crypto();
  const KeyFolder folder;
  SystemEntropy entropy;
  auto enrolled = holder::enrol(exchange_wishes(folder / "v", entropy));
  REQUIRE(enrolled);
  CHECK_FALSE(enrolled->reached);
  CHECK_FALSE(enrolled->confirmed);
  CHECK(enrolled->offline.code == "exchange.offline");
  const auto again = holder::exchange(*enrolled->device);
  REQUIRE_FALSE(again);
  CHECK(again.error().kind == ErrorKind::offline);
  CHECK(again.error().detail.find("127.0.0.1:9 link.refused") != std::string::npos);
  const auto txn = enrolled->device->replica().store().begin_read();
  REQUIRE(txn);
  const auto waiting = holder::waiting_statements(**txn, enrolled->device->identity().id);
  REQUIRE(waiting);
  REQUIRE(waiting->size() == 1);
  CHECK(waiting->front().kind == StatementKind::node_enrolled);
  // `status` tells of the failure.
  const auto last = holder::last_exchanges(**txn);
  REQUIRE(last);
  REQUIRE(last->size() == 1);
  CHECK(last->front().complete.ms == 0);
  CHECK(last->front().code == "link.refused");
}

TEST_CASE("enrol: an unconfirmed device says so with its fingerprint, also after it was opened again", "[client]") {
  start_crypto();
  const KeyFolder folder;
  SystemEntropy entropy;
  std::string fingerprint;
  {
    auto enrolled = holder::enrol(exchange_wishes(folder / "v", entropy));
    REQUIRE(enrolled);
    fingerprint = holder::fingerprint_of(*enrolled->device);
  }
  auto device = holder::Device::open(folder / "v", "vier korrekte pferde");
  REQUIRE(device);
  const auto completed = holder::complete_enrolment(**device);
  REQUIRE_FALSE(completed);
  CHECK(completed.error().code == "enrol.unconfirmed");
  CHECK(completed.error().detail == fingerprint);
}

TEST_CASE("enrol: refuses an invitation for something else, and a folder that holds a vault", "[client]") {
  start_crypto();
  const KeyFolder folder;
  SystemEntropy entropy;
  auto for_hub = exchange_wishes(folder / "v", entropy);
  for_hub.invitation.purpose = InvitePurpose::hub;
  const auto wrong = holder::enrol(for_hub);
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().code == "invite.wrong-purpose");
  CHECK_FALSE(std::filesystem::exists(folder / "v"));
  REQUIRE(holder::enrol(exchange_wishes(folder / "v", entropy)));
  const auto second = holder::enrol(exchange_wishes(folder / "v", entropy));
  REQUIRE_FALSE(second);
  CHECK(second.error().code == "vault.exists");
}

TEST_CASE("refusal: what the author may not say is a question of permission, the rest is not", "[client]") {
  CHECK(holder::refusal("directory.not-allowed", {}).kind == ErrorKind::permission);
  CHECK(holder::refusal("directory.two-persons", {}).kind == ErrorKind::permission);
  CHECK(holder::refusal("directory.name-taken", {}).kind == ErrorKind::failed);
}

TEST_CASE("stop: a request ends every wait, those that come after it too", "[client]") {
  holder::Stop stop;
  CHECK_FALSE(stop.wait(Millis{1}));
  stop.request();
  CHECK(stop.requested());
  CHECK(stop.wait(Millis{3'600'000}));
  CHECK(stop.wait(Millis{3'600'000}));
}
