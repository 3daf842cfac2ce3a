// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/history.h"

namespace satchel::field {

const Template* form_to_read(Book& book, std::string_view type, std::uint32_t version) {
  const auto& catalogue = book.catalogue();
  const Template* form = catalogue.find_template(type);
  return form != nullptr ? form : catalogue.find_template(type, static_cast<int>(version));
}

namespace {

std::string format_typed(Book& book, const Field* field, const Value& value) {
  const auto names = book.names();
  return field != nullptr ? format_field(*field, value, book.lang(), &names) : format_value(value);
}

// How far the author's clock was off: what it said of the batch it signed against the hub that took it. A claim later
// than its stamp is certainly ahead; one that lies back is only told by the batch, since work waits offline for days.
std::optional<Millis> skew_of(const ReadTxn& txn, node::Ordinal ordinal, WallTime claimed,
                              const std::vector<node::StoredStamp>& stamps) {
  if (stamps.empty()) return std::nullopt;
  WallTime first = stamps.front().stamp.time;
  for (const auto& s : stamps) first = std::min(first, s.stamp.time);
  Millis off{std::max<std::int64_t>(0, claimed.ms - first.ms)};
  const auto run = node::run_of(txn, ordinal);
  if (off <= kSkewShown && run && *run) {
    if (const auto batch = node::batch_at(txn, (*run)->batch)) off = Millis{batch->batch.claimed.ms - first.ms};
  }
  return off > kSkewShown || off < -kSkewShown ? std::optional(off) : std::nullopt;
}

std::string label_of(Book& book, const Field* field, const Op& op) {
  if (field != nullptr) return field->label.in(book.lang());
  return op.field == blob::kField ? attachment_word(book, op) : op.field;
}

bool is_log(const Field* field) {
  return field != nullptr && (field->merge == MergePolicy::log || field->merge == MergePolicy::set);
}

}  // namespace

std::string attachment_word(Book& book, const Op& op) {
  const auto* bytes = std::get_if<Bytes>(&op.value);
  const auto manifest = bytes != nullptr ? blob::Manifest::decode(*bytes) : Result<blob::Manifest>{};
  const bool zh = book.lang() == Lang::zh;
  if (bytes == nullptr) return zh ? "附件（划掉）" : "attachment (struck out)";
  return (zh ? "附件 " : "attachment ") + (manifest ? blob::safe_name(manifest->name) : std::string("?"));
}

std::string shown_openly(const Field* field, std::string text) {
  const bool open = field != nullptr && field->sensitivity != Sensitivity::sensitive;
  return open || text.empty() ? text : std::string(kMask);
}

std::string_view reached_name(node::Reached reached) {
  switch (reached) {
    case node::Reached::here_only:
      return "here_only";
    case node::Reached::branch:
      return "branch";
    case node::Reached::headquarters:
      return "headquarters";
  }
  return "here_only";
}

std::vector<EventPart> parts_of(Book& book, const Change& change) {
  std::vector<EventPart> out;
  for (const auto& record : change.records) {
    const Template* form = form_to_read(book, record.type, record.version);
    EventPart part{
        record.record, record.type, form != nullptr ? form->label.in(book.lang()) : record.type, {}, {}, {}, {}};
    for (const auto& op : record.ops) {
      if (op.field == kReasonField) {
        part.reason = format_value(op.value);
      } else if (op.field == kStandingField) {
        part.standing = empty(op.value) ? "in_force" : std::holds_alternative<Date>(op.value) ? "binned" : "withdrawn";
      } else {
        const Field* field = form != nullptr ? form->field(op.field) : nullptr;
        if (form != nullptr && op.field == form->title_field)
          part.title = shown_openly(field, format_typed(book, field, op.value));
        part.fields.push_back(label_of(book, field, op));
      }
    }
    out.push_back(std::move(part));
  }
  return out;
}

Result<Event> event_at(Book& book, holder::Reading& reading, const node::StoredArchive& info, node::Ordinal ordinal) {
  Event event;
  event.ordinal = ordinal;
  SATCHEL_GET(entry, node::entry_at(reading.txn(), ordinal));
  event.header = entry.header;
  if (node::opens(entry.clear)) {
    const auto opening = Opening::decode(entry.clear);
    event.opening = opening && opening->epoch == 0;
    event.new_key = !event.opening;
  }
  event.hash = header_hash(entry.header.encode());
  const KnownNode* node = reading.directory().node(entry.header.chain.node);
  if (node != nullptr) event.person = node->person;
  SATCHEL_GET(stamps, reading.reader().stamps(ordinal));
  for (const auto& s : stamps) {
    const KnownNode* hub = reading.directory().node(s.stamp.hub.node);
    event.stamps.emplace_back(hub != nullptr ? hub->name : holder::short_id(s.stamp.hub.node), s.stamp.time);
    if (!event.received || s.stamp.time < *event.received) event.received = s.stamp.time;
  }
  SATCHEL_GET(reached, reading.reader().reached(ordinal));
  event.reached = reached;
  const auto opened = reading.reader().open(info, ordinal);
  if (!opened) {
    if (opened.error().kind == ErrorKind::storage) return std::unexpected(opened.error());
    event.unread = opened.error().code;
    SATCHEL_GET(judgement, reading.reader().judge(info, entry.header, ordinal));
    event.judgement = judgement;
    return event;
  }
  event.judgement = opened->judgement;
  event.claimed = opened->source.claimed;
  event.skew = skew_of(reading.txn(), ordinal, event.claimed, stamps);
  event.parts = parts_of(book, opened->change);
  return event;
}

Result<std::vector<Event>> events_of(Book& book, const ArchiveId& archive, std::size_t most) {
  SATCHEL_TRY(book.refresh());
  SATCHEL_GET(reading, book.read());
  SATCHEL_GET(parts, book.parts_of(archive));
  std::map<node::Ordinal, const node::StoredArchive*> ordinals;  // in order of arrival
  std::vector<node::StoredArchive> infos;
  infos.reserve(parts.size());
  for (const auto& part : parts) {
    SATCHEL_GET(info, book.archive(reading->txn(), part));
    infos.push_back(std::move(info));
    SATCHEL_GET(heads, node::heads_of(reading->txn(), infos.back().no));
    for (const auto& head : heads) {
      SATCHEL_GET(chain, node::chain_after(reading->txn(), head, 0));
      for (const auto ordinal : chain) ordinals.emplace(ordinal, &infos.back());
    }
  }
  if (most > 0 && ordinals.size() > most)
    ordinals.erase(ordinals.begin(), std::prev(ordinals.end(), static_cast<std::ptrdiff_t>(most)));
  std::vector<Event> events;
  for (const auto& [ordinal, info] : ordinals) {
    SATCHEL_GET(event, event_at(book, *reading, *info, ordinal));
    events.push_back(std::move(event));
  }
  return events;
}

namespace {

// Those of the form that it is shown by, and behind them what only the version it was written with has: a test group's.
std::vector<const Field*> fields_to_read(Book& book, const ShownRecord& record) {
  std::vector<const Field*> out;
  const auto add = [&](const Template* form) {
    if (form == nullptr) return;
    for (const auto& field : form->fields)
      if (std::ranges::find(out, field.id, &Field::id) == out.end()) out.push_back(&field);
  };
  add(record.form);
  add(book.catalogue().find_template(record.type, static_cast<int>(record.version)));
  return out;
}

}  // namespace

Result<ShownRecord> show_record(Book& book, holder::Reading& reading, const RecordPlace& place) {
  ShownRecord out;
  out.place = place;
  SATCHEL_GET(loaded, reading.load(place));
  const auto& state = loaded.shown();
  out.held = loaded.held;
  out.only_held = loaded.only_held();
  out.type = state.type();
  out.version = state.version();
  out.form = form_to_read(book, state.type(), state.version());
  out.author = state.author();
  out.created = state.created();
  if (out.form == nullptr || !out.form->kept()) out.standing = merge::standing_of(state).standing;
  SATCHEL_GET(reached, reading.reached(place.index));
  out.reached = reached;
  const auto fields = fields_to_read(book, out);
  for (const auto& name : state.fields()) {
    if (std::ranges::find(fields, name, &Field::id) != fields.end()) continue;
    const auto now = merge::resolve(state, name, MergePolicy::latest, Permission::anyone);
    if (name == kReasonField) out.reason = format_value(now.value);
    const bool system = name == kReasonField || name == kStandingField || name == kImportField ||
                        name == kReplacedField || name == kStepField || name == blob::kField;
    if (!system) out.unknown.emplace_back(name, format_value(now.value));
  }
  SATCHEL_GET(attachments, attachments_of(reading.txn(), place.info, state));
  out.attachments = std::move(attachments);
  if (out.form == nullptr) return out;
  const bool computes =
      std::ranges::any_of(out.form->fields, [](const Field& field) { return field.formula.has_value(); });
  const FieldMap whole = computes ? values_in_force(*out.form, state, reading.directory()) : FieldMap{};
  for (const Field* one : fields) {
    const Field& field = *one;
    if (field.formula) {
      const auto at = whole.find(field.id);
      if (at != whole.end())
        out.fields.push_back({&field, format_typed(book, &field, at->second), {}, false, false, false});
      continue;
    }
    auto now = node::resolved(field, state, reading.directory());
    if (empty(now.value)) continue;
    ShownField shown{&field, format_typed(book, &field, now.value), {}, now.contested, now.corrected};
    if (now.contested) std::ranges::sort(now.standing, {}, [](const auto* v) { return v->dot; });
    for (const auto* v : now.standing) {
      if (now.winner != nullptr && v != now.winner && !now.contested && v->value == now.value) continue;
      shown.given.push_back({v->value, format_typed(book, &field, v->value), v->person, v->claimed});
    }
    // What is in force stands first; values in dispute stand by dot, as 'conflicts' numbers them.
    if (now.winner != nullptr && !now.contested && !is_log(&field)) {
      std::ranges::stable_partition(shown.given, [&](const GivenValue& g) { return g.value == now.value; });
    }
    if (field.id == out.form->title_field) out.title = shown.text;
    out.fields.push_back(std::move(shown));
  }
  return out;
}

Result<ShownRecord> show_record(Book& book, const RecordPlace& place) {
  SATCHEL_GET(reading, book.read());
  return show_record(book, *reading, place);
}

}  // namespace satchel::field
