// SPDX-License-Identifier: AGPL-3.0-or-later
// What a handover leaves to be done: in every archive that was taken over a task for the new owner, to tell the
// customer who their contact is now (template `task`, kind `notify_customer`). Written by the successor's devices or by
// the one that ordered the handover, whichever syncs first; the record's id follows from the handover and the archive,
// so that several make one and the same. An archive that the leaver opened offline and that arrives later gets its task
// then.
#pragma once

#include "sync/holder/device.h"

namespace satchel::holder {

inline constexpr std::string_view kTaskTemplate = "task";
inline constexpr std::string_view kNotifyCustomer = "notify_customer";
inline constexpr std::int32_t kNotifyWithinDays = 7;

RecordId handover_task(const Digest& handover, const ArchiveId& archive);

// How many tasks were written; they go with the next push. Cheap when nothing was handed over to or by this person, or
// everything has its task. Archives without their key here wait for it.
Result<std::size_t> make_handover_tasks(Device& device);

}  // namespace satchel::holder
