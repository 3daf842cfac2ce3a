// SPDX-License-Identifier: AGPL-3.0-or-later
// Statements followed to their end. A proposed statement is kept on disk until headquarters has ordered or refused it;
// follow() exchanges until that is known or patience ends. What still waits then is sent by every later exchange.
#pragma once

#include "sync/holder/exchange.h"

namespace satchel::holder {

enum class Fate : std::uint8_t { ordered, refused, waiting };

struct Outcome {
  Digest id;
  Fate fate = Fate::waiting;
  std::string code;  // of a refusal
};

inline constexpr Millis kFollowPatience{
    10'000};  // for a branch hub to ask headquarters; then people see 'pending at HQ'

// In the order given. A refusal that was told here is taken off the list of what waits. `reached`: whether a hub
// answered at all. Errors are the store's; being offline is an outcome, 'waiting'.
struct Followed {
  std::vector<Outcome> outcomes;
  bool reached = false;
  Error offline;  // when not reached
  bool all(Fate fate) const;
};
Result<Followed> follow(Device& device, const std::vector<Digest>& ids, Millis patience = kFollowPatience);

// A refused statement as an error: permission when the author may not, else failed.
Error refusal(const std::string& code, const std::string& detail);

// What this node said and headquarters has not ordered.
struct Waiting {
  Digest id;
  StatementKind kind{};
  WallTime claimed;
  bool refused = false;
  std::string code;
};
Result<std::vector<Waiting>> waiting_statements(const ReadTxn& txn, const NodeId& self);

}  // namespace satchel::holder
