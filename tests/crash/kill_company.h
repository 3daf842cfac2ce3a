// SPDX-License-Identifier: AGPL-3.0-or-later
// What the programs of the kill test and the test itself share: the passphrase, and how entries are counted.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "server/hub/recovery_kit.h"
#include "sync/backup/create.h"
#include "sync/holder/device.h"
#include "sync/node/log.h"

namespace satchel::crash {

inline constexpr const char* kPassphrase = "一二三四五六七八";
inline constexpr std::int32_t kVisitDay = 20'777;  // 2026-11-20

template <class T>
T must(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "kill: %s %s\n", result.error().code.c_str(), result.error().detail.c_str());
    std::abort();
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

// The seq of the chain's end in the archive, 0 without one.
inline std::uint64_t own_entries(const ReadTxn& txn, const ArchiveId& archive, const ChainId& chain) {
  const auto no = must(node::find_archive(txn, archive));
  const auto author = must(node::find_node(txn, chain.node));
  if (!no || !author) return 0;
  const auto head = must(node::head_of(txn, *no, *author, chain));
  return head ? head->chain.head.seq : 0;
}

// What opens a hub's backup.
inline backup::Unlock unlock_with(const std::filesystem::path& kit) {
  std::ostringstream text;
  text << std::ifstream(kit, std::ios::binary).rdbuf();
  return {{}, must(hub::read_kit(text.str())).root};
}

}  // namespace satchel::crash
