// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/crash/content_digest.h"

#include <functional>

namespace satchel::crash {

Result<std::uint64_t> content_digest(const ReadTxn& txn) {
  std::uint64_t digest = 0;
  const auto add = [&digest](std::uint64_t more) { digest = (digest ^ more) * 0x9e3779b97f4a7c15 + 1; };
  for (std::size_t table = 0; table < kTableCount; ++table) {
    add(table);
    SATCHEL_TRY(scan_prefix(txn, static_cast<Table>(table), {}, [&](KeyValue pair) {
      add(std::hash<std::string_view>{}(text(pair.key)));
      add(std::hash<std::string_view>{}(text(pair.value)));
      return true;
    }));
  }
  return digest;
}

}  // namespace satchel::crash
