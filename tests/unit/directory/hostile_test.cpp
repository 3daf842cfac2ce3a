// SPDX-License-Identifier: AGPL-3.0-or-later
// Foreign bytes: whatever is cut or changed is refused, or is the one spelling of another value; nothing is read beyond
// its end or allocated beyond its limit.
#include <functional>
#include <random>

#include "sync/directory/invitation.h"
#include "sync/directory/limits.h"
#include "sync/directory/ordering.h"
#include "tests/unit/directory/samples.h"

using namespace satchel;

namespace {

Envelope sample_envelope() {
  const auto keys = make_sign_keys(Secret32::of(Bytes(32, 9)));
  Statement s;
  s.scope = Scope::archive;
  s.kind = StatementKind::owner_set;
  s.org = id_of<OrgId>(1);
  s.by = id_of<NodeId>(2);
  s.archive = id_of<ArchiveId>(3);
  s.payload = encode_payload(payload::OwnerSet{{id_of<PersonId>(4)}});
  auto envelope = sign_statement(s, SignerKind::node, keys);
  countersign(envelope, id_of<NodeId>(5), keys);
  return envelope;
}

using Through = std::function<std::optional<Bytes>(View)>;

// Cuts at every length, flips at every byte, random bytes.
void attack(const Bytes& good, const Through& pass) {
  REQUIRE(pass(good) == good);
  for (std::size_t n = 0; n < good.size(); ++n) CHECK_FALSE(pass(View(good).first(n)));
  Bytes longer = good;
  longer.push_back(0);
  CHECK_FALSE(pass(longer));
  std::mt19937 random(7);
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const int flip : {0x01, 0x80, 0xff, static_cast<int>(random() % 255 + 1)}) {
      Bytes changed = good;
      changed[i] = static_cast<Byte>(changed[i] ^ flip);
      const auto out = pass(changed);
      if (out && *out != changed) FAIL("two spellings at byte " << i);
    }
  }
  for (int round = 0; round < 2000; ++round) {
    Bytes noise(random() % (good.size() * 2));
    for (auto& byte : noise) byte = static_cast<Byte>(random());
    const auto out = pass(noise);
    if (out && *out != noise) FAIL("two spellings of noise");
  }
}

}  // namespace

TEST_CASE("directory: hostile payloads of every kind", "[directory][hostile]") {
  for (const auto& sample : samples()) {
    INFO(kind_name(sample.kind));
    if (sample.bytes.empty()) continue;  // nothing to bend
    attack(sample.bytes, [&](View bytes) { return through(sample.kind, bytes); });
  }
}

TEST_CASE("directory: hostile envelopes", "[directory][hostile]") {
  attack(sample_envelope().encode(), [](View bytes) -> std::optional<Bytes> {
    const auto envelope = decode_envelope(bytes);
    if (!envelope) return std::nullopt;
    // A newer version's statement is opaque; ours must encode to what was signed.
    if (envelope->statement().version == Statement::kVersion) {
      CHECK(equal(encode(envelope->statement()), envelope->signed_bytes()));
    }
    return envelope->encode();
  });
}

TEST_CASE("directory: hostile order records and heads", "[directory][hostile]") {
  const Ordered o{{1, 8}, id_of<Digest>(1), id_of<Digest>(2), id_of<Digest>(3), {5}, Scope::archive};
  attack(encode(o), [](View bytes) -> std::optional<Bytes> {
    const auto decoded = decode_ordered(bytes);
    if (!decoded) return std::nullopt;
    return encode(*decoded);
  });
  const DirectoryHead head{id_of<OrgId>(1), {1, 8}, id_of<Digest>(4), {5}, id_of<NodeId>(5), id_of<Signature>(6)};
  attack(encode(head), [](View bytes) -> std::optional<Bytes> {
    const auto decoded = decode_head(bytes);
    if (!decoded) return std::nullopt;
    return encode(*decoded);
  });
}

TEST_CASE("directory: a statement larger than its kind may be is refused", "[directory][hostile]") {
  Statement s = sample_envelope().statement();
  s.payload = Bytes(kPlainStatementBytesMax, 1);
  CHECK(decode_statement(encode(s)).error().code == "directory.bad-statement");
  s.kind = StatementKind::verdict;
  CHECK(decode_statement(encode(s)));
  s.kind = static_cast<StatementKind>(999);  // what a newer program may say is only bounded by the largest
  CHECK(decode_statement(encode(s)));
  s.payload = Bytes(kStatementBytesMax, 1);
  CHECK_FALSE(decode_statement(encode(s)));
  CHECK_FALSE(decode_envelope(Bytes(kEnvelopeBytesMax + 1, 0)));
}

TEST_CASE("directory: scope and archive of a statement agree", "[directory][hostile]") {
  Statement s = sample_envelope().statement();
  s.scope = Scope::organisation;
  CHECK_FALSE(decode_statement(encode(s)));
  s.archive = {};
  CHECK(decode_statement(encode(s)));
  s.scope = Scope::archive;
  CHECK_FALSE(decode_statement(encode(s)));
}

TEST_CASE("directory: names that would hide or reverse text on a terminal are refused", "[directory][hostile]") {
  for (const char* name : {"\x1b[2J",
                           "a\xe2\x80\xae"
                           "b",
                           "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x7f"}) {
    payload::BranchAdded said{id_of<BranchId>(1), name, ""};
    CHECK_FALSE(decode_payload<payload::BranchAdded>(encode_payload(said)));
  }
  payload::BranchAdded said{id_of<BranchId>(1), "深圳 𠮷 Ñandú", ""};
  CHECK(decode_payload<payload::BranchAdded>(encode_payload(said)));
}
