// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/held.h"

#include <set>

#include "client/field/history.h"
#include "sync/directory/limits.h"

namespace satchel::field {

namespace {

std::vector<std::pair<std::string, std::string>> words_of(Book& book, const Change& change) {
  std::vector<std::pair<std::string, std::string>> out;
  const auto names = book.names();
  for (const auto& record : change.records) {
    const Template* form = form_to_read(book, record.type, record.version);
    for (const auto& op : record.ops) {
      if (op.field == blob::kField) {
        out.emplace_back(attachment_word(book, op), std::string{});
        continue;
      }
      if (op.field == kReplacedField) continue;  // what stood in fields that may be sensitive
      const Field* field = form != nullptr ? form->field(op.field) : nullptr;
      const std::string label = field != nullptr ? field->label.in(book.lang()) : op.field;
      const std::string said =
          field != nullptr ? format_field(*field, op.value, book.lang(), &names) : format_value(op.value);
      const bool by_program = op.field.starts_with('_');
      out.emplace_back(label, by_program ? said : shown_openly(field, said));
    }
  }
  return out;
}

// The verdicts that wait for headquarters, in the order they were given.
class Prepared {
 public:
  static Result<Prepared> read(const ReadTxn& txn) {
    Prepared out;
    SATCHEL_GET(pending, node::all_pending(txn));
    for (const auto& p : pending) {
      if (p.status == wire::SubmitStatus::refused) continue;
      SATCHEL_GET(envelope, decode_envelope(p.envelope));
      const auto& statement = envelope.statement();
      if (statement.kind != StatementKind::verdict) continue;
      auto verdict = decode_payload<payload::Verdict>(statement.payload);
      if (verdict) out.all_.push_back({p.id, statement.archive, statement.claimed, std::move(*verdict)});
    }
    return out;
  }
  // The last word on the entry.
  std::optional<PreparedVerdict> on(const ArchiveId& archive, const Header& header) const {
    for (auto one = all_.rbegin(); one != all_.rend(); ++one) {
      const bool named = std::ranges::any_of(one->verdict.ranges, [&](const payload::VerdictRange& range) {
        return range.holds(header.chain.node, header.chain.incarnation, header.seq);
      });
      if (one->archive == archive && named) return PreparedVerdict{one->statement, one->verdict.choice, one->claimed};
    }
    return std::nullopt;
  }

 private:
  struct One {
    Digest statement;
    ArchiveId archive;
    WallTime claimed;
    payload::Verdict verdict;
  };
  std::vector<One> all_;
};

// One statement an archive, of single entries: an admitted one says nothing of its neighbours.
Result<Trial> try_verdict(Book& book, const ArchiveId& archive, std::span<const HeldEntry* const> entries,
                          VerdictChoice choice, const std::string& reason) {
  payload::Verdict verdict;
  verdict.choice = choice;
  for (const auto* entry : entries) {
    const auto& header = entry->event.header;
    verdict.ranges.push_back({header.chain.node, header.chain.incarnation, header.seq, header.seq});
  }
  auto& device = book.device();
  {
    SATCHEL_GET(reading, book.read());
    SATCHEL_GET(info, book.archive(reading->txn(), archive));
    SATCHEL_GET(sealed, device.keyring().seal_text(reading->txn(), reading->directory(), info, reason));
    verdict.reason = std::move(sealed);
  }
  return try_to_say(device, verdict, archive);
}

}  // namespace

Result<std::vector<HeldEntry>> list_held(Book& book) {
  SATCHEL_TRY(book.refresh());
  SATCHEL_GET(reading, book.read());
  SATCHEL_GET(waiting, book.device().deriver().waiting(reading->txn()));
  SATCHEL_GET(prepared, Prepared::read(reading->txn()));
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
      const auto verdict = prepared.on(info->id, event.header);
      out.push_back({info->id, book.archive_name(info->id), std::move(event), words_of(book, opened->change), verdict});
    }
  }
  std::ranges::sort(out, {}, [](const HeldEntry& e) { return e.event.ordinal; });
  return out;
}

namespace {

// Said by this device, and not ordered yet.
Result<Restriction> pending_restriction(const ReadTxn& txn, const satchel::Said& said) {
  Restriction out{.said = said, .pending = true};
  SATCHEL_GET(pending, node::all_pending(txn));
  const auto row = std::ranges::find(pending, said.statement, &node::Pending::id);
  const auto envelope = row != pending.end() ? decode_envelope(row->envelope) : std::unexpected(Error{});
  if (!envelope) return out;
  out.kind = envelope->statement().kind;
  out.by = envelope->statement().person;
  out.time = envelope->statement().claimed;
  return out;
}

// Where a time was over stands another statement than the grant that ran out.
Result<Restriction> restriction_at(const holder::Reading& reading, const satchel::Said& said) {
  if (said.at > reading.directory().position()) return pending_restriction(reading.txn(), said);
  Restriction out{.said = said};
  const auto record = node::record_at(reading.txn(), said.at);
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
    HeldShown::Taken taken{
        hub != nullptr ? hub->name : holder::short_id(s.stamp.hub.node), s.stamp.time, s.stamp.directory, {}};
    const StampView view = node::stamp_view(s.stamp);
    for (std::size_t i = 0; i < out.restrictions.size(); ++i) {
      if (reading.judge().knew(view, out.restrictions[i].said)) taken.knew.push_back(i);
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
  const auto life = out.entry.event.header.chain.incarnation;
  for (const auto& said : reading->judge().restrictions(author, node::access_of(info), life)) {
    SATCHEL_GET(restriction, restriction_at(*reading, said));
    out.restrictions.push_back(std::move(restriction));
  }
  SATCHEL_TRY(tell_stamps(*reading, out));
  SATCHEL_TRY(count_others(book, *reading, info, out));
  return out;
}

namespace {

// What `id` means, by archive.
using Chosen = std::map<ArchiveId, std::vector<const HeldEntry*>>;
Result<Chosen> choose(Book& book, const std::vector<HeldEntry>& held, const std::string& id) {
  std::optional<ArchiveId> archive;
  if (const auto customer = book.find_customer(id)) archive = customer->archive;
  Chosen chosen;
  bool prepared = false;
  for (const auto& entry : held) {
    const bool by_id = id.size() >= 4 && entry.event.hash.hex().starts_with(id);
    SATCHEL_GET(whole, book.whole_of(entry.archive));
    if (id != "all" && !by_id && whole != archive) continue;
    // Who decides the rest does not take back what he decided before.
    if (entry.prepared && !by_id) {
      prepared = true;
    } else {
      chosen[entry.archive].push_back(&entry);
    }
  }
  if (chosen.empty()) return fail(ErrorKind::not_found, prepared ? "held.prepared" : "held.none", id);
  return chosen;
}

}  // namespace

Result<GivenVerdicts> give_verdict(Book& book, const std::string& id, VerdictChoice choice, const std::string& reason) {
  SATCHEL_GET(held, list_held(book));
  SATCHEL_GET(chosen, choose(book, held, id));
  GivenVerdicts out;
  std::vector<Trial> trials;
  for (const auto& [in, entries] : chosen) {
    for (std::size_t from = 0; from < entries.size(); from += kVerdictRangesMax) {
      const auto part = std::span(entries).subspan(from, std::min(kVerdictRangesMax, entries.size() - from));
      SATCHEL_GET(trial, try_verdict(book, in, part, choice, reason));
      for (const auto* entry : part) {
        out.entries.push_back(*entry);
        out.statement.push_back(trials.size());
      }
      trials.push_back(std::move(trial));
    }
  }
  SATCHEL_GET(said, say_all(book.device(), trials));
  out.said = std::move(said);
  return out;
}

}  // namespace satchel::field
