// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/node/audit.h"

#include "sync/node/replica.h"

namespace satchel::node {

Result<WrapAudit> audit_wraps(const ReadTxn& txn, const Directory& directory, const NodeId& self, WallTime now) {
  WrapAudit out;
  SATCHEL_GET(archives, archive_count(txn));
  for (ArchiveNo no = 1; no <= archives; ++no) {
    SATCHEL_GET(info, archive_info(txn, no));
    if (!info || !info->opened || !directory.may_read(self, access_of(*info), now)) continue;
    ++out.archives;
    const EpochKey current{info->epoch, info->key};
    SATCHEL_GET(wraps, wrapped_for(txn, *info, current));
    std::set<AudienceId> counted;
    for (const auto& wrap : wraps) {
      if (counted.insert(wrap.audience).second) ++out.readers[wrap.audience];
    }
    out.keys.push_back({info->id, info->epoch, {counted.begin(), counted.end()}});
    SATCHEL_GET(strangers, unjustified(txn, directory, *info, current, now));
    out.found += strangers.size();
    SATCHEL_GET(due, rotation_due(txn, directory, *info, current, now));
    out.rotation_due += due;
    for (auto& stranger : strangers) {
      if (out.findings.size() == kWrapFindingsMax) break;
      out.findings.push_back({info->id, std::move(stranger.wrap), std::move(stranger.nodes)});
    }
  }
  return out;
}

}  // namespace satchel::node
