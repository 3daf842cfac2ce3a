// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/directory/invitation.h"

#include <random>
#include <set>

#include "sync/directory/identity.h"
#include "tests/unit/directory/company.h"

using namespace satchel;

namespace {

InvitationFile sample(std::size_t hubs = 2) {
  SeededEntropy entropy(3);
  auto file = new_invitation(make_sign_keys(Secret32::random(entropy)).pub, entropy);
  file.org_name = "华兴食品股份有限公司";
  file.purpose = InvitePurpose::person;
  file.expiry = {1'790'000'000'000};
  for (std::size_t i = 0; i < hubs; ++i) {
    file.hubs.push_back({"sz-branch.huaxing.example:7441", random_id<NodeId>(entropy), random_id<Digest>(entropy)});
  }
  return file;
}

}  // namespace

TEST_CASE("invitation: comes back from the file and from the line alone", "[directory][invitation]") {
  const auto file = sample();
  const std::vector<std::string> notes{"华兴食品 邀请 甲", "expires 2026-09-21 18:13"};
  const auto printed = print_invitation(file, notes);
  REQUIRE(printed);
  CHECK(printed->starts_with("华兴食品 邀请 甲\nexpires"));
  CHECK(decode_invitation(*printed) == file);
  const auto line = encode_invitation(file);
  REQUIRE(line);
  CHECK(line->size() < kInvitationCodeMax);
  CHECK(decode_invitation(*line) == file);
  CHECK(line->find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ -:") ==
        std::string::npos);  // QR's dense alphabet
}

TEST_CASE("invitation: survives lower case, line breaks and mail quoting of spaces", "[directory][invitation]") {
  const auto file = sample();
  const auto line = *encode_invitation(file);
  std::string wrapped;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (i > 20 && i % 40 == 0) wrapped += "\r\n  ";
    wrapped.push_back(static_cast<char>(std::tolower(line[i])));
  }
  CHECK(decode_invitation("hello\n\n" + wrapped + "\n\n") == file);
}

TEST_CASE("invitation: any cut and any changed character is told as damage", "[directory][invitation]") {
  const auto line = *encode_invitation(sample());
  const std::size_t body = line.find(':') + 1;
  for (std::size_t n = body; n < line.size(); ++n)
    CHECK(decode_invitation(line.substr(0, n)).error().code == "invite.damaged");
  for (std::size_t i = body; i < line.size(); ++i) {
    auto changed = line;
    changed[i] = changed[i] == '7' ? '8' : '7';
    CHECK(decode_invitation(changed).error().code == "invite.damaged");
    changed[i] = 'U';  // not in the alphabet
    CHECK(decode_invitation(changed).error().code == "invite.damaged");
  }
  CHECK(decode_invitation(line + "0").error().code == "invite.damaged");
  CHECK(decode_invitation(line.substr(0, body - 1)).error().code == "invite.none");
  CHECK(decode_invitation("").error().code == "invite.none");
}

TEST_CASE("invitation: one that a phone could not read from a screen is not made", "[directory][invitation]") {
  auto file = sample(4);
  for (auto& hub : file.hubs) hub.address = std::string(100, 'a') + ":7441";
  CHECK(encode_invitation(file).error().code == "invite.too-large");
  file = sample(5);
  CHECK(encode_invitation(file).error().code == "invite.too-large");
  file = sample();
  file.org_name = "two\nlines";
  CHECK_FALSE(encode_invitation(file));
  CHECK(encode_invitation(sample(3)));
}

TEST_CASE("invitation: a newer version is told apart from damage", "[directory][invitation]") {
  Bytes body{2, 1, 2, 3};
  const auto check = hash("satchel invite", body);
  body.insert(body.end(), check.bytes.begin(), check.bytes.begin() + 8);
  CHECK(decode_invitation("SATCHEL-INVITE:" + base32(body)).error().code == "invite.newer-version");
}

TEST_CASE("invitation: the token key is bound to organisation and invite", "[directory][invitation]") {
  const auto file = sample();
  CHECK(token_keys(file).pub == token_keys(sample()).pub);
  auto other = file;
  other.invite.bytes[0] ^= 1;
  CHECK(token_keys(other).pub != token_keys(file).pub);
  other = file;
  other.org.bytes[0] ^= 1;
  CHECK(token_keys(other).pub != token_keys(file).pub);
  other = file;
  other.token[15] ^= 1;
  CHECK(token_keys(other).pub != token_keys(file).pub);
}

TEST_CASE("base32: goes both ways for every length, and has one spelling", "[directory]") {
  std::mt19937 random(1);
  for (std::size_t n = 0; n < 40; ++n) {
    Bytes bytes(n);
    for (auto& byte : bytes) byte = static_cast<Byte>(random());
    CHECK(unbase32(base32(bytes)) == bytes);
  }
  CHECK(base32(view("f")) == "CR");
  CHECK_FALSE(unbase32("CS"));   // the bits behind the last byte are not zero
  CHECK_FALSE(unbase32("CR0"));  // a digit that carries nothing
  CHECK_FALSE(unbase32("C*"));
}
