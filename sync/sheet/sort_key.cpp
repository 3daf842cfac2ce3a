// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/sheet/sort_key.h"

#include <unicode/coll.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <memory>

namespace satchel {

namespace {

constexpr std::size_t kNameBytesMax = 1024;  // beyond this two names sort as equal
constexpr std::int32_t kKeyBytesGuess = 128;

std::unique_ptr<icu::Collator> make_collator() {
  UErrorCode status = U_ZERO_ERROR;
  std::unique_ptr<icu::Collator> collator(icu::Collator::createInstance(icu::Locale("zh"), status));
  if (U_FAILURE(status) || !collator) return nullptr;
  collator->setAttribute(UCOL_NUMERIC_COLLATION, UCOL_ON, status);
  return U_FAILURE(status) ? nullptr : std::move(collator);
}

}  // namespace

std::string sort_key(std::string_view name) {
  static const std::unique_ptr<icu::Collator> collator = make_collator();  // its const functions are thread-safe
  name = name.substr(0, kNameBytesMax);
  if (!collator) return std::string(name);
  const auto source = icu::UnicodeString::fromUTF8({name.data(), static_cast<std::int32_t>(name.size())});
  std::string key(kKeyBytesGuess, '\0');
  for (;;) {
    const auto room = static_cast<std::int32_t>(key.size());
    const std::int32_t size = collator->getSortKey(source, reinterpret_cast<std::uint8_t*>(key.data()), room);
    key.resize(static_cast<std::size_t>(std::max(size, 1)));
    if (size <= room) break;
  }
  key.pop_back();  // ICU ends its keys with a zero
  return key;
}

}  // namespace satchel
