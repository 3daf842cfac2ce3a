// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/holder/exchange.h"

#include "sync/holder/attention.h"
#include "sync/holder/call.h"
#include "sync/holder/statements.h"
#include "sync/link/backoff.h"
#include "sync/link/client.h"
#include "sync/node/restored.h"

namespace satchel::holder {

namespace {

constexpr std::string_view kNotePrefix = "exchange:";
constexpr std::size_t kNoteCodeBytesMax = 256;
constexpr Millis kWholeExchangeMax{24 * 3'600'000};  // a hung line ends by the link's own limits, long before
constexpr Millis kNoteEvery{30'000};                 // live: how often the time of the last exchange is written down
constexpr std::size_t kHubsMax = 8;
constexpr std::size_t kWantedCountMax = 10'000;  // beyond it nobody counts

Bytes note_key(const NodeId& hub) { return Writer(32).raw(view(kNotePrefix)).raw(hub.view()).take(); }

Result<LastExchange> read_note(const NodeId& hub, View bytes) {
  Reader in(bytes);
  LastExchange note{hub, {}, {}, {}, {}};
  note.complete.ms = in.i64();
  note.tried.ms = in.i64();
  note.code = in.string(kNoteCodeBytesMax);
  note.ahead = Millis{in.i64()};
  if (!in.done()) return fail(ErrorKind::integrity, "log.damaged", "exchange");
  return note;
}

// Keys and boxes that several nodes offer at once: the first ordered one serves all, and the others' refusal concerns
// nobody. Returns how many were taken off the list.
Result<std::size_t> forget_lost_races(Device& device) {
  std::vector<Digest> lost;
  {
    SATCHEL_GET(txn, device.replica().store().begin_read());
    SATCHEL_GET(waiting, waiting_statements(*txn, device.identity().id));
    for (const auto& w : waiting) {
      const bool offered = w.kind == StatementKind::audience_key || w.kind == StatementKind::audience_box ||
                           w.kind == StatementKind::number_range_wanted;
      if (offered && w.refused) lost.push_back(w.id);
    }
  }
  if (lost.empty()) return 0;
  SATCHEL_TRY(device.replica().write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
    for (const auto& id : lost) SATCHEL_TRY(node::erase_pending(txn, id));
    return {};
  }));
  return lost.size();
}

// One attempt at one hub, and what has to be done after each round.
class Attempt {
 public:
  Attempt(Device& device, const KnownHub& hub, std::string address, const ExchangeOptions& options)
      : device_(device), hub_(hub), options_(options) {
    out_.address = std::move(address);
    out_.hub = name();
  }

  Result<Exchange> run() {
    SATCHEL_GET(to, parse_address(out_.address));
    Result<void> ended = fail(ErrorKind::offline, "link.cut", out_.address);
    const auto factory = [&](Channel channel) -> std::unique_ptr<Endpoint> {
      Call::Setup call{device_, hub_.node, options_.live, options_, {}, {}};
      if (options_.live) call.settled = [this](const session::SyncReport& report) { round_done(report); };
      call.ended = [&](const session::SyncReport& report, const Result<void>& outcome) {
        out_.sync = report;
        ended = outcome;
      };
      return std::make_unique<Call>(std::move(call), channel);
    };
    Result<void> linked = run_endpoint(to, pins(), factory, device_.clock(), kWholeExchangeMax, options_.limits);
    // What the session says is nearer to the cause than what the channel says.
    Result<void> outcome = !ended && (linked || ended.error().kind != ErrorKind::offline) ? ended : linked;
    SATCHEL_TRY(note(outcome));
    if (!outcome) return std::unexpected(outcome.error());
    if (!trouble_) return std::unexpected(trouble_.error());
    SATCHEL_TRY(look_around());
    return std::move(out_);
  }

 private:
  std::string name() const {
    const KnownNode* node = device_.directory()->node(hub_.node);
    return node != nullptr && !node->name.empty() ? node->name : out_.address;
  }

  std::vector<Digest> pins() const {
    std::vector<Digest> pins{hub_.pin};
    const auto directory = device_.directory();
    const KnownNode* node = directory->node(hub_.node);
    if (node != nullptr && node->hq_hub && !directory->backup_pin().none()) pins.push_back(directory->backup_pin());
    return pins;
  }

  Result<void> look_around() {
    out_.hub = name();
    SATCHEL_GET(lost, forget_lost_races(device_));
    races_lost_ += lost;
    out_.sync.refused_statements -= std::min(out_.sync.refused_statements, races_lost_);
    if (out_.sync.complete) {
      SATCHEL_TRY(node::renew_lease(device_.replica(), out_.sync.clock_ahead));
      SATCHEL_TRY(node::admit_restored(device_.replica(), device_.keyring()));
    }
    SATCHEL_GET(derived, device_.deriver().apply());
    out_.derived += derived;
    SATCHEL_GET(attention, attention_of(device_));
    out_.conflicts = attention.contested.size();
    out_.held = attention.held;
    out_.locked = attention.locked;
    SATCHEL_GET(txn, device_.replica().store().begin_read());
    SATCHEL_GET(unsent, node::count_unsent(*txn, device_.replica().self().chain()));
    out_.unsent = unsent;
    SATCHEL_GET(waiting, waiting_statements(*txn, device_.identity().id));
    out_.waiting = waiting.size();
    SATCHEL_GET(blobs, blob::unsent(*txn));
    out_.unsent_blobs = blobs.first;
    out_.unsent_blob_bytes = blobs.second;
    SATCHEL_GET(wanted, blob::wanted(*txn, kWantedCountMax));
    out_.wanted_blobs = wanted.size();
    return {};
  }

  void round_done(const session::SyncReport& report) {
    out_.sync = report;
    const auto now = device_.clock().mono();
    if (noted_.ms == 0 || now.ms - noted_.ms >= kNoteEvery.count()) {
      noted_ = now;
      if (auto done = note({}); !done) trouble_ = done;
    }
    if (auto done = look_around(); !done) trouble_ = done;
    if (options_.settled && trouble_) options_.settled(out_);
  }

  // On disk, for `status`.
  Result<void> note(const Result<void>& outcome) {
    if (outcome && !out_.sync.complete) return {};
    const auto now = device_.clock().wall();
    return device_.replica().write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
      LastExchange last;
      SATCHEL_GET(found, txn.get(Table::meta, note_key(hub_.node)));
      if (found) {
        SATCHEL_GET(before, read_note(hub_.node, *found));
        last = before;
      }
      last.tried = outcome ? WallTime{} : now;
      last.code = outcome ? std::string{} : outcome.error().code.substr(0, kNoteCodeBytesMax);
      if (outcome) last.complete = now;
      if (outcome) last.ahead = out_.sync.clock_ahead;
      return txn.put(
          Table::meta, note_key(hub_.node),
          Writer().i64(last.complete.ms).i64(last.tried.ms).sized(last.code).i64(last.ahead.count()).bytes());
    });
  }

  Device& device_;
  KnownHub hub_;
  const ExchangeOptions& options_;
  Exchange out_;
  MonoTime noted_{};
  std::size_t races_lost_ = 0;
  Result<void> trouble_{};
};

// The directory's word on hubs takes the place of the invitation's, so that a moved hub is found next time.
Result<void> remember_hubs(Device& device) {
  if (!device.confirmed()) return {};
  DeviceConfig config = device.config();
  auto hubs = known_hubs(device);
  if (hubs == config.hubs) return {};
  config.hubs = std::move(hubs);
  config.org_name = device.directory()->name();
  return device.save_config(config);
}

}  // namespace

std::vector<KnownHub> known_hubs(const Device& device) {
  const auto directory = device.directory();
  const KnownNode* self = directory->node(device.identity().id);
  const Person* person = self != nullptr ? directory->person(self->person) : nullptr;
  const BranchId near = person != nullptr ? person->branch() : BranchId{};
  std::vector<KnownHub> out;
  const auto add = [&](const KnownHub& hub) {
    const bool known = std::ranges::any_of(out, [&](const KnownHub& h) { return h.node == hub.node; });
    if (!known && out.size() < kHubsMax) out.push_back(hub);
  };
  for (const KnownNode* hub : directory->hubs(near)) {
    // Other branches' hubs do not follow our archives.
    if (hub->state() == NodeState::confirmed && (hub->hq_hub || (!near.none() && hub->branch == near))) {
      add({hub->address, hub->id, hub->tls_pin});
    }
  }
  for (const auto& hub : device.config().hubs) {
    const KnownNode* node = directory->node(hub.node);
    if (node == nullptr) add(hub);  // the directory has not reached us yet
  }
  return out;
}

Result<Exchange> exchange(Device& device, const ExchangeOptions& options) {
  SATCHEL_TRY(device.replica().refresh());
  std::vector<Error> skipped;
  std::optional<Exchange> best;
  for (const auto& hub : known_hubs(device)) {
    if (options.stop != nullptr && options.stop->requested()) break;
    const std::string address = options.address.empty() ? hub.address : options.address;
    auto done = Attempt(device, hub, address, options).run();
    if (done) {
      SATCHEL_TRY(remember_hubs(device));
      if (best) done->sync.add(best->sync);
      best = std::move(*done);
      // What this one has not got another may have.
      if (!options.every_hub || best->wanted_blobs == 0) break;
      continue;
    }
    if (best) break;
    if (done.error().kind != ErrorKind::offline) return done;
    skipped.push_back({ErrorKind::offline, done.error().code, address});
  }
  if (best) {
    best->skipped = std::move(skipped);
    return std::move(*best);
  }
  std::string detail;
  for (const auto& error : skipped) detail += (detail.empty() ? "" : "; ") + error.detail + " " + error.code;
  return fail(ErrorKind::offline, "exchange.offline", detail);
}

Result<Exchange> exchange_with(Device& device, const KnownHub& hub, const ExchangeOptions& options) {
  return Attempt(device, hub, hub.address, options).run();
}

Result<void> stay_connected(Device& device, const Stop& stop, const ExchangeOptions& options,
                            const std::function<void(const Error&, Millis)>& lost) {
  Backoff backoff(device.entropy());
  ExchangeOptions live = options;
  live.live = true;
  live.stop = &stop;
  live.settled = [&](const Exchange& report) {
    backoff.reset();
    if (options.settled) options.settled(report);
  };
  while (!stop.requested()) {
    const auto done = exchange(device, live);
    if (stop.requested() || done) return {};
    const Error why = done.error();
    const bool mends = why.kind == ErrorKind::offline || why.code == "session.closed" || why.code.starts_with("hub.");
    if (!mends) return std::unexpected(why);
    const Millis wait = backoff.next();
    if (lost) lost(why, wait);
    stop.wait(wait);
  }
  return {};
}

Result<std::vector<LastExchange>> last_exchanges(const ReadTxn& txn) {
  std::vector<LastExchange> out;
  Result<void> inner{};
  SATCHEL_TRY(scan_prefix(txn, Table::meta, view(kNotePrefix), [&](KeyValue pair) {
    auto note = read_note(NodeId::of(pair.key.subspan(kNotePrefix.size())), pair.value);
    if (!note) {
      inner = std::unexpected(note.error());
      return false;
    }
    out.push_back(std::move(*note));
    return true;
  }));
  if (!inner) return std::unexpected(inner.error());
  return out;
}

}  // namespace satchel::holder
