// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/untold.h"

#include "sync/node/replica.h"

namespace satchel::node {

bool may_mislead(const RunBytes& run, const PersonId& person) {
  return std::ranges::any_of(run.records, [&](const RunBytes::Record& record) {
    const auto envelope = decode_envelope(record.envelope);
    if (!envelope) return false;
    const auto& said = envelope->statement();
    if (said.kind == StatementKind::handover) {
      const auto rule = decode_payload<payload::Handover>(said.payload);
      return rule && rule->to == person;
    }
    if (said.kind != StatementKind::person_changed) return false;
    const auto change = decode_payload<payload::PersonChanged>(said.payload);
    return change && change->person == person;
  });
}

Result<std::vector<Position>> places_untold(const ReadTxn& txn, const Directory& directory, const PersonId& person) {
  std::vector<Position> out;
  for (const auto& [archive, facts] : directory.archive_facts()) {
    SATCHEL_GET(no, find_archive(txn, archive));
    if (!no) continue;
    SATCHEL_GET(info, archive_info(txn, *no));
    if (!info || !info->opened) continue;
    const auto places = directory.untold(access_of(*info), person);
    out.insert(out.end(), places.begin(), places.end());
  }
  return out;
}

}  // namespace satchel::node
