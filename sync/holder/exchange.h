// SPDX-License-Identifier: AGPL-3.0-or-later
// Exchanging with hubs. exchange() tries the hubs this node knows in their order (its branch's, then headquarters')
// until one answers, pushes, pulls, brings the derived tables up to date and says what happened in numbers. Live, it
// stays connected and hears of changes without polling, until `stop` or `enough`. Entries, statements and cursors are
// durable at every step, so an exchange cut anywhere is simply done again.
// Errors: offline "exchange.offline" when no hub could be reached (detail: each hub and why), or what the session or
// the store said. Blocks; runs on the caller's thread, and so do the callbacks.
#pragma once

#include <functional>

#include "schema/wire/limits.h"
#include "sync/holder/device.h"
#include "sync/holder/stop.h"
#include "sync/session/initiator.h"

namespace satchel::holder {

struct Exchange {
  session::SyncReport sync;
  std::string hub;                 // its name in the directory, or its address
  std::string address;             // as it was dialled
  std::size_t derived = 0;         // entries newly applied to the derived tables
  std::size_t conflicts = 0;       // records with values a person has to choose between
  std::size_t held = 0;            // entries waiting for a verdict, of all that this node reads
  std::size_t locked = 0;          // archives that are here without their key
  std::size_t unsent = 0;          // own entries no hub has acknowledged
  std::size_t waiting = 0;         // own statements not yet ordered
  std::uint64_t unsent_blobs = 0;  // own attachments that no hub has whole
  std::uint64_t unsent_blob_bytes = 0;
  std::uint64_t wanted_blobs = 0;  // asked for and not here yet
  std::vector<Error> skipped;      // hubs that were tried before, and why they did not do
};

struct ExchangeOptions {
  std::string address;  // dial this instead of what the hubs are known by; their keys still decide
  bool live = false;
  const Stop* stop = nullptr;  // ends a live exchange; also between hubs
  std::function<void(const session::SyncReport&)> progress;
  std::function<void(const Exchange&)> settled;  // live: after each round that brought everything up to date
  std::function<bool()> enough;                  // live: asked after each round and twice a second
  Millis patience{0};                            // live: end after this long, as if it were enough; 0: never
  bool ask_again = false;                        // live: submit waiting statements again every second
  bool fetch_blobs = false;                      // all attachments, not only those asked for
  bool text_only = false;                        // no attachments
  bool every_hub = false;  // go on to the next hub while attachments that are wanted have not come
  Limits limits;
};

Result<Exchange> exchange(Device& device, const ExchangeOptions& options = {});

// With this hub and no other, whether or not it is one of this node's own.
Result<Exchange> exchange_with(Device& device, const KnownHub& hub, const ExchangeOptions& options = {});

// Live until `stop`, across cuts and restarts of hubs, waiting longer after each failure. `lost` is told of each end
// and the wait that follows. Returns early only on errors that dialling again cannot mend.
Result<void> stay_connected(Device& device, const Stop& stop, const ExchangeOptions& options,
                            const std::function<void(const Error&, Millis)>& lost);

// The hubs this node would try, in order, as the directory and the configuration know them.
std::vector<KnownHub> known_hubs(const Device& device);

// How the last exchange with a hub went.
struct LastExchange {
  NodeId hub;
  WallTime complete;  // 0: never
  WallTime tried;     // of the last failure; 0: none since
  std::string code;   // of that failure
  Millis ahead{};     // this node's clock against the hub's, at the last complete one
};
Result<std::vector<LastExchange>> last_exchanges(const ReadTxn& txn);

}  // namespace satchel::holder
