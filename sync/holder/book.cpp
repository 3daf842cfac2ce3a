// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/holder/book.h"

#include "schema/template/report.h"
#include "sync/node/derive_pass.h"
#include "sync/node/references.h"

namespace satchel::holder {

namespace {

constexpr std::size_t kHexDigitsMin = 4;  // of the beginning of an id

bool is_hex(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

ArchiveId archive_id(const Ref& ref) { return ArchiveId::of(ref.id); }

}  // namespace

Value Sheet::value(const SheetView& row, std::string_view field) const {
  const auto column = schema.column(field);
  return column ? row.value(*column) : Value{};
}

std::string_view Sheet::text(const SheetView& row, std::string_view field) const {
  const auto column = schema.column(field);
  return column ? row.text(*column) : std::string_view{};
}

Result<node::Reached> Reading::reached(const node::RecordIndex& index) {
  auto least = node::Reached::headquarters;
  for (const auto ordinal : index.ordinals) {
    SATCHEL_GET(one, reader_.reached(ordinal));
    least = std::min(least, one);
  }
  return least;
}

// ---- what it stands on ----

const std::shared_ptr<const Directory>& Book::directory() { return obeyed()->ordered; }

const std::shared_ptr<const node::Obeyed>& Book::obeyed() {
  if (!obeyed_) obeyed_ = device_.replica().obeyed();
  return obeyed_;
}

const Catalogue& Book::catalogue() { return device_.deriver().packs().catalogue; }

PersonId Book::me() {
  const KnownNode* self = directory()->node(device_.identity().id);
  return self != nullptr ? self->person : PersonId{};
}

Result<const Template*> Book::form(std::string_view id) {
  if (const Template* found = catalogue().find_template(id)) return found;
  std::string known;
  for (const auto* t : catalogue().templates()) known += (known.empty() ? "" : ", ") + t->id;
  return fail(ErrorKind::not_found, known.empty() ? "template.none" : "template.unknown",
              std::string(id) + (known.empty() ? "" : " (" + known + ")"));
}

void Book::forget() {
  seen_.reset();
  sheets_.clear();
  customers_.reset();
  locked_.reset();
  index_.reset();
  index_rows_.clear();
  last_visits_.reset();
  closed_.reset();
  ever_merged_.reset();
}

Result<void> Book::refresh() {
  const auto now = device_.replica().obeyed();
  if (obeyed_ && (now->ordered->position() != directory()->position() || now->restrictions != obeyed_->restrictions))
    forget();
  obeyed_ = now;
  SATCHEL_TRY(device_.derive());
  SATCHEL_GET(txn, device_.replica().store().begin_read());
  SATCHEL_GET(last, node::last_ordinal(*txn));
  SATCHEL_GET(waiting, device_.deriver().waiting(*txn));
  SATCHEL_GET(stamps, txn->count(Table::stamps));
  const std::pair now_seen{last, waiting.empty() ? std::uint64_t{0} : stamps};
  if (seen_ != now_seen) forget();
  seen_ = now_seen;
  return {};
}

Result<void> Book::ready() {
  if (seen_) return {};
  return refresh();
}

Result<std::unique_ptr<Reading>> Book::read() {
  SATCHEL_GET(txn, device_.replica().store().begin_read());
  return std::make_unique<Reading>(std::move(txn), obeyed(), device_.keyring());
}

// ---- sheets ----

Result<const Sheet*> Book::read_sheet(SheetKey key) {
  SATCHEL_TRY(ready());
  const auto known = sheets_.find(key);
  if (known != sheets_.end()) return known->second.get();
  const auto& [template_id, from, to, fields] = key;
  auto fresh = std::make_unique<Sheet>();
  SATCHEL_GET(table, device_.deriver().load_sheet(template_id, from, to, fields));
  SATCHEL_GET(txn, device_.replica().store().begin_read());
  SATCHEL_GET(schema, device_.deriver().schema(*txn, template_id));
  fresh->table = std::move(table);
  fresh->schema = std::move(schema);
  return (sheets_[std::move(key)] = std::move(fresh)).get();
}

Result<const Sheet*> Book::sheet(std::string_view template_id, std::int32_t from_month, std::int32_t to_month) {
  return read_sheet({std::string(template_id), from_month, to_month, std::nullopt});
}

Result<const Sheet*> Book::sheet_of(std::string_view template_id, std::int32_t from_month, std::int32_t to_month,
                                    std::vector<std::string> fields) {
  SheetKey key{std::string(template_id), from_month, to_month, std::nullopt};
  if (sheets_.contains(key)) return read_sheet(std::move(key));
  std::ranges::sort(fields);
  std::get<Fields>(key) = std::move(fields);
  return read_sheet(std::move(key));
}

Result<const std::unordered_map<ArchiveId, WallTime>*> Book::closed() {
  SATCHEL_TRY(ready());
  if (closed_) return &*closed_;
  SATCHEL_GET(wholes, this->wholes());
  std::unordered_map<ArchiveId, WallTime> found;
  for (const auto* workflow : catalogue().workflows()) {
    if (std::ranges::none_of(workflow->states, &WorkflowState::closes)) continue;
    SATCHEL_GET(sheet, this->sheet(workflow->source));
    const auto state = sheet->schema.column(kStateColumn), since = sheet->schema.column(kSinceColumn);
    if (!state || !since) continue;
    sheet->table.each([&](const SheetView& row) {
      if (row.standing() != kRowInForce) return true;
      const Value id = row.value(*state), at = row.value(*since);
      const auto* name = std::get_if<std::string>(&id);
      const auto* standing = name != nullptr ? workflow->state(*name) : nullptr;
      if (standing == nullptr || !standing->closes) return true;
      const auto* time = std::get_if<WallTime>(&at);
      found.try_emplace(whole_in(*wholes, row.archive()), time != nullptr ? *time : row.created());
      return true;
    });
  }
  closed_ = std::move(found);
  return &*closed_;
}

Result<const std::unordered_map<ArchiveId, Date>*> Book::last_visits() {
  SATCHEL_TRY(ready());
  if (last_visits_) return &*last_visits_;
  SATCHEL_GET(wholes, this->wholes());
  std::unordered_map<ArchiveId, Date> latest;
  std::vector<std::int32_t> months;
  SATCHEL_GET(txn, device_.replica().store().begin_read());
  SATCHEL_GET(sheets, node::sheets_of(*txn, kVisitTemplate));
  for (const auto& [month, no] : sheets) months.push_back(month);
  SATCHEL_GET(schema, device_.deriver().schema(*txn, kVisitTemplate));
  txn.reset();
  const auto column = schema.column("date");
  for (const auto month : months) {
    // A month at a time, and none kept: the years of a long life never stand in memory together.
    SATCHEL_GET(table, device_.deriver().load_sheet(kVisitTemplate, month, month, std::vector<std::string>{"date"}));
    if (!column) break;
    table.each([&](const SheetView& row) {
      const Value value = row.value(*column);
      const auto* date = std::get_if<Date>(&value);
      if (date == nullptr || row.standing() != kRowInForce) return true;
      auto& at = latest.try_emplace(whole_in(*wholes, row.archive()), *date).first->second;
      at = std::max(at, *date);
      return true;
    });
  }
  last_visits_ = std::move(latest);
  return &*last_visits_;
}

// ---- archives and records ----

Result<node::StoredArchive> Book::archive(const ReadTxn& txn, const ArchiveId& id) {
  SATCHEL_GET(no, node::find_archive(txn, id));
  if (!no) return fail(ErrorKind::not_found, "archive.not-found", short_id(id));
  SATCHEL_GET(info, node::archive_info(txn, *no));
  if (!info) return fail(ErrorKind::integrity, "log.damaged", "archive_info");
  return std::move(*info);
}

namespace {

bool opened_at_headquarters(const Directory& directory, const node::StoredArchive& info) {
  const auto opener = directory.role_of(info.opener, info.opened_at);
  return info.owners.empty() && opener && opener->branch.none();
}

}  // namespace

Result<std::optional<ArchiveId>> Book::own_archive(ArchiveKind kind) {
  const PersonId self = me();
  const Person* person = directory()->person(self);
  const BranchId branch = person != nullptr ? person->branch() : BranchId{};
  SATCHEL_GET(txn, device_.replica().store().begin_read());
  SATCHEL_GET(count, node::archive_count(*txn));
  std::optional<ArchiveId> found;
  for (node::ArchiveNo no = 1; no <= count; ++no) {
    SATCHEL_GET(info, node::archive_info(*txn, no));
    if (!info || !info->opened || info->kind != kind) continue;
    if (kind == ArchiveKind::person && (info->owners.empty() || info->owners.front() != self)) continue;
    // Headquarters' own is none that a branch reads, and a branch's none of another's.
    if (kind == ArchiveKind::common && !opened_at_headquarters(*directory(), *info)) continue;
    if ((kind == ArchiveKind::branch || kind == ArchiveKind::organisation) && info->branch != branch) continue;
    // Two opened apart: both stay, every node writes on in the same one.
    if (!found || info->id < *found) found = info->id;
  }
  return found;
}

Result<RecordPlace> Book::find_record(std::string_view typed) {
  const std::string wanted = fold_typed(typed);
  if (wanted.size() < kHexDigitsMin || wanted.size() > RecordId::size * 2 || !is_hex(wanted)) {
    return fail(ErrorKind::not_found, "record.not-found", std::string(typed));
  }
  SATCHEL_TRY(ready());
  SATCHEL_GET(txn, device_.replica().store().begin_read());
  const Bytes whole = unhex(wanted.substr(0, wanted.size() / 2 * 2));
  std::vector<std::pair<node::ArchiveNo, RecordId>> found;
  SATCHEL_TRY(scan_prefix(*txn, Table::records, {}, [&](KeyValue pair) {
    const View record = pair.key.subspan(4);
    if (!equal(record.first(whole.size()), whole)) return true;
    const auto id = RecordId::of(record);
    if (id.hex().starts_with(wanted)) found.emplace_back(be32(pair.key), id);
    return found.size() <= kCandidatesShown;
  }));
  if (found.empty()) return fail(ErrorKind::not_found, "record.not-found", std::string(typed));
  if (found.size() > 1) {
    std::string all;
    for (const auto& [no, id] : found)
      all += (all.empty() ? "" : ", ") + id.hex().substr(0, std::max<std::size_t>(12, wanted.size() + 4));
    return fail(ErrorKind::conflict, "record.ambiguous", all);
  }
  SATCHEL_GET(info, node::archive_info(*txn, found.front().first));
  SATCHEL_GET(index, node::record_index(*txn, found.front().first, found.front().second));
  if (!info || !index) return fail(ErrorKind::integrity, "log.damaged", "records");
  return RecordPlace{std::move(*info), found.front().second, std::move(*index)};
}

Result<RecordPlace> Book::place_of(const ArchiveId& id, const RecordId& record) {
  SATCHEL_TRY(ready());
  SATCHEL_GET(txn, device_.replica().store().begin_read());
  SATCHEL_GET(info, archive(*txn, id));
  SATCHEL_GET(index, node::record_index(*txn, info.no, record));
  if (!index) return fail(ErrorKind::not_found, "record.not-found", short_id(record));
  return RecordPlace{std::move(info), record, std::move(*index)};
}

Result<std::vector<RecordPlace>> Book::records_of(const ReadTxn& txn, const ArchiveId& id) {
  SATCHEL_TRY(ready());
  SATCHEL_GET(info, archive(txn, id));
  SATCHEL_GET(all, node::records_of(txn, info.no));
  std::vector<RecordPlace> out;
  for (auto& [record, index] : all) out.push_back({info, record, std::move(index)});
  return out;
}

// ---- names ----

std::string Book::person_name(const PersonId& id) {
  const Person* person = directory()->person(id);
  return person != nullptr ? person->name : id.none() ? std::string("-") : short_id(id);
}

std::string Book::branch_name(const BranchId& id) {
  if (id.none()) return lang_ == Lang::zh ? "总部" : "headquarters";
  const Branch* branch = directory()->branch(id);
  return branch != nullptr ? branch->name : short_id(id);
}

std::string Book::archive_name(const ArchiveId& id) {
  if (const auto customer = customer_of(id); customer && *customer && !(*customer)->name.empty())
    return (*customer)->name;
  auto txn = device_.replica().store().begin_read();
  const auto info = txn ? archive(**txn, id) : std::unexpected(txn.error());
  if (!info) return short_id(id);
  switch (info->kind) {
    case ArchiveKind::person:
      return person_name(info->owners.empty() ? info->opener : info->owners.front());
    case ArchiveKind::branch:
      return branch_name(info->branch);
    case ArchiveKind::organisation:
    case ArchiveKind::common:
      return directory()->name();
    case ArchiveKind::customer:
      break;
  }
  const auto number = node::reference_of(**txn, device_.vault(), *info);
  return number && *number ? **number : short_id(id);
}

std::vector<PersonId> Book::owners(const node::StoredArchive& info) {
  return directory()->owners(node::access_of(info));
}

RefNames Book::names() {
  RefNames names;
  names.person = [this](const Ref& ref) { return person_name(PersonId::of(ref.id)); };
  names.branch = [this](const Ref& ref) { return branch_name(BranchId::of(ref.id)); };
  names.archive = [this](const Ref& ref) { return archive_name(archive_id(ref)); };
  names.record = [](const Ref& ref) { return short_id(RecordId::of(ref.id)); };
  return names;
}

RefFinder Book::finder() {
  RefFinder finder;
  finder.person = [this](std::string_view text) -> std::optional<Ref> {
    const auto id = find_person(text);
    return id ? std::optional(Ref{id->bytes}) : std::nullopt;
  };
  finder.branch = [this](std::string_view text) -> std::optional<Ref> {
    if (text == branch_name({})) return Ref{};
    const Branch* branch = directory()->branch_named(std::string(text));
    return branch != nullptr ? std::optional(Ref{branch->id.bytes}) : std::nullopt;
  };
  finder.archive = [this](std::string_view text) -> std::optional<Ref> {
    const auto found = find_customer(text);
    return found ? std::optional(Ref{found->archive.bytes}) : std::nullopt;
  };
  finder.record = [this](std::string_view text) -> std::optional<Ref> {
    const auto found = find_record(text);
    return found ? std::optional(Ref{found->record.bytes}) : std::nullopt;
  };
  return finder;
}

RefFinder Book::exact_finder() {
  auto out = finder();
  out.archive = [this](std::string_view text) -> std::optional<Ref> {
    const auto found = find_customer_exactly(text);
    return found ? std::optional(Ref{found->archive.bytes}) : std::nullopt;
  };
  out.record = [by_beginning = std::move(out.record)](std::string_view text) -> std::optional<Ref> {
    return text.size() >= kShortIdDigits ? by_beginning(text) : std::nullopt;
  };
  return out;
}

Result<PersonId> Book::find_person(std::string_view name) {
  const std::string wanted(trim_blanks(name));
  if (const Person* person = directory()->person_named(wanted)) return person->id;
  if (const auto id = PersonId::parse(wanted); id && directory()->person(*id) != nullptr) return *id;
  // Whoever has left is still named in old reports.
  const Person* only = nullptr;
  for (const auto& [id, person] : directory()->people()) {
    if (person.name != wanted) continue;
    if (only != nullptr) return fail(ErrorKind::conflict, "person.ambiguous", wanted);
    only = &person;
  }
  if (only != nullptr) return only->id;
  return fail(ErrorKind::not_found, "person.not-found", wanted);
}

}  // namespace satchel::holder
