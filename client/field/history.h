// SPDX-License-Identifier: AGPL-3.0-or-later
// What happened in an archive, entry by entry: who wrote, when by their own clock, when a hub took it, whether it
// counts. The card's timeline and `log` are both made of it. And one record as a card shows it, field by field.
#pragma once

#include "client/field/attachments.h"

namespace satchel::field {

inline constexpr Millis kSkewShown{5 * 60 * 1000};

// What anybody who may read the record is shown without asking for it: kMask where the field is sensitive. A field that
// is not known may be.
std::string shown_openly(const Field* field, std::string text);

// The form in force; where there is none for this person, that of the version the record names, which a test group
// tries. Null when nothing is known of it.
const Template* form_to_read(Book& book, std::string_view type, std::uint32_t version);

// What one entry says of one record.
struct EventPart {
  RecordId record;
  std::string type;
  std::string label;  // the template's, in the person's language
  std::string title;
  std::vector<std::string> fields;  // their labels
  std::string reason;
  std::string standing;  // "withdrawn", "in_force" or "binned" when the entry sets it
};

struct Event {
  node::Ordinal ordinal = 0;
  Header header;
  Digest hash;
  PersonId person;
  WallTime claimed;
  std::optional<WallTime> received;                      // the earliest stamp
  std::vector<std::pair<std::string, WallTime>> stamps;  // hub's name
  std::optional<Millis> skew;  // of the author's clock, when it was off by more than kSkewShown; positive: ahead
  Judgement judgement = Judgement::in_force;
  node::Reached reached = node::Reached::here_only;
  bool opening = false;  // of the archive
  bool new_key = false;  // begins another key epoch of it
  std::string unread;    // why the body could not be read; the code
  std::vector<EventPart> parts;
};

// Of all entries of the archive and of what is shown within it, or the last `most` (0: all), oldest first.
Result<std::vector<Event>> events_of(Book& book, const ArchiveId& archive, std::size_t most = 0);
// One entry, with what it says.
Result<Event> event_at(Book& book, holder::Reading& reading, const node::StoredArchive& info, node::Ordinal ordinal);
std::vector<EventPart> parts_of(Book& book, const Change& change);
// What an operation on blob::kField does, by the attachment's name.
std::string attachment_word(Book& book, const Op& op);

// ---- one record ----

struct GivenValue {
  Value value;
  std::string text;
  PersonId person;
  WallTime claimed;
};

struct ShownField {
  const Field* field = nullptr;
  std::string text;
  std::vector<GivenValue> given;  // those standing: one, or the concurrent ones, or the entries of a log
  bool contested = false;
  bool corrected = false;
  bool masked = false;  // sensitive: its value is not shown (masking.h)
};

struct ShownRecord {
  RecordPlace place;
  const Template* form = nullptr;  // null: of a pack this program has not
  std::string type;
  std::uint32_t version = 0;  // of the pack, that it was written with
  std::string title;
  PersonId author;
  WallTime created;
  merge::RecordStanding standing = merge::RecordStanding::in_force;
  node::Reached reached = node::Reached::here_only;
  std::vector<ShownField> fields;                            // filled ones, in the template's order
  std::vector<std::pair<std::string, std::string>> unknown;  // fields no template in force has
  std::vector<Attached> attachments;
  std::string reason;  // of the last correction
  std::size_t held = 0;
  bool only_held = false;  // nothing of it is in force: shown as it would read once admitted
};
Result<ShownRecord> show_record(Book& book, holder::Reading& reading, const RecordPlace& place);
Result<ShownRecord> show_record(Book& book, const RecordPlace& place);

std::string_view reached_name(node::Reached reached);  // "here_only", "branch", "headquarters"

}  // namespace satchel::field
