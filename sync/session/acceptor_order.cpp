// SPDX-License-Identifier: AGPL-3.0-or-later
// Where two ends have the order of statements from different lives of headquarters: what a caller holds beyond a
// restored HQ hub is asked for, and one that was told more than the order now has is answered from the last place both
// have.
#include "sync/session/acceptor.h"

namespace satchel::session {

Result<void> Acceptor::find_common_order(const ReadTxn& txn, const Position& theirs) {
  auto& replica = port_.replica();
  const auto directory = replica.directory();
  if (theirs < directory->position() && directory_at_) {
    // Their end may be a place that a former life of headquarters gave and this order does not have.
    SATCHEL_GET(common, node::place_before(txn, theirs));
    directory_at_ = std::min(*directory_at_, common);
    return {};
  }
  const KnownNode* me = directory->node(replica.self().identity.id);
  const bool stands_still = me != nullptr && me->hq_hub && !node::may_order(replica.self(), *directory);
  if (!stands_still || theirs <= directory->position() || lost_ || order_wanted_) return {};
  order_wanted_ = true;
  send(wire::DirectoryWanted{directory->position()});
  return {};
}

void Acceptor::take_order(View frame) {
  if (!order_wanted_ || !confirmed_) return drop("session.unexpected-frame");
  order_bytes_ += frame.size();
  if (order_bytes_ > kOrderBytesMax) return drop("session.window");
  order_.push_back(copy(frame));
  const auto last = wire::Received::decode(order_.back());
  if (!last) return drop(last.error().code);
  if (std::get<wire::DirectoryRun>(last->frame()).head.empty()) return;
  order_wanted_ = false;
  auto frames = std::make_shared<std::vector<Bytes>>(std::exchange(order_, {}));
  auto refused = std::make_shared<std::optional<Error>>();
  auto& replica = port_.replica();
  port_.submit(
      [&replica, frames, refused](WriteTxn& txn, node::Effects& effects) -> Result<void> {
        refused->reset();
        // Another caller may have been quicker, or an administrator.
        if (node::may_order(replica.self(), effects.directory())) return {};
        std::vector<wire::Received> received;
        std::vector<wire::DirectoryRun> runs;
        for (const auto& bytes : *frames) {
          SATCHEL_GET(one, wire::Received::decode(bytes));
          received.push_back(std::move(one));
          runs.push_back(std::get<wire::DirectoryRun>(received.back().frame()));
        }
        const auto taken = node::take_order_back(txn, effects, replica, runs);
        // A lie concerns this session alone, and nothing of it was written.
        if (!taken && taken.error().kind == ErrorKind::storage) return std::unexpected(taken.error());
        if (!taken) *refused = taken.error();
        return {};
      },
      [this, alive = alive_, refused](const Result<void>& done) {
        if (!*alive || state_ != State::serving) return;
        if (!done) return drop(done.error().code);
        if (*refused) drop((*refused)->code, (*refused)->detail);
      },
      order_bytes_);
}

}  // namespace satchel::session
