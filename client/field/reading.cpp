// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/reading.h"

#include "client/field/packs.h"

namespace satchel::field {

Result<void> note_reading(Book& book, const ReadingNote& note) {
  SATCHEL_GET(form, own_form(book, "reading"));
  NewRecord record{form, {}, {}, {}};
  record.fields = {{"kind", note.kind},
                   {"what", note.what},
                   {"purpose", note.purpose},
                   {"count", static_cast<std::int64_t>(note.count)},
                   {"at", book.device().clock().wall()}};
  std::erase_if(record.fields, [](const auto& entry) {
    const auto* text = std::get_if<std::string>(&entry.second);
    return text != nullptr && text->empty();
  });
  if (note.archives.size() == 1) record.fields.emplace("about", Ref{note.archives.front().bytes});
  return at_desk(book, [&](Desk& desk) -> Result<void> {
    SATCHEL_GET(archive, desk.own_archive(*form));
    record.archive = archive;
    SATCHEL_TRY(desk.add(record));
    return {};
  });
}

}  // namespace satchel::field
