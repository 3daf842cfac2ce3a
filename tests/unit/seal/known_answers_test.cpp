// SPDX-License-Identifier: AGPL-3.0-or-later
// Every line of tests/vectors/seal/known_answers.txt, which other implementations computed.
#include "tests/unit/seal/known_answers.h"

#include <functional>
#include <map>

#include "sync/seal/seal.h"

using namespace satchel;

namespace {

DomainLabel label_of(const std::string& word) {
  DomainLabel label("");
  if (word == "-") return label;
  for (std::size_t i = 0; i < word.size(); ++i) label.bytes.at(i) = static_cast<Byte>(word[i] == '_' ? ' ' : word[i]);
  return label;
}

std::string outcome(const Result<Bytes>& plain) {
  if (!plain) return plain.error().code;
  return plain->empty() ? "-" : hex(*plain);
}

std::string outcome(bool yes) { return yes ? "yes" : "no"; }

using Fields = std::vector<std::string>;

std::string hashed(const Fields& f) {
  std::vector<Bytes> parts;
  std::istringstream words(f[1]);
  for (std::string part; std::getline(words, part, ',');) parts.push_back(known_bytes(part));
  const DomainLabel label = label_of(f[0]);
  if (parts.size() == 1) return hash(label, parts[0]).hex();
  REQUIRE(parts.size() == 3);
  return hash(label, {parts[0], parts[1], parts[2]}).hex();
}

std::string stretched(const Fields& f) {
  StretchParams params{static_cast<std::uint32_t>(std::stoul(f[1])), static_cast<std::uint32_t>(std::stoul(f[2])), {}};
  const Bytes salt = known_bytes(f[3]);
  std::copy(salt.begin(), salt.end(), params.salt.begin());
  const Bytes passphrase = known_bytes(f[0]);
  const auto key = stretch(text(passphrase), params);
  return key ? hex(key->view()) : key.error().code;
}

Secret32 secret(const std::string& word) { return Secret32::of(known_bytes(word)); }

const std::map<std::string, std::function<std::string(const Fields&)>> kKinds{
    {"hash", hashed},
    {"key_id", [](const Fields& f) { return key_id(secret(f[0])).hex(); }},
    {"derive", [](const Fields& f) { return hex(derive(label_of(f[0]), secret(f[1]), known_bytes(f[2])).view()); }},
    {"sign",
     [](const Fields& f) {
       const SignKeys keys = make_sign_keys(secret(f[0]));
       return keys.pub.hex() + " " + sign(keys, label_of(f[1]), known_bytes(f[2])).hex();
     }},
    {"verify",
     [](const Fields& f) {
       return outcome(verify(*SignPublic::parse(f[0]), label_of(f[1]), known_bytes(f[2]), *Signature::parse(f[3])));
     }},
    {"open", [](const Fields& f) { return outcome(open(secret(f[0]), known_bytes(f[1]), known_bytes(f[2]))); }},
    {"box_pub", [](const Fields& f) { return make_box_keys(secret(f[0])).pub.hex(); }},
    {"unbox",
     [](const Fields& f) {
       return outcome(Unboxer(make_box_keys(secret(f[0]))).open(known_bytes(f[1]), known_bytes(f[2])));
     }},
    {"usable", [](const Fields& f) { return outcome(usable(*BoxPublic::parse(f[0]))); }},
    {"node_id", [](const Fields& f) { return node_id(*SignPublic::parse(f[0]), *BoxPublic::parse(f[1])).hex(); }},
    {"stretch", stretched},
};

}  // namespace

TEST_CASE("seal: known answers of other implementations, and the failures they name", "[seal]") {
  std::map<std::string, int> seen;
  for (const KnownAnswer& answer : read_known_answers("tests/vectors/seal/known_answers.txt")) {
    INFO(answer.line);
    REQUIRE(kKinds.contains(answer.kind));
    std::string expected = answer.expect.at(0);
    if (answer.expect.size() == 2) expected += " " + answer.expect[1];
    CHECK(kKinds.at(answer.kind)(answer.fields) == expected);
    ++seen[answer.kind];
  }
  CHECK(seen.size() == kKinds.size());
}
