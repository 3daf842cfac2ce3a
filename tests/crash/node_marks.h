// SPDX-License-Identifier: AGPL-3.0-or-later
// What the node workload writes into the log between the writes of its nodes' files, and what the check reads there:
// who the nodes are, what content each commit left behind, and every promise: an entry saved, an entry taken by a
// hub, a page of a feed that a cursor may pass. A mark is one line of words.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sync/model/entry.h"
#include "sync/vault/identity.h"
#include "sync/wire/frame.h"

namespace satchel::crash {

// One entry by its place.
struct EntryMark {
  ArchiveId archive;
  ChainId chain;
  std::uint64_t seq = 0;
};

// A node whose file is recorded; `name` is also its folder's.
struct WhoMark {
  OrgId org;
  wire::Role role = wire::Role::device;
  Identity identity;
  Secret32 vault_key;
};
struct CommitMark {
  std::uint64_t digest = 0;  // of all that the store holds since
};
// Its author was told that it is saved.
struct SavedMark {
  EntryMark entry;
};
// Answered with 'accepted' by this hub.
struct TookMark {
  EntryMark entry;
};
// A cursor of `follower` that has reached `up_to` in this hub's feed means that it holds the entry.
struct PromisedMark {
  NodeId follower;
  AudienceId audience;
  std::uint64_t up_to = 0;
  EntryMark entry;
};

struct Mark {
  std::string node;  // name of whose file it is about
  std::optional<WhoMark> who;
  std::optional<CommitMark> commit;
  std::optional<SavedMark> saved;
  std::optional<TookMark> took;
  std::optional<PromisedMark> promised;
};

std::string to_text(const std::string& node, const WhoMark& mark);
std::string to_text(const std::string& node, const CommitMark& mark);
std::string to_text(const std::string& node, const SavedMark& mark);
std::string to_text(const std::string& node, const TookMark& mark);
std::string to_text(const std::string& node, const PromisedMark& mark);
// Throws std::runtime_error: only this workload's marks are expected.
Mark read_mark(const std::string& text);

}  // namespace satchel::crash
