// SPDX-License-Identifier: AGPL-3.0-or-later
// Import: one part of a bundle into this node, by the same acts and with the same judgement as a session: a hub takes
// what a device or a lower hub hands in and stamps it, everybody else takes it as from a hub it pulled from. The file
// is checked whole before anything is believed; then its chunks are taken one durable step at a time, so that an import
// cut anywhere goes on where it was, and taking a part twice changes nothing. Parts may come in any order: one that
// comes early waits in the store for those before it. Cursors move when the last part is in, and only if what the
// pages promised came.
// Errors of part_reader.h, and: permission "bundle.not-for-us" (detail: whom it is for), "bundle.sender-unconfirmed",
// "bundle.sender-revoked"; integrity "bundle.other-organisation", "bundle.bad-signature"; not_found
// "bundle.unknown-sender"; or the lie's name as in a session. What was taken before stays.
#pragma once

#include "sync/bundle/part_reader.h"
#include "sync/node/replica.h"

namespace satchel::bundle {

struct Imported {
  Header header;
  std::string sender;                  // its name here
  bool seen_before = false;            // this part was taken already: nothing was done
  bool older = false;                  // a later bundle of this sender was taken before
  bool complete = false;               // all parts are in
  std::vector<std::uint32_t> missing;  // parts
  std::size_t received = 0;            // entries new here
  std::size_t known = 0;
  std::size_t held = 0;
  std::size_t rejected = 0;
  std::size_t gaps = 0;
  std::size_t later = 0;  // batches our directory is too old for
  std::size_t forks = 0;
  std::size_t passed_over = 0;  // chains of archives we may not read
  std::size_t statements = 0;   // ordered ones new here
  std::size_t handed_in = 0;    // statements taken from the sender
  std::size_t refused_statements = 0;
  std::size_t stamps = 0;
  std::size_t wraps = 0;
  std::size_t acknowledged = 0;     // bundles of ours
  std::size_t chunks = 0;           // of attachments, new here
  std::size_t attachments = 0;      // whole by now
  std::size_t chunks_refused = 0;   // for want of room
  std::size_t pages_unkept = 0;     // promises that did not come true: asked for again another time
  void add(const Imported& other);  // the numbers
};

// What can be told without any key: whether the file is whole.
Result<PartReader> look_at(const std::filesystem::path& file);
Result<Imported> import_part(node::Replica& replica, const std::filesystem::path& file);

// Several files, part by part in the order of their numbers; one that cannot be taken stops no other.
struct FileOutcome {
  std::filesystem::path file;
  Result<Imported> result;
};
std::vector<FileOutcome> import_files(node::Replica& replica, const std::vector<std::string>& files);

}  // namespace satchel::bundle
