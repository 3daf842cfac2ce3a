// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/held.h"

#include <set>

#include "sync/directory/limits.h"

namespace satchel::field {

namespace {

std::vector<std::pair<std::string, std::string>> words_of(Book& book, const Change& change) {
  std::vector<std::pair<std::string, std::string>> out;
  const auto names = book.names();
  for (const auto& record : change.records) {
    const Template* form = book.catalogue().find_template(record.type);
    for (const auto& op : record.ops) {
      if (op.field == blob::kField) {
        out.emplace_back(attachment_word(book, op), std::string{});
        continue;
      }
      const Field* field = form != nullptr ? form->field(op.field) : nullptr;
      out.emplace_back(field != nullptr ? field->label.in(book.lang()) : op.field,
                       field != nullptr ? format_field(*field, op.value, book.lang(), &names) : format_value(op.value));
    }
  }
  return out;
}

// One statement an archive, of single entries: an admitted one says nothing of its neighbours.
Result<Digest> propose(Book& book, const ArchiveId& archive, const std::vector<const HeldEntry*>& entries,
                       VerdictChoice choice, const std::string& reason) {
  payload::Verdict verdict;
  verdict.choice = choice;
  for (const auto* entry : entries) {
    const auto& header = entry->event.header;
    verdict.ranges.push_back({header.chain.node, header.chain.incarnation, header.seq, header.seq});
  }
  auto& device = book.device();
  const auto directory = device.directory();
  {
    SATCHEL_GET(reading, book.read());
    SATCHEL_GET(info, book.archive(reading->txn(), archive));
    SATCHEL_GET(sealed, device.keyring().seal_text(reading->txn(), *directory, info, reason));
    verdict.reason = std::move(sealed);
  }
  // Asked of our own copy first, so that a person hears no at once.
  const Speaker speaker{directory->org(), device.identity().id, book.me(), directory->position(),
                        device.clock().wall()};
  const auto trial = make_statement(speaker, device.identity().sign, verdict, device.entropy(), archive);
  if (auto allowed = directory->check(trial, device.clock().wall()); !allowed) {
    return std::unexpected(holder::refusal(allowed.error().code, allowed.error().detail));
  }
  return device.propose(verdict, archive);
}

}  // namespace

Result<std::vector<HeldEntry>> list_held(Book& book) {
  SATCHEL_TRY(book.refresh());
  SATCHEL_GET(reading, book.read());
  SATCHEL_GET(waiting, book.device().deriver().waiting(reading->txn()));
  std::vector<HeldEntry> out;
  std::set<node::Ordinal> seen;  // an entry may touch several records
  for (const auto& w : waiting) {
    SATCHEL_GET(info, node::archive_info(reading->txn(), w.archive));
    SATCHEL_GET(index, node::record_index(reading->txn(), w.archive, w.record));
    if (!info || !index) continue;
    for (const auto ordinal : index->ordinals) {
      if (seen.contains(ordinal)) continue;
      const auto opened = reading->reader().open(*info, ordinal);
      if (!opened || opened->judgement != Judgement::held) continue;
      seen.insert(ordinal);
      SATCHEL_GET(event, event_at(book, *reading, *info, ordinal));
      out.push_back({info->id, book.archive_name(info->id), std::move(event), words_of(book, opened->change)});
    }
  }
  std::ranges::sort(out, {}, [](const HeldEntry& e) { return e.event.ordinal; });
  return out;
}

namespace {

// Where a time was over stands another statement than the grant that ran out.
Restriction restriction_at(const ReadTxn& txn, const satchel::Said& said) {
  Restriction out{said, {}, false, {}, {}};
  const auto record = node::record_at(txn, said.at);
  const auto ordered = record ? decode_ordered(record->ordered) : std::unexpected(record.error());
  if (!ordered) return out;
  out.time = ordered->hub_time;
  out.ran_out = ordered->statement != said.statement;
  if (out.ran_out) out.kind = StatementKind::grant;
  const auto envelope = decode_envelope(record->envelope);
  if (out.ran_out || !envelope) return out;
  out.kind = envelope->statement().kind;
  out.by = envelope->statement().person;
  return out;
}

Result<void> tell_stamps(holder::Reading& reading, HeldShown& out) {
  SATCHEL_GET(stamps, reading.reader().stamps(out.entry.event.ordinal));
  for (const auto& s : stamps) {
    const KnownNode* hub = reading.directory().node(s.stamp.hub.node);
    HeldShown::Taken taken{hub != nullptr ? hub->name : holder::short_id(s.stamp.hub.node), s.stamp.time,
                           s.stamp.directory, false};
    if (out.restriction) {
      const auto& said = out.restriction->said;
      taken.knew = s.stamp.directory >= said.at ||
                   std::ranges::find(s.stamp.restrictions, said.statement) != s.stamp.restrictions.end();
    }
    out.stamps.push_back(std::move(taken));
  }
  return {};
}

Result<void> count_others(Book& book, holder::Reading& reading, const node::StoredArchive& info, HeldShown& out) {
  const auto& event = out.entry.event;
  SATCHEL_GET(heads, node::heads_of(reading.txn(), info.no));
  for (const auto& head : heads) {
    const KnownNode* node = reading.directory().node(head.chain.chain.node);
    if (node == nullptr || node->person != event.person) continue;
    SATCHEL_GET(ordinals, node::chain_after(reading.txn(), head, 0));
    for (const auto ordinal : ordinals) {
      if (ordinal == event.ordinal) continue;
      SATCHEL_GET(entry, node::entry_at(reading.txn(), ordinal));
      SATCHEL_GET(judgement, reading.reader().judge(info, entry.header, ordinal));
      out.in_force += judgement == Judgement::in_force;
      out.held += judgement == Judgement::held;
      out.refused += judgement == Judgement::refused;
    }
  }
  SATCHEL_GET(all, list_held(book));
  out.held_elsewhere = static_cast<std::size_t>(std::ranges::count_if(all, [&](const HeldEntry& other) {
    return other.archive != out.entry.archive && other.event.person == event.person;
  }));
  return {};
}

}  // namespace

Result<HeldShown> show_held(Book& book, const std::string& id) {
  SATCHEL_GET(all, list_held(book));
  std::vector<HeldEntry*> found;
  for (auto& entry : all) {
    if (id.size() >= 4 && entry.event.hash.hex().starts_with(id)) found.push_back(&entry);
  }
  if (found.empty()) return fail(ErrorKind::not_found, "held.none", id);
  if (found.size() > 1) return fail(ErrorKind::conflict, "held.ambiguous", id);
  HeldShown out;
  out.entry = std::move(*found.front());
  SATCHEL_GET(reading, book.read());
  const auto& directory = reading->directory();
  const NodeId& author = out.entry.event.header.chain.node;
  SATCHEL_GET(info, book.archive(reading->txn(), out.entry.archive));
  if (const KnownNode* node = directory.node(author)) out.device = node->name;
  if (const Person* person = directory.person(out.entry.event.person)) out.branch = book.branch_name(person->branch());
  if (const auto since =
          directory.restricted_since(author, node::access_of(info), out.entry.event.header.chain.incarnation))
    out.restriction = restriction_at(reading->txn(), *since);
  SATCHEL_TRY(tell_stamps(*reading, out));
  SATCHEL_TRY(count_others(book, *reading, info, out));
  return out;
}

Result<std::vector<Verdict>> give_verdict(Book& book, const std::string& id, VerdictChoice choice,
                                          const std::string& reason) {
  SATCHEL_GET(held, list_held(book));
  std::optional<ArchiveId> archive;
  if (const auto customer = book.find_customer(id)) archive = customer->archive;
  std::map<ArchiveId, std::vector<const HeldEntry*>> chosen;
  for (const auto& entry : held) {
    const bool by_id = id.size() >= 4 && entry.event.hash.hex().starts_with(id);
    SATCHEL_GET(whole, book.whole_of(entry.archive));
    if (id == "all" || by_id || whole == archive) chosen[entry.archive].push_back(&entry);
  }
  if (chosen.empty()) return fail(ErrorKind::not_found, "held.none", id);
  std::vector<Digest> statements;
  std::vector<Verdict> out;
  std::vector<std::size_t> statement_of;
  for (const auto& [in, entries] : chosen) {
    for (std::size_t from = 0; from < entries.size(); from += kVerdictRangesMax) {
      const auto end = std::min(entries.size(), from + kVerdictRangesMax);
      const std::vector<const HeldEntry*> part(entries.begin() + static_cast<std::ptrdiff_t>(from),
                                               entries.begin() + static_cast<std::ptrdiff_t>(end));
      SATCHEL_GET(statement, propose(book, in, part, choice, reason));
      for (const auto* entry : part) {
        out.push_back({*entry, holder::Fate::waiting, {}});
        statement_of.push_back(statements.size());
      }
      statements.push_back(statement);
    }
  }
  SATCHEL_GET(followed, holder::follow(book.device(), statements));
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i].fate = followed.outcomes[statement_of[i]].fate;
    out[i].code = followed.outcomes[statement_of[i]].code;
  }
  return out;
}

}  // namespace satchel::field
