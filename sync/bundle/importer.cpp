// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/bundle/importer.h"

#include "sync/bundle/export.h"
#include "sync/bundle/limits.h"

namespace satchel::bundle {

void Imported::add(const Imported& other) {
  for (const auto count :
       {&Imported::received, &Imported::known, &Imported::held, &Imported::rejected, &Imported::gaps, &Imported::later,
        &Imported::forks, &Imported::passed_over, &Imported::statements, &Imported::handed_in,
        &Imported::refused_statements, &Imported::stamps, &Imported::wraps, &Imported::acknowledged, &Imported::chunks,
        &Imported::attachments, &Imported::chunks_refused, &Imported::pages_unkept}) {
    this->*count += other.*count;
  }
}

Result<PartReader> look_at(const std::filesystem::path& file) {
  SATCHEL_GET(reader, PartReader::open(file));
  SATCHEL_TRY(reader.check());
  return std::move(reader);
}

Result<Imported> import_part(node::Replica& replica, const std::filesystem::path& file) {
  SATCHEL_TRY(replica.refresh());
  SATCHEL_GET(reader, PartReader::open(file));
  const NodeId from = reader.header().from.node;
  auto done = Importer(replica, std::move(reader)).run();
  if (!done && done.error().code == node::kDirectoryFork) {
    // The sender's word: its file is the evidence.
    node::DirectoryFork fork{replica.directory()->position(), from, replica.clock().wall(), {}, {}};
    SATCHEL_TRY(replica.write([&](WriteTxn& txn, node::Effects&) { return node::note_directory_fork(txn, fork); }));
  }
  return done;
}

std::vector<FileOutcome> import_files(node::Replica& replica, const std::vector<std::string>& files) {
  struct Place {
    std::string file;
    std::tuple<NodeId, std::uint32_t, std::uint64_t, std::uint32_t> order{};
  };
  std::vector<Place> places;
  for (const auto& file : files) {
    Place place{file};
    if (const auto reader = PartReader::open(file)) {
      const Header& h = reader->header();
      place.order = {h.from.node, h.from.incarnation, h.number, h.part};
    }
    places.push_back(std::move(place));
  }
  std::ranges::stable_sort(places, {}, &Place::order);
  std::vector<FileOutcome> out;
  for (const auto& place : places) out.push_back({place.file, import_part(replica, place.file)});
  return out;
}

Result<Imported> Importer::run() {
  out_.header = reader_.header();
  SATCHEL_TRY(check_header());
  SATCHEL_TRY(check_sender());
  SATCHEL_TRY(reader_.check());
  SATCHEL_GET(fresh, begin());
  if (fresh) {
    const auto& self = replica_.self().identity;
    SATCHEL_GET(key, open_key(reader_.header(), self.id, self.box));
    reader_.use_key(key);
    const bool early = reader_.header().part > taken_.applied + 1;
    SATCHEL_TRY(early ? keep_early() : take_chunks());
  }
  // Whichever part it is: a program that was ended in the middle left its turn to the next.
  SATCHEL_TRY(take_waiting_parts());
  if (taken_.applied == taken_.parts && !taken_.complete) SATCHEL_TRY(finish());
  out_.seen_before = !fresh;
  out_.complete = taken_.complete;
  out_.missing = taken_.missing();
  return std::move(out_);
}

// ---- who may ----

Result<void> Importer::check_header() {
  const Header& h = reader_.header();
  const auto& self = replica_.self();
  if (h.org != self.org) return fail(ErrorKind::integrity, "bundle.other-organisation", h.org.hex());
  const bool ours = std::ranges::find(h.boxes, self.identity.id, &KeyBox::node) != h.boxes.end();
  if (!ours) return fail(ErrorKind::permission, "bundle.not-for-us", name_of(*replica_.directory(), h.to));
  return {};
}

Result<void> Importer::check_sender() {
  const Header& h = reader_.header();
  const auto directory = replica_.directory();
  const KnownNode* sender = directory->node(h.from.node);
  if (sender == nullptr) return fail(ErrorKind::not_found, "bundle.unknown-sender", h.from.node.hex());
  out_.sender = name_of(*directory, h.from.node);
  if (!reader_.signed_by(sender->sign)) return fail(ErrorKind::integrity, "bundle.bad-signature", out_.sender);
  if (sender->state() == NodeState::enrolled)
    return fail(ErrorKind::permission, "bundle.sender-unconfirmed", out_.sender);
  // Whoever left may still hand in work to a hub, which judges it; nobody else takes anything from there.
  if (sender->state() == NodeState::revoked) {
    if (!is_hub()) return fail(ErrorKind::permission, "bundle.sender-revoked", out_.sender);
    standing_counts_ = false;
  }
  from_hub_ = sender->kind == NodeKind::hub;
  pushed_ = is_hub() && !sender->hq_hub;
  return {};
}

// Whether there is anything left to do.
Result<bool> Importer::begin() {
  const Header& h = reader_.header();
  SATCHEL_TRY(replica_.write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
    SATCHEL_GET(no, node::node_no(txn, h.from.node));
    source_ = {no, h.from.incarnation, h.number};
    SATCHEL_GET(before, taken(txn, source_));
    if (before && before->id == h.id) {
      taken_ = std::move(*before);
    } else if (before) {
      // Two bundles under one number: a sender that was set back without starting a new life.
      return fail(ErrorKind::integrity, "bundle.other-number", std::to_string(h.number));
    } else {
      taken_ = {};
      taken_.id = h.id;
      taken_.parts = h.parts;
      SATCHEL_TRY(put_taken(txn, source_, taken_));
    }
    SATCHEL_GET(all, taken_from(txn, no));
    for (const auto& [source, other] : all) {
      const bool later = std::pair(source.incarnation, source.number) > std::pair(h.from.incarnation, h.number);
      out_.older = out_.older || (later && other.complete);
    }
    if (from_hub_) {
      SATCHEL_GET(life, node::hub_incarnation(txn, h.from.node));
      if (life < h.from.incarnation) SATCHEL_TRY(node::put_hub_incarnation(txn, h.from.node, h.from.incarnation));
    }
    return {};
  }));
  if (taken_.parts != h.parts) return fail(ErrorKind::integrity, "bundle.damaged", "parts");
  return !taken_.have.contains(h.part);
}

// ---- parts ----

// Before its turn: kept as it is, in the store.
Result<void> Importer::keep_early() {
  const auto part = reader_.header().part;
  SATCHEL_TRY(reader_.skip_to(taken_.begun[part]));
  for (;;) {
    SATCHEL_GET(records, reader_.next());
    SATCHEL_TRY(replica_.write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
      if (records) {
        for (const auto& r : *records)
          SATCHEL_TRY(put_waiting(txn, Waits::part, source_, part, static_cast<std::uint8_t>(r.kind), r.bytes));
        taken_.begun[part] = reader_.at();
      } else {
        taken_.begun.erase(part);
        taken_.have.insert(part);
      }
      return put_taken(txn, source_, taken_);
    }));
    if (!records) return {};
  }
}

Result<void> Importer::take_chunks() {
  const auto part = reader_.header().part;
  SATCHEL_TRY(reader_.skip_to(taken_.begun[part]));
  for (;;) {
    SATCHEL_GET(records, reader_.next());
    const bool end = !records || reader_.at() == reader_.header().chunks;
    Items items;
    if (records) {
      for (const auto& r : *records) {
        SATCHEL_GET(item, prepare(r.kind, copy(r.bytes)));
        items.push_back(std::move(item));
      }
    }
    SATCHEL_TRY(take(std::move(items), [&](WriteTxn& txn, node::Effects&) -> Result<void> {
      taken_.begun[part] = reader_.at();
      if (end) {
        taken_.begun.erase(part);
        taken_.have.insert(part);
        taken_.applied = part;
      }
      return put_taken(txn, source_, taken_);
    }));
    if (end) return {};
  }
}

Result<void> Importer::take_waiting_parts() {
  while (taken_.have.contains(taken_.applied + 1)) SATCHEL_TRY(take_waiting_part(taken_.applied + 1));
  return {};
}

Result<void> Importer::take_waiting_part(std::uint32_t part) {
  std::vector<Waiting> rows;
  {
    SATCHEL_GET(txn, replica_.store().begin_read());
    SATCHEL_GET(all, waiting(*txn, Waits::part, source_));
    for (auto& row : all) {
      if (row.part == part) rows.push_back(std::move(row));
    }
  }
  for (std::size_t at = 0; at < rows.size();) {
    Items items;
    std::size_t bytes = 0;
    SATCHEL_GET(txn, replica_.store().begin_read());
    for (; at < rows.size() && bytes < kChunkBytes; ++at) {
      SATCHEL_GET(frame, waiting_bytes(*txn, rows[at]));
      bytes += frame.size();
      SATCHEL_GET(item, prepare(static_cast<RecordKind>(rows[at].kind), std::move(frame)));
      item.waited = rows[at];
      items.push_back(std::move(item));
    }
    txn.reset();
    SATCHEL_TRY(take(std::move(items), {}));
  }
  return replica_.write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
    taken_.applied = part;
    return put_taken(txn, source_, taken_);
  });
}

Result<Importer::Item> Importer::prepare(RecordKind kind, Bytes bytes) {
  Item item;
  item.kind = kind;
  item.bytes = std::move(bytes);
  if (kind == RecordKind::acknowledgement) return item;
  if (kind != RecordKind::frame) return fail(ErrorKind::invalid, "bundle.newer", "record");
  SATCHEL_GET(received, wire::Received::decode(item.bytes));
  item.received = std::move(received);
  return item;
}

// What comes after statements may need their people and keys, so those are published first.
Result<void> Importer::take(Items items, const Step& last) {
  Items step;
  bool directory = false;
  for (auto& item : items) {
    const bool is_run =
        item.kind == RecordKind::frame && std::holds_alternative<wire::DirectoryRun>(item.received.frame());
    if (is_run != directory && !step.empty()) {
      SATCHEL_TRY(take_step(step, {}));
      step.clear();
    }
    directory = is_run;
    step.push_back(std::move(item));
  }
  return take_step(step, last);
}

Result<void> Importer::take_step(Items& items, const Step& after) {
  for (auto& item : items) SATCHEL_TRY(verify(item));
  const Taken before = taken_;
  auto written = replica_.write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
    step_ = {};
    for (auto& item : items) {
      SATCHEL_TRY(take_item(txn, effects, item));
      if (item.waited) SATCHEL_TRY(erase_waiting(txn, *item.waited));
    }
    return after ? after(txn, effects) : put_taken(txn, source_, taken_);
  });
  if (!written) {
    taken_ = before;
    return written;
  }
  out_.add(step_);
  return {};
}

Result<void> Importer::verify(Item& item) {
  if (item.kind != RecordKind::frame) return {};
  if (const auto* parcel = std::get_if<wire::Parcel>(&item.received.frame())) {
    auto verified = node::verify_parcel(*parcel, replica_.author_keys(), replica_.hub_keys());
    if (!verified && verified.error().code == "parcel.unknown-author") {
      item.unknown_author = batch_id(parcel->batch.bytes);
      return {};
    }
    if (!verified) return std::unexpected(verified.error());
    item.parcel = std::move(*verified);
  }
  if (const auto* wraps = std::get_if<wire::Wraps>(&item.received.frame()))
    item.wraps = node::verify_wraps(wraps->wraps, replica_.author_keys());
  return {};
}

}  // namespace satchel::bundle
