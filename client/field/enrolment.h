// SPDX-License-Identifier: AGPL-3.0-or-later
// A person's device joins: sync/holder/enrol.h, and what the first administrator's does on top, because somebody has
// to: publish the standard packs of an organisation that has none.
#pragma once

#include "client/field/packs.h"
#include "sync/holder/enrol.h"

namespace satchel::field {

struct Joined {
  holder::Enrolled enrolled;
  std::vector<std::pair<std::string, int>> packs;  // published
};
Result<Joined> join(const holder::Enrolling& wishes);

// Asks the hubs whether this device is confirmed by now and does the rest. Errors as holder::complete_enrolment.
Result<std::vector<std::pair<std::string, int>>> finish_enrolment(Device& device);

}  // namespace satchel::field
