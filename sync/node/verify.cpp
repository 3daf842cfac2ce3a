// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/base/planted.h"
#include "sync/blob/reference.h"
#include "sync/node/parcel.h"

namespace satchel::node {

namespace {

std::unexpected<Error> lie(const char* code, std::string detail = {}) {
  return fail(ErrorKind::integrity, code, std::move(detail));
}

// Rebuilds the header that an item stands for.
Result<NewEntry> rebuild(Header& header, const wire::Item& item, const wire::ItemExtra& extra) {
  if (extra.epoch) header.epoch = *extra.epoch;
  if (extra.directory) header.directory = *extra.directory;
  if (item.body.size() > kBodyBytesMax) return lie("parcel.body-too-large");
  if (!extra.withheld_body.none() && !item.body.empty()) return lie("parcel.item");
  header.body = extra.withheld_body.none() ? body_hash(item.body) : extra.withheld_body;
  header.body_size = extra.withheld_body.none() ? static_cast<std::uint32_t>(item.body.size()) : extra.withheld_size;
  header.clear = clear_hash(extra.clear);
  NewEntry entry;
  entry.raw = header.encode();
  entry.hash = header_hash(entry.raw);
  entry.clear = extra.clear;
  entry.body = item.body;
  return entry;
}

Result<VerifiedSegment> verify_segment(const wire::Segment& segment, const ChainId& author) {
  if (segment.entries.empty() || segment.first_seq == 0 || segment.previous.none() != (segment.first_seq == 1)) {
    return lie("parcel.segment");
  }
  VerifiedSegment out{segment.archive, segment.first_seq, segment.previous, {}, {}};
  Header header;
  header.archive = segment.archive;
  header.chain = author;
  header.epoch = segment.epoch;
  header.directory = segment.directory;
  header.previous = segment.previous;
  header.seq = segment.first_seq;
  out.entries.reserve(segment.entries.size());
  for (const auto& item : segment.entries) {
    SATCHEL_GET(extra, wire::decode_extra(item.extra));
    SATCHEL_GET(entry, rebuild(header, item, extra));
    if (blob::names_attachments(extra.clear)) {
      if (!blob::decode_references(extra.clear)) return lie("parcel.attachments");
    } else if (!extra.clear.empty()) {
      auto opening = Opening::decode(extra.clear);
      if (!opening) return lie("parcel.opening");
      out.openings.push_back({std::move(*opening), header.directory, header.seq});
    }
    header.previous = entry.hash;
    ++header.seq;
    out.entries.push_back(entry);
  }
  return out;
}

// Nobody keeps a stamp that is false, so whoever sends one has made it up; a hub may be too new for our directory.
Result<void> verify_stamps(const wire::Parcel& parcel, const KeyLookup& hub_key, VerifiedParcel& out) {
  for (const auto& signed_view : parcel.stamps) {
    auto stamp = Stamp::decode(signed_view.bytes);
    if (!stamp || stamp->batch != out.id) return lie("parcel.stamp");
    const SignPublic* key = hub_key(stamp->hub.node);
    if (key == nullptr) {
      out.strange_stamps = true;
      continue;
    }
    SignedBytes bytes{copy(signed_view.bytes), signed_view.signature};
    if (!verify_stamp(bytes, *key) && !SATCHEL_PLANTED(stamp_unchecked))
      return lie("parcel.stamp", stamp->hub.node.hex());
    out.stamps.push_back({std::move(*stamp), std::move(bytes)});
  }
  return {};
}

Result<std::vector<Digest>> read_proof(View bytes) {
  if (bytes.size() % Digest::size != 0) return lie("parcel.proof");
  std::vector<Digest> proof;
  for (std::size_t at = 0; at < bytes.size(); at += Digest::size)
    proof.push_back(Digest::of(bytes.subspan(at, Digest::size)));
  return proof;
}

}  // namespace

std::vector<VerifiedWrap> verify_wraps(std::span<const View> wraps, const KeyLookup& key) {
  std::vector<VerifiedWrap> out;
  for (const View bytes : wraps) {
    auto wrap = Wrap::decode(bytes);
    if (!wrap) continue;
    if (!wrap->by.none()) {
      const SignPublic* maker = key(wrap->by);
      if (maker == nullptr || !verify_wrap(*wrap, *maker)) continue;
    }
    out.push_back({std::move(*wrap), bytes, wrap_hash(bytes)});
  }
  return out;
}

Result<VerifiedParcel> verify_parcel(const wire::Parcel& parcel, const KeyLookup& author_key,
                                     const KeyLookup& hub_key) {
  VerifiedParcel out;
  auto batch = Batch::decode(parcel.batch.bytes);
  if (!batch) return lie("parcel.batch");
  out.batch = *batch;
  const SignPublic* key = author_key(out.batch.author.node);
  if (key == nullptr) return fail(ErrorKind::not_found, "parcel.unknown-author", out.batch.author.node.hex());
  out.signed_bytes = {copy(parcel.batch.bytes), parcel.batch.signature};
  if (!verify_batch(out.signed_bytes, *key) && !SATCHEL_PLANTED(signature_unchecked))
    return lie("parcel.bad-signature");
  out.id = batch_id(out.signed_bytes.bytes);

  std::size_t entries = 0;
  std::size_t bytes = 0;
  for (const auto& segment : parcel.chains) {
    SATCHEL_GET(verified, verify_segment(segment, out.batch.author));
    entries += verified.entries.size();
    for (const auto& e : verified.entries) bytes += frame_bytes(e);
    out.leaves.push_back({segment.leaf, verified.entries.back().hash});
    out.segments.push_back(std::move(verified));
  }
  if (entries > out.batch.entries) return lie("parcel.count");
  if (bytes > kBatchBytesMax) return lie("parcel.too-large");
  if (!out.segments.empty()) {
    SATCHEL_GET(proof, read_proof(parcel.proof));
    out.proof = std::move(proof);
    std::ranges::sort(out.leaves, {}, &KnownLeaf::index);
    const auto root = merkle_root_from(out.batch.leaves, out.leaves, out.proof);
    if (!root || (*root != out.batch.root && !SATCHEL_PLANTED(root_unchecked))) return lie("parcel.root");
  }
  SATCHEL_TRY(verify_stamps(parcel, hub_key, out));
  out.wraps = verify_wraps(parcel.wraps, author_key);
  return out;
}

}  // namespace satchel::node
