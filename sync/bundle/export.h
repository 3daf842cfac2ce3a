// SPDX-License-Identifier: AGPL-3.0-or-later
// Export: what a recipient is not known to have, into the files of one bundle. Towards a hub: statements not yet
// ordered, everything past the pushed mark, late wraps. From a hub, or to a person's devices: the directory and the
// archives they may read, past what they told us they hold, with stamps and receipts. Either way also where we stand,
// what became of the bundles that came from there, and what we hold, so that the next bundle back can be small. Nothing
// is marked as sent: marks move when the acknowledging bundle comes, so a lost stick costs nothing but another export.
// Writes through the replica at once; memory is bounded by one page of archives. not_found "bundle.no-recipient"
// (detail: the name), conflict "bundle.ambiguous", usage "bundle.to-self", failed "bundle.nobody" (no confirmed
// device), permission "bundle.unconfirmed"; those of part_writer.h.
#pragma once

#include "sync/bundle/part_writer.h"
#include "sync/node/replica.h"

namespace satchel::bundle {

// A hub by its name, its branch's, or as headquarters (HQ, 总部); a person by name; either by the beginning of an id.
Result<Recipient> find_recipient(const Directory& directory, std::string_view name);
// As people know it; the id where they do not.
std::string name_of(const Directory& directory, const Recipient& recipient);
std::string name_of(const Directory& directory, const NodeId& node);

struct ExportWishes {
  Recipient to;
  std::filesystem::path folder;
  std::uint64_t part_bytes = 0;  // 0: one file
  bool list_only =
      false;  // what is held here, and nothing of it: so that a first bundle back is no larger than it must
};

struct Exported {
  BundleId id;
  std::uint64_t number = 0;
  std::vector<std::filesystem::path> files;
  std::uint64_t bytes = 0;
  std::size_t devices = 0;  // that can open it
  std::size_t entries = 0;
  std::size_t statements = 0;  // handed in
  std::size_t directory = 0;   // ordered ones
  std::size_t stamps = 0;      // beside those that travel with their batches
  std::size_t wraps = 0;
  std::size_t acknowledged = 0;  // bundles of theirs
  std::size_t archives_told = 0;
  std::size_t attachments = 0;
  std::uint64_t attachment_bytes = 0;
  std::size_t outstanding = 0;  // earlier bundles to them that nobody acknowledged; this one has their content, too
  // Nothing in it that the recipient does not have, but where we stand.
  bool nothing_new() const {
    return entries + statements + directory + stamps + wraps + acknowledged + attachments == 0;
  }
};

Result<Exported> export_bundle(node::Replica& replica, const ExportWishes& wishes);

}  // namespace satchel::bundle
