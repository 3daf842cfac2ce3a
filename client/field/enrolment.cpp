// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/enrolment.h"

namespace satchel::field {

namespace {

Result<std::vector<std::pair<std::string, int>>> settle_in(Device& device) {
  const auto directory = device.directory();
  const KnownNode* self = directory->node(device.identity().id);
  const Person* me = self != nullptr ? directory->person(self->person) : nullptr;
  const bool hq_administrator = me != nullptr && me->role() == Role::archive_administrator && me->branch().none();
  if (!hq_administrator || !directory->packs().empty()) return {};
  SATCHEL_GET(published, publish_standard_packs(device));
  return std::move(published.packs);
}

}  // namespace

Result<Joined> join(const holder::Enrolling& wishes) {
  Joined out;
  SATCHEL_GET(enrolled, holder::enrol(wishes));
  out.enrolled = std::move(enrolled);
  if (!out.enrolled.confirmed) return out;
  SATCHEL_GET(packs, settle_in(*out.enrolled.device));
  out.packs = std::move(packs);
  return out;
}

Result<std::vector<std::pair<std::string, int>>> finish_enrolment(Device& device) {
  SATCHEL_TRY(holder::complete_enrolment(device));
  return settle_in(device);
}

}  // namespace satchel::field
