// SPDX-License-Identifier: AGPL-3.0-or-later
// The frozen bytes of entries, changes, batches and stamps. tests/vectors/model/vectors.txt was computed from
// schema/wire/wire.md by a program that shares no code with this one.
#include <functional>
#include <map>

#include "sync/model/batch.h"
#include "sync/model/change.h"
#include "sync/model/reconcile.h"
#include "tests/vectors/vectors.h"

using namespace satchel;

namespace {

const std::vector<vectors::Vector>& all() {
  static const auto loaded = vectors::load("model/vectors.txt");
  return loaded;
}
Bytes good(std::string_view kind, std::string_view name) { return vectors::find(all(), kind, name); }
std::string is(std::string_view name) { return hex(vectors::find(all(), "", name)); }

template <class AnyId>
AnyId id(Byte n) {
  AnyId out;
  out.bytes.fill(n);
  return out;
}

SignKeys keys() {
  Bytes seed(32);
  for (std::size_t i = 0; i < seed.size(); ++i) seed[i] = static_cast<Byte>(i);
  return make_sign_keys(Secret32::of(seed));
}

// Decodes and encodes again; a decoder may refuse, but never change what it takes.
using Codec = std::function<Result<Bytes>(View)>;
template <class T>
Result<Bytes> again(Result<T> decoded) {
  if (!decoded) return std::unexpected(decoded.error());
  return decoded->encode();
}
const std::map<std::string, Codec>& codecs() {
  static const std::map<std::string, Codec> table = {
      {"header",
       [](View b) -> Result<Bytes> {
         const auto h = Header::decode(b);
         if (!h) return std::unexpected(h.error());
         return copy(h->encode());
       }},
      {"opening", [](View b) { return again(Opening::decode(b)); }},
      {"wrap", [](View b) { return again(Wrap::decode(b)); }},
      {"change", [](View b) { return again(Change::decode(b)); }},
      {"batch", [](View b) { return again(Batch::decode(b)); }},
      {"stamp", [](View b) { return again(Stamp::decode(b)); }},
      {"packed", [](View b) { return unpack_body(b); }},
      {"reconcile",
       [](View b) -> Result<Bytes> {
         const auto m = decode_reconcile(b);
         if (!m) return std::unexpected(m.error());
         return encode(*m);
       }},
  };
  return table;
}

Header first_header() {
  Header h;
  h.chain = {id<NodeId>(0x21), 1};
  h.seq = 1;
  h.body_size = 64;
  h.directory = {1, 7};
  h.archive = id<ArchiveId>(0x11);
  h.body = body_hash(view("sealedsealedsealedsealedsealedsealedsealedsealedsealedsealed...."));
  h.clear = clear_hash(view("clear part"));
  return h;
}

Change visit() {
  Change c;
  c.hybrid = (1'795'000'000'000ull << 16) | 7;
  c.claimed = {1'795'000'000'000};
  c.mono = {-12};
  c.seen = {{{id<NodeId>(0x23), 1}, 8, {0, 1, 2, 3, 4, 5, 6, 7}}};
  const std::vector<Value> values = {{},
                                     Struck{},
                                     true,
                                     std::int64_t{-5},
                                     std::string("谈妥年度合同"),
                                     Decimal{1230, 2},
                                     Date{20779},
                                     WallTime{1'795'000'000'000},
                                     Ref{id<PersonId>(0x91).bytes},
                                     Bytes{0, 0xff},
                                     std::vector<std::string>{"王店长", ""}};
  RecordChange record{id<RecordId>(0x81), "visit", 2, {}};
  for (std::size_t i = 0; i < values.size(); ++i)
    record.ops.push_back({std::string("f").append(std::to_string(i)), values[i], {}});
  record.ops[4].replaces = {{{id<NodeId>(0x22), 3}, 300, 2}};
  c.records = {record, {id<RecordId>(0x82), "", 0, {}}};
  return c;
}

}  // namespace

TEST_CASE("golden: every good vector decodes and encodes to the same bytes", "[model][golden]") {
  for (const auto& v : all()) {
    if (v.word != "good" || v.kind == "packed") continue;
    INFO(v.kind << " " << v.name);
    const auto back = codecs().at(v.kind)(v.bytes);
    REQUIRE(back.has_value());
    CHECK(hex(*back) == hex(v.bytes));
  }
}

TEST_CASE("golden: every bad vector is refused by the name it is to be refused by", "[model][golden]") {
  std::size_t refused = 0;
  for (const auto& v : all()) {
    if (v.word != "bad") continue;
    INFO(v.kind << " " << v.name);
    const auto back = codecs().at(v.kind)(v.bytes);
    REQUIRE_FALSE(back.has_value());
    CHECK(back.error().code == v.code);
    CHECK(back.error().kind == ErrorKind::invalid);
    ++refused;
  }
  CHECK(refused > 60);
}

TEST_CASE("golden: every single byte of a header counts, in its hash or as a refusal", "[model][golden]") {
  const Bytes raw = good("header", "first");
  for (std::size_t at = 0; at < raw.size(); ++at) {
    Bytes changed = raw;
    changed[at] ^= 0x40;
    const auto decoded = Header::decode(changed);
    if (!decoded) continue;
    CHECK(header_hash(decoded->encode()).hex() != is("header-hash-first"));
  }
}

TEST_CASE("golden: a header says what its vector says", "[model][golden]") {
  const Header first = first_header();
  CHECK(hex(first.encode()) == hex(good("header", "first")));
  CHECK(header_hash(first.encode()).hex() == is("header-hash-first"));
  CHECK(first.body.hex() == is("body-hash"));
  CHECK(first.clear.hex() == is("clear-hash"));
  Header later = first;
  later.epoch = 3;
  later.seq = 1ull << 40;
  later.directory = {2, 1ull << 33};
  later.previous = header_hash(first.encode());
  later.clear = {};
  CHECK(hex(later.encode()) == hex(good("header", "later")));
  CHECK(header_hash(later.encode()).hex() == is("header-hash-later"));
  Header bodiless = later;
  bodiless.epoch = 0;
  bodiless.seq = 2;
  bodiless.directory = {1, 7};
  bodiless.body = {};
  bodiless.body_size = 0;
  CHECK(header_hash(bodiless.encode()).hex() == is("header-hash-no-body"));
  CHECK(body_hash({}).none());
  CHECK(clear_hash({}).none());
}

TEST_CASE("golden: the associated data is the header without its body hash", "[model][golden]") {
  const Header first = first_header();
  Bytes expected = good("header", "first");
  std::fill(expected.begin() + 72, expected.begin() + 104, Byte{0});
  CHECK(hex(associated_data(first)) == hex(expected));
}

TEST_CASE("golden: heads digest", "[model][golden]") {
  const std::vector<ChainHead> heads = {{{id<NodeId>(0x21), 1}, {1ull << 40, id<Digest>(5)}},
                                        {{id<NodeId>(0x22), 3}, {9, id<Digest>(6)}}};
  CHECK(heads_digest(heads).hex() == is("heads-digest"));
}

TEST_CASE("golden: an opening and its wraps say what their vectors say", "[model][golden]") {
  const Opening opening{ArchiveKind::customer,
                        id<BranchId>(0x31),
                        0,
                        id<KeyId>(0x41),
                        {id<PersonId>(0x51), id<PersonId>(0x52)},
                        {{id<AudienceId>(0x61), 2, id<Digest>(0x71)}}};
  CHECK(hex(opening.encode()) == hex(good("opening", "customer")));
  CHECK(Opening::decode(good("opening", "customer")).value() == opening);

  Wrap wrap{id<ArchiveId>(0x11), 4, id<AudienceId>(0x61), 2, id<KeyId>(0x41), {}, {}, {}};
  for (int i = 0; i < 104; ++i) wrap.box.push_back(static_cast<Byte>(i));
  CHECK(hex(wrap.encode()) == hex(good("wrap", "committed")));
  CHECK(hex(wrap.associated()) == is("wrap-associated"));
  CHECK(wrap_hash(wrap.encode()).hex() == is("wrap-hash-committed"));
  sign_wrap(wrap, id<NodeId>(0x21), keys());
  CHECK(hex(wrap.encode()) == hex(good("wrap", "signed")));
  CHECK(wrap_hash(wrap.encode()).hex() == is("wrap-hash-signed"));
  CHECK(verify_wrap(wrap, keys().pub));
}

TEST_CASE("golden: a wrap's signature covers everything it says", "[model][golden]") {
  const Wrap wrap = Wrap::decode(good("wrap", "signed")).value();
  const auto verifies = [&](auto change) {
    Wrap w = wrap;
    change(w);
    return verify_wrap(w, keys().pub);
  };
  CHECK(verifies([](Wrap&) {}));
  CHECK_FALSE(verifies([](Wrap& w) { w.archive.bytes[0] ^= 1; }));
  CHECK_FALSE(verifies([](Wrap& w) { ++w.epoch; }));
  CHECK_FALSE(verifies([](Wrap& w) { w.audience.bytes[0] ^= 1; }));
  CHECK_FALSE(verifies([](Wrap& w) { ++w.audience_epoch; }));
  CHECK_FALSE(verifies([](Wrap& w) { w.key.bytes[0] ^= 1; }));
  CHECK_FALSE(verifies([](Wrap& w) { w.box[0] ^= 1; }));
  CHECK_FALSE(verifies([](Wrap& w) { w.by.bytes[0] ^= 1; }));
  CHECK_FALSE(verifies([](Wrap& w) { w.signature.bytes[0] ^= 1; }));
}

TEST_CASE("golden: a change with every type of value says what its vector says", "[model][golden]") {
  CHECK(hex(visit().encode()) == hex(good("change", "visit")));
  CHECK(Change::decode(good("change", "visit")).value() == visit());
}

TEST_CASE("golden: a change of more operations than dots can count is refused", "[model][golden]") {
  Change c;
  for (int r = 0; r < 64; ++r) {
    RecordChange record{id<RecordId>(static_cast<Byte>(r)), "t", 1, {}};
    record.ops.assign(1024, {"f", {}, {}});
    c.records.push_back(record);
  }
  CHECK(Change::decode(c.encode()).error().code == "change.broken");
  c.records.back().ops.pop_back();
  CHECK(Change::decode(c.encode()).has_value());
}

TEST_CASE("golden: bodies unpack, also what another compressor packed", "[model][golden]") {
  CHECK(unpack_body(good("packed", "plain")).value() == good("change", "visit"));
  CHECK(text(unpack_body(good("packed", "zstd-raw")).value()) == "hello");
  CHECK(hex(pack_body(good("change", "visit"), false)) == hex(good("packed", "plain")));
}

TEST_CASE("golden: batch, stamp and their signatures", "[model][golden]") {
  const Batch batch{{id<NodeId>(0x21), 1}, 5, {1, 7}, {1'795'000'000'000}, {-3}, 9, 4, id<Digest>(0x55)};
  CHECK(hex(batch.encode()) == hex(good("batch", "four-leaves")));
  CHECK(batch_id(batch.encode()).hex() == is("batch-id"));
  const auto signed_batch = sign_batch(batch, keys());
  CHECK(signed_batch.signature.hex() == is("batch-signature"));
  CHECK(verify_batch(signed_batch, keys().pub));

  Stamp stamp{batch_id(batch.encode()), {id<NodeId>(0x25), 2}, {1'795'000'060'000}, {1, 8}, {}};
  CHECK(hex(stamp.encode()) == hex(good("stamp", "plain")));
  const auto signed_stamp = sign_stamp(stamp, keys());
  CHECK(signed_stamp.signature.hex() == is("stamp-signature"));
  CHECK(verify_stamp(signed_stamp, keys().pub));
  // One label may never pass for another.
  CHECK_FALSE(verify_batch(signed_stamp, keys().pub));
  CHECK_FALSE(verify_stamp(signed_batch, keys().pub));
  stamp.whole = true;
  CHECK(hex(stamp.encode()) == hex(good("stamp", "whole")));
  stamp.whole = false;
  stamp.restrictions = {id<Digest>(0x66), id<Digest>(0x67)};
  CHECK(hex(stamp.encode()) == hex(good("stamp", "restricted")));
}

TEST_CASE("golden: padded sizes", "[model][golden]") {
  for (const std::size_t n : {1, 64, 65, 1023, 1024, 1025, 1600, 4097, 65537, 262144}) {
    INFO(n);
    CHECK(hex(Writer().u32(static_cast<std::uint32_t>(padded_size(n))).bytes()) == is("padded-" + std::to_string(n)));
  }
}

TEST_CASE("golden: Merkle roots", "[model][golden]") {
  for (const std::uint32_t n : {1u, 2u, 3u, 5u, 8u, 1000u}) {
    std::vector<Digest> ends;
    for (std::uint32_t i = 0; i < n; ++i) ends.push_back(hash("satchel header", Writer().u32(i).bytes()));
    INFO(n);
    CHECK(merkle_root(ends).hex() == is("merkle-" + std::to_string(n)));
  }
}

TEST_CASE("golden: a range's fingerprint is one hash over its items", "[model][golden]") {
  const std::vector<ReconcileItem> items = {{id<ArchiveId>(0x11), id<Digest>(0x12)},
                                            {id<ArchiveId>(0x12), id<Digest>(0x13)}};
  CHECK(range_fingerprint(items).hex() == is("range-fingerprint"));
  CHECK(range_fingerprint(std::span(items).first(1)).hex() != is("range-fingerprint"));
}
