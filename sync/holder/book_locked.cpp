// SPDX-License-Identifier: AGPL-3.0-or-later
// The book's locked customers: named by number or id, since their names are not known here now.
#include "sync/holder/book.h"

namespace satchel::holder {

namespace {

constexpr std::string_view kProvisionalMark = "临-";
constexpr std::size_t kProvisionalDigits = 6;
constexpr std::size_t kIdDigitsMin = 4;

}  // namespace

std::string Book::provisional_number(const ArchiveId& archive) {
  return std::string(kProvisionalMark) + archive.hex().substr(0, kProvisionalDigits);
}

std::optional<std::string> Book::id_digits(std::string_view folded) {
  if (folded.starts_with(kProvisionalMark)) folded.remove_prefix(kProvisionalMark.size());
  const bool could_be =
      folded.size() >= kIdDigitsMin && folded.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  return could_be ? std::optional(std::string(folded)) : std::nullopt;
}

bool Book::is_provisional_number(std::string_view folded) {
  return folded.starts_with(kProvisionalMark) && folded.size() == kProvisionalMark.size() + kProvisionalDigits;
}

CustomerRef Book::ref_of(const LockedCustomer& customer) {
  const auto& id = customer.info.id;
  const std::string number = customer.number.empty() ? provisional_number(id) : customer.number;
  return {id, {}, number, number, false, true};
}

Result<const std::vector<LockedCustomer>*> Book::locked() {
  SATCHEL_TRY(ready());
  if (!locked_) {
    SATCHEL_GET(all, locked_customers(device_));
    locked_ = std::move(all);
  }
  return &*locked_;
}

// The surest reading first, as with those whose names are known.
Result<std::vector<LockedCustomer>> Book::search_locked(std::string_view typed) {
  SATCHEL_GET(all, locked());
  const std::string folded = fold_typed(trim_blanks(typed));
  const auto digits = id_digits(folded);
  std::vector<LockedCustomer> by_number, by_id, by_beginning;
  for (const auto& one : *all) {
    const std::string number = fold_typed(one.number);
    if (!number.empty() && number == folded) {
      by_number.push_back(one);
    } else if (digits && one.info.id.hex().starts_with(*digits)) {
      by_id.push_back(one);
    } else if (!folded.empty() && number.starts_with(folded)) {
      by_beginning.push_back(one);
    }
  }
  return !by_number.empty() ? by_number : !by_id.empty() ? by_id : by_beginning;
}

Result<std::optional<CustomerRef>> Book::find_locked(std::string_view text) {
  SATCHEL_GET(found, search_locked(text));
  if (found.size() == 1) return ref_of(found.front());
  if (found.size() > 1) {
    std::string which;
    for (std::size_t i = 0; i < found.size() && i < kCandidatesShown; ++i) {
      const auto ref = ref_of(found[i]);
      which += (i > 0 ? "；" : "") + ref.number + " (" + short_id(ref.archive) + ")";
    }
    return fail(ErrorKind::conflict, "customer.ambiguous", which);
  }
  return no_name_may_be_missed(text);
}

Result<std::optional<CustomerRef>> Book::find_locked_exactly(std::string_view text) {
  SATCHEL_GET(all, locked());
  const std::string folded = fold_typed(text);
  for (const auto& one : *all) {
    const auto ref = ref_of(one);
    if (fold_typed(ref.number) == folded || ref.archive.hex() == folded) return ref;
  }
  return no_name_may_be_missed(text);
}

// One archive that waits for its key hinders nobody from being told that there is no such name.
Result<std::optional<CustomerRef>> Book::no_name_may_be_missed(std::string_view text) {
  SATCHEL_GET(all, locked());
  const bool names_unknown = std::ranges::any_of(*all, [](const auto& one) { return one.why != LockedWhy::no_key; });
  if (names_unknown) return fail(ErrorKind::not_found, "customer.locked", std::string(text));
  return std::optional<CustomerRef>{};
}

}  // namespace satchel::holder
