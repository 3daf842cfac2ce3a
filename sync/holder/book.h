// SPDX-License-Identifier: AGPL-3.0-or-later
// Book: what an unlocked device or reader can look up: sheets by template, customers by name, number, id or the
// beginning of one, the search index, single records, badges, the names behind ids. It brings the derived tables up
// to the log and keeps what it has read until the log or the directory moves; refresh() notices. Nothing is written
// here but derived tables. Memory only: names and phones it holds are gone with the process.
// One Book a Device and thread; the Device must outlive it. Pointers and views it hands out live until the next
// refresh().
#pragma once

#include <map>
#include <unordered_map>
#include <unordered_set>

#include "schema/template/field_text.h"
#include "sync/holder/device.h"
#include "sync/holder/locked.h"
#include "sync/sheet/search.h"

namespace satchel::holder {

inline constexpr std::size_t kCandidatesShown = 8;  // of those that a name typed could mean

inline constexpr std::size_t kShortIdDigits = 8;  // of an id, that people type and files show

inline constexpr std::string_view kCustomerTemplate = "customer";
inline constexpr std::string_view kContactTemplate = "contact";
inline constexpr std::string_view kVisitTemplate = "visit";

// A template's rows and what their columns are called.
struct Sheet {
  SheetTable table;
  SheetSchema schema;
  // The value of a field in a row; nothing when the sheet has no such column.
  Value value(const SheetView& row, std::string_view field) const;
  std::string_view text(const SheetView& row, std::string_view field) const;
};

struct CustomerRef {
  ArchiveId archive;
  RecordId card;
  std::string name;
  std::string number;  // as shown; provisional without one from a leased range
  bool provisional = false;
  bool locked = false;  // its archive does not open here now: name and card are not known
};

struct CustomerHit {
  CustomerRef customer;
  MatchClass match = MatchClass::exact;
  std::uint32_t begin = 0;  // bytes of the name to mark
  std::uint32_t end = 0;
};

struct RecordPlace {
  node::StoredArchive info;
  RecordId record;
  node::RecordIndex index;
};

// Which archive each one is shown within here; what is not in it stands for itself (docs/directory.md, 'Merging').
using Wholes = std::unordered_map<ArchiveId, ArchiveId>;
inline const ArchiveId& whole_in(const Wholes& wholes, const ArchiveId& archive) {
  const auto at = wholes.find(archive);
  return at == wholes.end() ? archive : at->second;
}

// A read transaction with the directory it is judged by.
class Reading {
 public:
  Reading(std::unique_ptr<ReadTxn> txn, std::shared_ptr<const node::Obeyed> obeyed, node::Keyring& keyring)
      : txn_(std::move(txn)), obeyed_(std::move(obeyed)), reader_(*txn_, *obeyed_, keyring) {}
  const ReadTxn& txn() const { return *txn_; }
  const Directory& directory() const { return *obeyed_->ordered; }
  // With what is obeyed before it is ordered: by this one work counts or is held.
  const Directory& judge() const { return *obeyed_->directory; }
  node::RecordReader& reader() { return reader_; }
  Result<node::RecordReader::Loaded> load(const RecordPlace& place) {
    return reader_.load(place.info, place.record, place.index.ordinals);
  }
  // How far the whole record has come: as far as its slowest entry.
  Result<node::Reached> reached(const node::RecordIndex& index);

 private:
  std::unique_ptr<ReadTxn> txn_;
  std::shared_ptr<const node::Obeyed> obeyed_;
  node::RecordReader reader_;
};

class Book {
 public:
  explicit Book(Device& device, Lang lang = Lang::zh) : device_(device), lang_(lang) {}

  Device& device() { return device_; }
  Lang lang() const { return lang_; }
  void set_lang(Lang lang) { lang_ = lang; }
  const std::shared_ptr<const Directory>& directory();
  // With what this device said and headquarters has not ordered yet, as far as it takes something away.
  const std::shared_ptr<const node::Obeyed>& obeyed();
  const Catalogue& catalogue();
  PersonId me();  // none for HQ's reader
  // A template in force: not_found "template.unknown" with those there are.
  Result<const Template*> form(std::string_view id);

  // Brings derived tables up to the log and forgets what is no longer so.
  Result<void> refresh();
  // The same when nothing was read yet. To be called before a write transaction in which the book is asked, because it
  // cannot derive within one.
  Result<void> ready();
  // Takes everything cached back to the store at the next look: after a transaction that failed.
  void forget();
  Result<std::unique_ptr<Reading>> read();

  // ---- sheets; months as year * 12 + month - 1, 0 and 0 for all ----
  Result<const Sheet*> sheet(std::string_view template_id, std::int32_t from_month = 0, std::int32_t to_month = 0);
  // The same with these fields' columns alone, for what is asked of very many rows.
  Result<const Sheet*> sheet_of(std::string_view template_id, std::int32_t from_month, std::int32_t to_month,
                                std::vector<std::string> fields);
  // The date of each archive's last visit in force.
  Result<const std::unordered_map<ArchiveId, Date>*> last_visits();
  // Archives that are closed, since when: a record of theirs stands in a state that closes (workflow.h).
  Result<const std::unordered_map<ArchiveId, WallTime>*> closed();

  // ---- customers ----
  // By id, number, name, or the beginning of one of them; one that is locked by number or id. not_found
  // "customer.not-found" with what comes near, "customer.locked" when it may be one whose name cannot be read now;
  // conflict "customer.ambiguous" with the candidates.
  Result<CustomerRef> find_customer(std::string_view text);
  // The same for what nobody looks over row by row: only a whole name, number, external number or id will do. What a
  // person at the keyboard would have got by a beginning is named in "customer.not-found-near".
  Result<CustomerRef> find_customer_exactly(std::string_view text);
  Result<std::optional<CustomerRef>> customer_of(const ArchiveId& archive);
  Result<std::vector<CustomerHit>> search(std::string_view text, std::size_t limit);
  // Customers with that phone, however it is spelled.
  Result<std::vector<CustomerRef>> with_phone(std::string_view phone);
  Result<std::vector<CustomerRef>> with_name(std::string_view name);
  Result<std::vector<CustomerRef>> with_external_number(std::string_view number);
  // Those whose archive does not open here now, by number.
  Result<const std::vector<LockedCustomer>*> locked();
  // The same by number or id, or the beginning of one.
  Result<std::vector<LockedCustomer>> search_locked(std::string_view text);
  // A customer opened in this process whose row is not derived yet.
  void note(const CustomerRef& customer, const FieldMap& card);
  static std::string provisional_number(const ArchiveId& archive);
  static CustomerRef ref_of(const LockedCustomer& customer);

  // ---- archives shown within others: lists and looks show the whole once, with the records of all its parts ----
  Result<const Wholes*> wholes();
  Result<ArchiveId> whole_of(const ArchiveId& archive);
  // The whole, then what is shown within it, by id.
  Result<std::vector<ArchiveId>> parts_of(const ArchiveId& whole);
  // As find_customer and customer_of, but a part stands for itself.
  Result<CustomerRef> find_part(std::string_view text);
  Result<std::optional<CustomerRef>> part_of(const ArchiveId& archive);

  // ---- archives and records ----
  Result<node::StoredArchive> archive(const ReadTxn& txn, const ArchiveId& id);
  // This person's own, this branch's, or the organisation's archive, if one was opened.
  Result<std::optional<ArchiveId>> own_archive(ArchiveKind kind);
  // By the beginning of its id, at least four digits. not_found "record.not-found", conflict "record.ambiguous".
  Result<RecordPlace> find_record(std::string_view short_id);
  Result<RecordPlace> place_of(const ArchiveId& archive, const RecordId& record);
  Result<std::vector<RecordPlace>> records_of(const ReadTxn& txn, const ArchiveId& archive);

  // ---- names ----
  std::string person_name(const PersonId& id);
  std::string branch_name(const BranchId& id);
  std::string archive_name(const ArchiveId& id);
  std::vector<PersonId> owners(const node::StoredArchive& info);
  // All refer to this Book.
  RefNames names();
  RefFinder finder();
  RefFinder exact_finder();  // archives as by find_customer_exactly, records by as many digits as files show of them
  // not_found "person.not-found".
  Result<PersonId> find_person(std::string_view name);

 private:
  struct Customers {
    std::unordered_map<std::string, std::vector<ArchiveId>> by_name;
    std::unordered_map<std::string, std::vector<ArchiveId>> by_number;
    std::unordered_map<std::string, std::vector<ArchiveId>> by_phone;
    std::unordered_map<std::string, std::vector<ArchiveId>> by_external;
    std::unordered_map<ArchiveId, CustomerRef> by_archive;  // each for itself
    Wholes wholes;
  };
  Result<const Customers*> customers();
  Result<const SearchIndex*> index();
  // Archives, each for itself.
  Result<std::vector<ArchiveId>> candidates(std::string_view text);
  Result<Wholes> find_wholes(const std::unordered_set<ArchiveId>& shown);
  Result<std::vector<ArchiveId>> exact_candidates(std::string_view text);
  Result<CustomerRef> only_one(std::string_view text, std::vector<CustomerRef> found);
  std::unexpected<Error> not_found(std::string_view text, const std::vector<CustomerRef>& near) const;
  Result<std::optional<CustomerRef>> find_locked(std::string_view text);
  Result<std::optional<CustomerRef>> find_locked_exactly(std::string_view text);
  // "customer.locked" while names are unknown here that could be meant.
  Result<std::optional<CustomerRef>> no_name_may_be_missed(std::string_view text);
  static bool is_provisional_number(std::string_view folded);
  // Digits that an archive's id may begin with; nothing when they cannot be meant so.
  static std::optional<std::string> id_digits(std::string_view folded);
  // Of the wholes they are shown within, each once.
  std::vector<CustomerRef> refs(const Customers& all, const std::vector<ArchiveId>& ids) const;
  static void enter(Customers& all, const CustomerRef& customer, const Template* form, const FieldMap& card);

  using Fields = std::optional<std::vector<std::string>>;  // whose columns are there, in order; nothing: all
  using SheetKey = std::tuple<std::string, std::int32_t, std::int32_t, Fields>;
  Result<const Sheet*> read_sheet(SheetKey key);
  Device& device_;
  Lang lang_;
  std::shared_ptr<const node::Obeyed> obeyed_;
  std::optional<std::pair<node::Ordinal, std::uint64_t>> seen_;  // last entry; stamps, while records wait for them
  std::map<SheetKey, std::unique_ptr<Sheet>> sheets_;
  std::optional<Customers> customers_;
  std::optional<std::vector<LockedCustomer>> locked_;
  std::optional<SearchIndex> index_;
  std::vector<ArchiveId> index_rows_;  // row of the index -> archive
  std::optional<std::unordered_map<ArchiveId, Date>> last_visits_;
  std::optional<std::unordered_map<ArchiveId, WallTime>> closed_;
  std::optional<bool> ever_merged_;  // as far as the directory here tells
};

// What `look` finds, which only reads. Another process may make the store larger in the midst of it, and that can be
// taken over only between transactions: then it looks again from the beginning.
template <class Look>
auto look_up(Book& book, Look look) -> decltype(look()) {
  auto found = look();
  if (found || found.error().code != "store.readers") return found;
  book.forget();
  return look();
}

// The first digits: what people type and read.
template <class AnyId>
std::string short_id(const AnyId& id) {
  return id.hex().substr(0, kShortIdDigits);
}

}  // namespace satchel::holder
