// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/records.h"

#include "schema/base/planted.h"
#include "sync/node/epochs.h"

namespace satchel::node {

bool may_correct(const Directory& directory, const PersonId& by, const PersonId& author) {
  if (by == author) return true;
  const Person* manager = directory.person(by);
  const Person* of = directory.person(author);
  if (manager == nullptr || of == nullptr) return false;
  const bool at_hq = manager->branch().none();
  if (manager->role() == Role::general_manager) return true;
  if (manager->role() == Role::archive_administrator && at_hq) return true;
  return manager->role() == Role::branch_manager && manager->branch() == of->branch();
}

merge::Resolved resolved(const Field& field, const merge::RecordState& state, const Directory& directory) {
  return merge::resolve(state, field.id, field.merge, field.permission,
                        [&](const PersonId& by, const PersonId& author) { return may_correct(directory, by, author); });
}

FieldMap values_in_force(const Template& form, const merge::RecordState& state, const Directory& directory) {
  FieldMap out;
  for (const auto& field : form.fields) {
    auto now = resolved(field, state, directory);
    if (!empty(now.value)) out.emplace(field.id, std::move(now.value));
  }
  fill_computed(form, out);
  return out;
}

Result<std::vector<StoredStamp>> RecordReader::stamps(Ordinal ordinal) {
  if (!run_ || ordinal < run_->first || ordinal >= run_->first + run_->count) {
    SATCHEL_GET(run, run_of(txn_, ordinal));
    run_ = run;
    stamps_.clear();
    if (run_) {
      SATCHEL_GET(found, stamps_of(txn_, run_->batch));
      stamps_ = std::move(found);
    }
  }
  return stamps_;
}

Result<Judgement> RecordReader::judge(const StoredArchive& info, const Header& header, Ordinal ordinal) {
  const auto access = access_of(info);
  // A verdict may have refused what was written before the right came back.
  if (!judge_.archive_facts().contains(info.id) &&
      judge_.right(header.chain.node, access, header.chain.incarnation) == WriteRight::now)
    return Judgement::in_force;
  SATCHEL_GET(all, stamps(ordinal));
  std::vector<StampView> views;
  for (const auto& s : all) views.push_back(stamp_view(s.stamp));
  return judge_.judge(header.chain.node, access, views, {header.chain.incarnation, header.seq});
}

namespace {

// By which the same of several stamps is the first for everybody.
auto arrival(const StoredStamp& s) { return std::tuple(s.stamp.directory, s.stamp.time, s.stamp.hub); }

}  // namespace

Result<OpenedEntry> RecordReader::open(const StoredArchive& info, Ordinal ordinal) {
  OpenedEntry out;
  SATCHEL_GET(entry, entry_at(txn_, ordinal));
  out.header = entry.header;
  if (entry.body.empty()) return fail(ErrorKind::not_found, "record.withheld");
  SATCHEL_GET(which, key_of_entry(txn_, info, entry.header));
  SATCHEL_GET(key, keyring_.epoch_key(txn_, directory_, info, which));
  SATCHEL_GET(change, open_body(entry.header, entry.body, key));
  out.change = std::move(change);
  SATCHEL_GET(judgement, judge(info, entry.header, ordinal));
  out.judgement = judgement;
  SATCHEL_GET(all, stamps(ordinal));
  auto& source = out.source;
  const KnownNode* node = directory_.node(entry.header.chain.node);
  source.chain = entry.header.chain;
  source.seq = entry.header.seq;
  source.person = node != nullptr ? node->person : PersonId{};
  source.hybrid = out.change.hybrid;
  source.claimed = source.effective = out.change.claimed;
  source.known = source.arrived = entry.header.directory;
  if (!all.empty()) source.arrived = std::ranges::min(all, {}, arrival).stamp.directory;
  for (const auto& s : all) {
    source.stamped = std::min(source.stamped.value_or(s.stamp.time), s.stamp.time);
    if (!SATCHEL_PLANTED(clock_beyond_stamp)) source.effective = std::min(source.effective, s.stamp.time + kStampGrace);
  }
  return out;
}

namespace {

void apply(const OpenedEntry& entry, const RecordId& record, merge::RecordState& state) {
  std::uint16_t op = 0;
  for (const auto& change : entry.change.records) {
    if (change.record == record) state.apply(entry.source, change, op);
    op = static_cast<std::uint16_t>(op + change.ops.size());
  }
}

}  // namespace

Result<RecordReader::Loaded> RecordReader::load(const StoredArchive& info, const RecordId& record,
                                                std::span<const Ordinal> ordinals) {
  Loaded loaded;
  for (const auto ordinal : ordinals) {
    auto opened = open(info, ordinal);
    if (!opened) {
      if (opened.error().kind == ErrorKind::storage) return std::unexpected(opened.error());
      ++loaded.unread;
      continue;
    }
    if (opened->judgement == Judgement::held) {
      ++loaded.held;
      loaded.held_entries.push_back(std::move(*opened));
      continue;
    }
    if (opened->judgement == Judgement::in_force) apply(*opened, record, loaded.state);
  }
  if (loaded.only_held()) {
    for (const auto& entry : loaded.held_entries) apply(entry, record, loaded.proposed);
  }
  return loaded;
}

Result<Reached> RecordReader::reached(Ordinal ordinal) {
  SATCHEL_GET(all, stamps(ordinal));
  Reached how_far = Reached::here_only;
  for (const auto& s : all) {
    const KnownNode* hub = directory_.node(s.stamp.hub.node);
    if (hub == nullptr) continue;
    how_far = std::max(how_far, hub->hq_hub ? Reached::headquarters : Reached::branch);
  }
  return how_far;
}

}  // namespace satchel::node
