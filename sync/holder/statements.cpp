// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/holder/statements.h"

namespace satchel::holder {

namespace {

Result<std::vector<Outcome>> outcomes_of(Device& device, const std::vector<Digest>& ids) {
  const auto directory = device.directory();
  SATCHEL_GET(txn, device.replica().store().begin_read());
  SATCHEL_GET(pending, node::all_pending(*txn));
  std::vector<Outcome> out;
  for (const auto& id : ids) {
    Outcome outcome{id, directory->has(id) ? Fate::ordered : Fate::waiting, {}};
    const auto row = std::ranges::find(pending, id, &node::Pending::id);
    if (outcome.fate == Fate::waiting && row != pending.end() && row->status == wire::SubmitStatus::refused) {
      outcome.fate = Fate::refused;
      outcome.code = row->code;
    }
    out.push_back(std::move(outcome));
  }
  return out;
}

bool decided(const std::vector<Outcome>& outcomes) {
  return std::ranges::none_of(outcomes, [](const Outcome& o) { return o.fate == Fate::waiting; });
}

}  // namespace

bool Followed::all(Fate fate) const {
  return std::ranges::all_of(outcomes, [fate](const Outcome& o) { return o.fate == fate; });
}

Result<Followed> follow(Device& device, const std::vector<Digest>& ids, Millis patience) {
  Followed out;
  ExchangeOptions options;
  options.live = true;
  options.ask_again = true;
  options.patience = patience;
  options.enough = [&] {
    const auto now = outcomes_of(device, ids);
    return !now || decided(*now);
  };
  const auto done = exchange(device, options);
  out.reached = done.has_value();
  if (!done && done.error().kind != ErrorKind::offline) return std::unexpected(done.error());
  if (!done) out.offline = done.error();
  SATCHEL_GET(outcomes, outcomes_of(device, ids));
  out.outcomes = std::move(outcomes);
  for (const auto& outcome : out.outcomes) {
    if (outcome.fate != Fate::refused) continue;
    SATCHEL_TRY(
        device.replica().write([&](WriteTxn& txn, node::Effects&) { return node::erase_pending(txn, outcome.id); }));
  }
  return out;
}

Error refusal(const std::string& code, const std::string& detail) {
  static constexpr std::string_view kMayNot[] = {
      "directory.not-allowed",  "directory.not-confirmed", "directory.revoked",     "directory.inactive",
      "directory.wrong-person", "directory.wrong-signer",  "directory.two-persons", "directory.unknown-author"};
  const bool may_not = std::ranges::find(kMayNot, code) != std::end(kMayNot);
  return {may_not ? ErrorKind::permission : ErrorKind::failed, code, detail};
}

Result<std::vector<Waiting>> waiting_statements(const ReadTxn& txn, const NodeId& self) {
  SATCHEL_GET(pending, node::all_pending(txn));
  std::vector<Waiting> out;
  for (const auto& p : pending) {
    SATCHEL_GET(envelope, decode_envelope(p.envelope));
    if (envelope.statement().by != self) continue;
    out.push_back({p.id, envelope.statement().kind, envelope.statement().claimed,
                   p.status == wire::SubmitStatus::refused, p.code});
  }
  return out;
}

}  // namespace satchel::holder
