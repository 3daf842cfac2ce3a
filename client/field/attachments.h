// SPDX-License-Identifier: AGPL-3.0-or-later
// Attachments as people use them: a file from the disk onto a record, what a record has and where it is, and the file
// back to the disk. Attaching needs no network. Written files are whole or not there: made aside, synced, renamed; a
// name that came from others never leaves the folder, and nothing is written over unless asked for. Refused: usage
// "attach.too-large", "attach.not-a-file", "attach.too-many", "attach.not-for-files", "attach.field-filled"; not_found
// "file.missing", "attachment.none", "attachment.not-here"; failed "attach.changed", "file.exists"; integrity
// "attachment.broken".
#pragma once

#include <filesystem>

#include "client/field/records.h"
#include "sync/node/attachments.h"

namespace satchel::field {

// One attachment of a record, and how far it is here.
struct Attached {
  std::size_t number = 0;  // as listed, from 1
  node::AttachedValue value;
  std::uint32_t have = 0;  // chunks
  std::uint32_t chunks = 0;
  bool own = false;     // attached on this device
  bool at_hub = false;  // a hub said that it has all of it
  bool wanted = false;  // comes with the next exchange
  bool whole() const { return chunks > 0 && have == chunks; }
};
// "here_only", "at_hub" (and here), "here" (fetched), "partly", "wanted", "not_fetched".
std::string_view state_name(const Attached& attached);

Result<std::vector<Attached>> attachments_of(const ReadTxn& txn, const node::StoredArchive& info,
                                             const merge::RecordState& state);
Result<std::vector<Attached>> attachments_of(Book& book, const RecordPlace& place);

struct Attaching {
  RecordPlace place;
  std::filesystem::path file;
  Bytes content;      // instead of a file, where there is none: what must not touch the disk in the clear
  std::string name;   // instead of the file's own
  std::string media;  // instead of what the name tells
  std::string as;     // an attachment field of the record, empty so far, that then names the file
  node::Progress progress;
};
struct AttachedNow {
  Saved saved;  // unchanged: the record has this file already
  blob::Manifest manifest;
};
Result<AttachedNow> attach(Book& book, const Attaching& what);
// Strikes one out: it is no more shown, its bytes stay with the entry that brought it.
Result<Saved> detach(Book& book, const RecordPlace& place, const Attached& attached, const std::string& reason);

// They come with the next exchange, and the one after if that is cut.
Result<void> want(Book& book, const RecordPlace& place, std::span<const Attached> which);

struct WritingOut {
  std::filesystem::path to;  // a folder that is there, or a file to be
  bool force = false;        // over a file that is there
  node::Progress progress;
};
// Where it was written.
Result<std::filesystem::path> write_out(Book& book, const RecordPlace& place, const Attached& attached,
                                        const WritingOut& how);

// What a file's name tells of its kind, as image/jpeg; empty when it tells nothing.
std::string media_of(std::string_view name);

}  // namespace satchel::field
