// SPDX-License-Identifier: AGPL-3.0-or-later
// Values that nobody may choose between but a person: shown field by field with who wrote what and when, and what stood
// before; resolved by an entry that replaces them all. The losers stay in the record's history.
#pragma once

#include "client/field/history.h"

namespace satchel::field {

struct Dispute {
  CustomerRef customer;  // of the archive; without a name for other kinds of archive
  RecordPlace place;
  const Template* form = nullptr;
  std::string title;
  struct Disputed {
    const Field* field = nullptr;
    std::vector<GivenValue> values;    // by dot: the numbers people type are the same at every node
    std::vector<GivenValue> original;  // what all of them replaced
  };
  std::vector<Disputed> fields;
};

Result<std::vector<Dispute>> list_disputes(Book& book);

struct Resolution {
  std::string record;                // the beginning of its id, or a customer whose card it is
  std::string field;                 // id or label
  std::size_t keep = 0;              // 1: the first value shown
  std::optional<std::string> value;  // or another one
  std::string reason;
};
struct Resolved {
  Saved saved;
  std::string text;  // the value now in force
};
// not_found "conflict.none" (nothing disputed there), usage "conflict.choose", "conflict.no-such-value".
Result<Resolved> resolve_dispute(Book& book, const Resolution& resolution);

}  // namespace satchel::field
