// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/holder/attention.h"

#include "sync/node/records.h"

namespace satchel::holder {

namespace {

std::vector<std::string> contested_fields(const Directory& directory, const merge::RecordState& state,
                                          const Template& shape) {
  std::vector<std::string> out;
  for (const auto& field : shape.fields) {
    if (node::resolved(field, state, directory).contested) out.push_back(field.id);
  }
  return out;
}

}  // namespace

Result<Attention> attention_of(Device& device) {
  Attention out;
  const auto obeyed = device.replica().obeyed();
  SATCHEL_GET(txn, device.replica().store().begin_read());
  SATCHEL_GET(waiting, device.deriver().waiting(*txn));
  SATCHEL_GET(locked, device.deriver().locked(*txn));
  out.locked = locked.size();
  node::RecordReader reader(*txn, *obeyed, device.keyring());
  const auto& catalogue = device.deriver().packs().catalogue;
  for (const auto& w : waiting) {
    SATCHEL_GET(info, node::archive_info(*txn, w.archive));
    SATCHEL_GET(index, node::record_index(*txn, w.archive, w.record));
    if (!info || !index) continue;
    SATCHEL_GET(loaded, reader.load(*info, w.record, index->ordinals));
    out.held += loaded.held;
    const Template* shape = loaded.state.empty() ? nullptr : catalogue.find_template(loaded.state.type());
    if (shape == nullptr) continue;
    auto fields = contested_fields(*obeyed->ordered, loaded.state, *shape);
    if (!fields.empty()) out.contested.push_back({info->id, w.record, shape->id, std::move(fields)});
  }
  return out;
}

}  // namespace satchel::holder
