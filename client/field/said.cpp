// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/said.h"

namespace satchel::field {

namespace {

Result<void> ask_directory(Device& device, const Envelope& envelope) {
  const auto directory = device.directory();
  const auto now = std::max(device.clock().wall(), directory->last_hub_time());
  return directory->check(envelope, now);
}

}  // namespace

Result<Trial> try_statement(Device& device, const Statement& statement) {
  Trial trial{sign_statement(statement, SignerKind::node, device.identity().sign)};
  auto allowed = ask_directory(device, trial.envelope);
  if (!allowed) {  // our copy may be old: no is only said after a hub was asked for news, where one can be reached
    holder::ExchangeOptions options;
    options.text_only = true;
    if (holder::exchange(device, options)) allowed = ask_directory(device, trial.envelope);
  }
  if (!allowed) return std::unexpected(holder::refusal(allowed.error().code, allowed.error().detail));
  SATCHEL_GET(nature, device.directory()->nature(trial.envelope));
  trial.nature = nature;
  return trial;
}

Result<std::vector<Said>> say_all(Device& device, const std::vector<Trial>& trials) {
  std::vector<Digest> ids;
  SATCHEL_TRY(device.replica().write([&](WriteTxn& txn, node::Effects& effects) -> Result<void> {
    for (const auto& trial : trials) {
      const auto& envelope = trial.envelope;
      SATCHEL_TRY(node::put_pending(txn, {envelope.id(), envelope.encode(), wire::SubmitStatus::pending, {}}));
      ids.push_back(envelope.id());
    }
    effects.pending_changed();
    return {};
  }));
  SATCHEL_GET(followed, holder::follow(device, ids));
  std::vector<Said> out;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto& outcome = followed.outcomes[i];
    if (outcome.fate == holder::Fate::refused) return std::unexpected(holder::refusal(outcome.code, {}));
    out.push_back(
        {ids[i], outcome.fate == holder::Fate::waiting, followed.offline, trials[i].nature, followed.reached});
  }
  return out;
}

}  // namespace satchel::field
