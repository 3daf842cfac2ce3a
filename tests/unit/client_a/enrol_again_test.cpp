// SPDX-License-Identifier: AGPL-3.0-or-later
// An enrolment that was cut short and is tried again. What a hub does with it is in tests/unit/node/session_test.cpp.
#include <catch2/catch.hpp>

#include "sync/holder/enrol.h"
#include "sync/holder/statements.h"
#include "tests/unit/vault/key_folder.h"

using namespace satchel;

namespace {

// By an invitation to a hub that is not there.
holder::Enrolling wishes(const std::filesystem::path& folder, Entropy& entropy) {
  const SignKeys root = make_sign_keys(Secret32::random(entropy));
  holder::Enrolling out;
  out.folder = folder;
  out.passphrase = "vier korrekte pferde";
  out.invitation = new_invitation(root.pub, entropy);
  out.invitation.org = org_id(root.pub);
  out.invitation.hubs = {{"127.0.0.1:9", random_id<NodeId>(entropy), random_id<Digest>(entropy)}};
  out.device_name = "phone";
  return out;
}

std::vector<Digest> said(holder::Device& device) {
  std::vector<Digest> out;
  const auto txn = device.replica().store().begin_read();
  const auto pending = node::all_pending(**txn);
  for (const auto& p : pending.value()) out.push_back(p.id);
  return out;
}

}  // namespace

TEST_CASE("enrol: cut short and tried again, the same keys say the same thing", "[client]") {
  // With new keys the token would be used up if the hub had heard of the first ones.
  start_crypto();
  const KeyFolder folder;
  SystemEntropy entropy;
  const auto wish = wishes(folder / "v", entropy);
  NodeId node;
  std::vector<Digest> words;
  {
    auto first = holder::enrol(wish);
    REQUIRE(first);
    CHECK_FALSE(first->reached);
    node = first->device->identity().id;
    words = said(*first->device);
    REQUIRE(words.size() == 1);
  }
  auto again = holder::enrol(wish);
  REQUIRE(again);
  CHECK(again->device->identity().id == node);
  CHECK(said(*again->device) == words);
}

TEST_CASE("enrol: cut before it had said anything, it says it now", "[client]") {
  start_crypto();
  const KeyFolder folder;
  SystemEntropy entropy;
  const auto wish = wishes(folder / "v", entropy);
  {
    auto first = holder::enrol(wish);
    REQUIRE(first);
    const auto words = said(*first->device);
    REQUIRE(first->device->replica().write(
        [&](WriteTxn& txn, node::Effects&) { return node::erase_pending(txn, words.at(0)); }));
  }
  auto again = holder::enrol(wish);
  REQUIRE(again);
  CHECK(said(*again->device).size() == 1);
}

TEST_CASE("enrol: another passphrase or another invitation does not take up what is there", "[client]") {
  start_crypto();
  const KeyFolder folder;
  SystemEntropy entropy;
  auto wish = wishes(folder / "v", entropy);
  REQUIRE(holder::enrol(wish));
  const auto other = holder::enrol(wishes(folder / "v", entropy));
  REQUIRE_FALSE(other);
  CHECK(other.error().code == "vault.exists");
  wish.passphrase = "drei falsche esel";
  const auto stranger = holder::enrol(wish);
  REQUIRE_FALSE(stranger);
  CHECK(stranger.error().code == "vault.wrong-passphrase");
}
