// SPDX-License-Identifier: AGPL-3.0-or-later
// Files carried about, where there is no line: exported here, taken there, late, twice, in any order, or never.
#include "sync/bundle/export.h"
#include "sync/bundle/import.h"
#include "tests/simulation/driver.h"

namespace satchel::sim {

void Driver::carry() {
  if (!folder_) folder_.emplace(volatile_folder());
  Node& from = once_in(3) ? some_hub() : somebody();
  const bool up = from.role != wire::Role::hub && once_in(2);
  Node& to = up ? world_.home_of(from) : from.role == wire::Role::hub && once_in(2) ? world_.hq() : somebody();
  if (&from == &to) return;
  if (from.role != wire::Role::hub) (void)node::do_upkeep(from.replica(), from.keyring());
  const auto recipient = to.role == wire::Role::hub ? bundle::to_hub(to.identity.id) : bundle::to_person(to.person);
  const auto made = bundle::export_bundle(from.replica(), {recipient, *folder_, 0});
  if (!made) return note_code(std::unexpected(made.error()));
  ++counts_["bundles made"];
  for (const auto& file : made->files) carried_.push_back({file, &to});
}

void Driver::import_something() {
  if (carried_.empty()) return;
  const auto at = static_cast<std::size_t>(roll(static_cast<int>(carried_.size())));
  const auto [file, to] = carried_[at];
  if (!once_in(4)) carried_.erase(carried_.begin() + static_cast<std::ptrdiff_t>(at));
  const auto taken = bundle::import_part(to->replica(), file);
  if (!taken) return note_code(std::unexpected(taken.error()));
  ++counts_["bundles taken"];
  counts_["forks"] += taken->forks;
  if (to->role != wire::Role::hub) (void)node::do_upkeep(to->replica(), to->keyring());
}

}  // namespace satchel::sim
