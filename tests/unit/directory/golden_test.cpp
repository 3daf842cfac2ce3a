// SPDX-License-Identifier: AGPL-3.0-or-later
// The frozen bytes: golden.txt was computed from the layouts in docs/directory.md by another program.
#include <fstream>
#include <map>
#include <sstream>

#include "sync/directory/authority.h"
#include "sync/directory/identity.h"
#include "sync/directory/ordering.h"
#include "tests/unit/directory/samples.h"

using namespace satchel;

namespace {

struct Line {
  std::string word, name, bytes, why;
};

std::vector<Line> golden() {
  std::ifstream file("tests/unit/directory/golden.txt");
  REQUIRE(file.good());
  std::vector<Line> out;
  for (std::string text; std::getline(file, text);) {
    if (text.empty() || text[0] == '#') continue;
    Line line;
    std::istringstream words(text);
    words >> line.word >> line.name >> line.bytes;
    std::getline(words >> std::ws, line.why);
    if (line.bytes == "-") line.bytes.clear();
    out.push_back(line);
  }
  return out;
}

std::string golden(const std::string& word, const std::string& name) {
  for (const auto& line : golden()) {
    if (line.word == word && line.name == name) return line.bytes;
  }
  FAIL(word << " " << name << " is not in golden.txt");
  return {};
}

StatementKind kind_of(const std::string& name) {
  for (const auto& row : authority_table()) {
    if (row.name == name) return row.kind;
  }
  FAIL("no kind " << name);
  return {};
}

Statement sample_statement() {
  Statement s;
  s.kind = StatementKind::node_confirmed;
  s.org = id_of<OrgId>(0x11);
  s.by = id_of<NodeId>(0x12);
  s.person = id_of<PersonId>(0x13);
  s.seen = {1, 7};
  s.claimed = {1'790'000'000'000};
  s.nonce.fill(0x14);
  s.payload = encode_payload(payload::NodeConfirmed{id_of<NodeId>(0x41)});
  return s;
}

}  // namespace

TEST_CASE("directory: every kind's payload has its golden bytes", "[directory]") {
  std::size_t seen = 0;
  for (const auto& sample : samples()) {
    const std::string name(kind_name(sample.kind));
    INFO(name);
    CHECK(hex(sample.bytes) == golden("good", name));
    CHECK(through(sample.kind, sample.bytes) == sample.bytes);
    ++seen;
  }
  std::size_t effective = 0;
  for (const auto& row : authority_table()) effective += row.effective;
  CHECK(seen == effective);
}

TEST_CASE("directory: each golden payload that breaks its layout is refused", "[directory]") {
  std::map<std::string, int> by_kind;
  for (const auto& line : golden()) {
    if (line.word != "bad") continue;
    INFO(line.name << ": " << line.why);
    const auto decoded = decode_any(kind_of(line.name), unhex(line.bytes));
    REQUIRE_FALSE(decoded);
    CHECK(decoded.error().code == "directory.bad-payload");
    CHECK(decoded.error().detail == line.name);
    ++by_kind[line.name];
  }
  CHECK(by_kind.size() == samples().size());
}

TEST_CASE("directory: statement, order, head and names have their golden bytes", "[directory]") {
  const auto keys = make_sign_keys(Secret32::of(Bytes(32, 9)));
  const auto envelope = sign_statement(sample_statement(), SignerKind::node, keys);
  CHECK(hex(envelope.signed_bytes()) == golden("statement", "bytes"));
  CHECK(envelope.id().hex() == golden("statement", "id"));

  Ordered o{{1, 8}, id_of<Digest>(1), id_of<Digest>(2), id_of<Digest>(3), {1'790'000'000'000}, Scope::archive};
  CHECK(hex(encode(o)) == golden("ordered", "bytes"));
  CHECK(encode(o).size() == Ordered::kBytes);
  CHECK(order_hash(o).hex() == golden("ordered", "hash"));

  DirectoryHead head{id_of<OrgId>(0x11),  {1, 8},           id_of<Digest>(4),
                     {1'790'000'000'000}, id_of<NodeId>(5), id_of<Signature>(6)};
  CHECK(hex(encode(head)) == golden("head", "bytes"));
  CHECK(decode_head(encode(head)) == head);

  const auto org = id_of<OrgId>(0x11);
  CHECK(org_id(id_of<SignPublic>(0x51)).hex() == golden("org", "id"));
  CHECK(person_audience(org, id_of<PersonId>(0x21)).hex() == golden("audience", "person"));
  CHECK(managers_audience(org, id_of<BranchId>(0x31)).hex() == golden("audience", "branch_managers"));
  CHECK(hq_audience(org).hex() == golden("audience", "hq"));
  CHECK(everyone_audience(org).hex() == golden("audience", "everyone"));
  CHECK(audience_id(org, AudienceKind::pool, id_of<BranchId>(0x31).bytes).hex() == golden("audience", "pool"));
  CHECK(fingerprint(id_of<NodeId>(0x41), id_of<SignPublic>(0x51), id_of<BoxPublic>(0x52)) ==
        golden("fingerprint", "text"));
}

TEST_CASE("directory: an envelope's bytes are its own", "[directory]") {
  const auto keys = make_sign_keys(Secret32::of(Bytes(32, 9)));
  auto envelope = sign_statement(sample_statement(), SignerKind::node, keys);
  countersign(envelope, id_of<NodeId>(0x15), keys);
  const auto again = decode_envelope(envelope.encode());
  REQUIRE(again);
  CHECK(again->statement() == sample_statement());
  CHECK(again->id() == envelope.id());
  CHECK(again->digest() == envelope.digest());
  CHECK(again->signed_by(keys.pub));
  CHECK(again->countersigned_by(again->countersignatures().at(0), keys.pub));
  CHECK_FALSE(again->signed_by(make_sign_keys(Secret32::of(Bytes(32, 8))).pub));
  // The root's signature is not a node's, over the same bytes with the same key.
  CHECK(sign_statement(sample_statement(), SignerKind::root, keys).signature() != envelope.signature());
}

TEST_CASE("directory: every signature is made under its own permanent label", "[directory]") {
  const auto keys = make_sign_keys(Secret32::of(Bytes(32, 9)));
  const auto bytes = encode(sample_statement());
  const auto by = [&](SignerKind signer) { return sign_statement(sample_statement(), signer, keys).signature(); };
  CHECK(by(SignerKind::root) == sign(keys, "satchel stmtroot", bytes));
  CHECK(by(SignerKind::node) == sign(keys, "satchel stmtnode", bytes));
  CHECK(by(SignerKind::token) == sign(keys, "satchel stmt tok", bytes));
  auto envelope = sign_statement(sample_statement(), SignerKind::node, keys);
  countersign(envelope, id_of<NodeId>(1), keys);
  CHECK(envelope.countersignatures().at(0).signature == sign(keys, "satchel counter", envelope.id().view()));
  CHECK(envelope.digest() == hash("satchel envelope", envelope.encode()));
  DirectoryHead head{id_of<OrgId>(1), {1, 2}, id_of<Digest>(3), {4}, id_of<NodeId>(5), {}};
  sign_head(head, keys);
  CHECK(head.signature == sign(keys, "satchel dirhead", View(encode(head)).first(85)));
  payload::NodeEnrolled enrolled{id_of<InviteId>(1), id_of<SignPublic>(2), id_of<BoxPublic>(3), "A", {}, {}};
  prove_token(enrolled, id_of<OrgId>(4), keys);
  Writer claim;
  claim.raw(id_of<OrgId>(4).view()).raw(View(encode_payload(enrolled)).first(83));  // all but the proof
  CHECK(enrolled.token_proof == sign(keys, "satchel token", claim.bytes()));
}

TEST_CASE("directory: the fingerprint is compared as a person types it", "[directory]") {
  const auto a = fingerprint(id_of<NodeId>(1), id_of<SignPublic>(2), id_of<BoxPublic>(3));
  REQUIRE(a.size() == 29);
  std::string typed;
  for (const char c : a) {
    if (c != '-') typed.push_back(static_cast<char>(c == '0' ? 'o' : c == '1' ? 'l' : std::tolower(c)));
  }
  CHECK(same_fingerprint(a, typed));
  CHECK_FALSE(same_fingerprint(a, typed.substr(1)));
  CHECK_FALSE(same_fingerprint(a, fingerprint(id_of<NodeId>(1), id_of<SignPublic>(2), id_of<BoxPublic>(4))));
  CHECK_FALSE(same_fingerprint("", ""));
}
