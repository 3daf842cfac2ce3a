// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/holder/call.h"

#include "sync/holder/follow_ups.h"

#include "sync/node/upkeep.h"

namespace satchel::holder {

namespace {

constexpr Millis kLookEvery{500};
constexpr Millis kAskAgainEvery{1'000};

session::InitiatorHooks hooks_of(const Call::Setup& setup) {
  session::InitiatorHooks hooks;
  hooks.upkeep = [&device = setup.device]() -> Result<bool> {
    SATCHEL_GET(left, node::do_upkeep(device.replica(), device.keyring()));
    SATCHEL_GET(tasks, make_handover_tasks(device));
    return left || tasks > 0;
  };
  hooks.progress = setup.options.progress;
  hooks.fetch_blobs = setup.options.fetch_blobs;
  hooks.text_only = setup.options.text_only;
  return hooks;
}

}  // namespace

Call::Call(Setup setup, const Channel& channel)
    : setup_(std::move(setup)),
      initiator_(setup_.device.replica(), Bytes(channel.exporter.begin(), channel.exporter.end()), setup_.hub,
                 setup_.live, [this] {
                   auto hooks = hooks_of(setup_);
                   hooks.settled = [this](const session::SyncReport& report) {
                     if (setup_.settled) setup_.settled(report);
                     if (setup_.live && setup_.options.enough && setup_.options.enough()) leave();
                   };
                   return hooks;
                 }()) {}

void Call::on_open(MonoTime now) {
  opened_ = asked_ = now;
  next_look_ = now + kLookEvery;
  seen_ = written().value_or(Written{});
  initiator_.on_open(now);
}

void Call::on_frame(MonoTime now, View frame) { initiator_.on_frame(now, frame); }

void Call::on_tick(MonoTime now) {
  if (setup_.live && now >= next_look_) look(now);
  if (!leaving_) initiator_.on_tick(now);
}

void Call::on_closed(MonoTime now) {
  initiator_.on_closed(now);
  if (setup_.ended) setup_.ended(initiator_.report(), leaving_ ? Result<void>{} : initiator_.outcome());
}

std::optional<MonoTime> Call::next_deadline() const {
  if (leaving_) return std::nullopt;
  const auto inner = initiator_.next_deadline();
  if (!setup_.live) return inner;
  return inner ? std::min(*inner, next_look_) : next_look_;
}

std::vector<Bytes> Call::take_output() {
  auto out = initiator_.take_output();
  if (leaving_ && !std::exchange(said_goodbye_, true)) out.push_back(wire::encode(wire::Bye{}));
  return out;
}

// What this process or another one put into the store for the hubs to have. A reader writes nothing of its own.
Result<Call::Written> Call::written() const {
  Written now;
  auto& replica = setup_.device.replica();
  SATCHEL_GET(txn, replica.store().begin_read());
  SATCHEL_GET(pending, node::all_pending(*txn));
  now.waiting = pending.size();
  if (replica.self().role == wire::Role::reader) return now;
  SATCHEL_GET(last, node::last_ordinal(*txn));
  now.last = last;
  return now;
}

void Call::look(MonoTime now) {
  next_look_ = now + kLookEvery;
  const auto& options = setup_.options;
  const bool over = options.patience.count() > 0 && now.ms - opened_.ms >= options.patience.count();
  if (over || (options.stop != nullptr && options.stop->requested()) || (options.enough && options.enough()))
    return leave();
  const auto fresh = written();
  if (!fresh) return;
  if (*fresh != seen_) {
    [[maybe_unused]] const auto refreshed = setup_.device.replica().refresh();  // a failure shows in the next round
    initiator_.poke();
  } else if (options.ask_again && now.ms - asked_.ms >= kAskAgainEvery.count()) {
    asked_ = now;
    initiator_.poke();
  }
  seen_ = *fresh;
}

}  // namespace satchel::holder
