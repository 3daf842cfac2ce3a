// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/field/attachments.h"

#include "client/field/history.h"
#include "sync/holder/disk_file.h"

namespace satchel::field {

namespace {

namespace fs = std::filesystem;

// Where the bytes come from: a file of the disk, or memory.
struct Opened {
  std::uint64_t size = 0;
  node::ReadBytes read;
};

Result<Opened> open_content(const Attaching& what) {
  if (what.file.empty()) {
    const View all = what.content;
    return Opened{all.size(), [all, at = std::size_t{0}](std::span<Byte> into) mutable -> Result<std::size_t> {
                    const auto part = all.subspan(at).first(std::min(into.size(), all.size() - at));
                    std::ranges::copy(part, into.begin());
                    at += part.size();
                    return part.size();
                  }};
  }
  SATCHEL_GET(file, holder::DiskFile::open(what.file));
  const auto shared = std::make_shared<holder::DiskFile>(std::move(file));
  return Opened{shared->size(), [shared](std::span<Byte> into) { return shared->read(into); }};
}

// Whether the record has this very file: then there is nothing to cut. Read only when a size is the same.
Result<std::optional<Attached>> same_file(const std::vector<Attached>& there, const Attaching& what,
                                          std::uint64_t size) {
  if (std::ranges::none_of(there, [&](const Attached& a) { return a.value.manifest.size == size; }))
    return std::nullopt;
  SATCHEL_GET(content, open_content(what));
  blob::FileDigest digest;
  Bytes piece(blob::kChunkPlainBytes);
  for (std::uint64_t left = size; left > 0;) {
    SATCHEL_GET(count, content.read(std::span(piece).first(std::min<std::uint64_t>(left, piece.size()))));
    if (count == 0) return std::nullopt;
    digest.add(View(piece).first(count));
    left -= count;
  }
  const Digest found = digest.finish(size);
  for (const auto& a : there) {
    if (a.value.manifest.digest == found) return a;
  }
  return std::nullopt;
}

}  // namespace

std::string_view state_name(const Attached& a) {
  if (a.whole()) return a.at_hub ? "at_hub" : a.own ? "here_only" : "here";
  if (a.wanted) return "wanted";
  return a.have > 0 ? "partly" : "not_fetched";
}

Result<std::vector<Attached>> attachments_of(const ReadTxn& txn, const node::StoredArchive& info,
                                             const merge::RecordState& state) {
  std::vector<Attached> out;
  const auto values = node::attachments_in(state);
  if (values.empty()) return out;
  SATCHEL_GET(wanted, blob::wanted(txn, SIZE_MAX));
  for (const auto& value : values) {
    Attached a;
    a.number = out.size() + 1;
    a.value = value;
    const blob::Name name{info.no, value.manifest.root};
    SATCHEL_GET(row, blob::find(txn, name));
    if (row) {
      a.have = row->have;
      a.chunks = row->chunks();
      a.own = row->own;
      a.at_hub = row->at_hub;
    }
    a.wanted = std::ranges::find(wanted, name) != wanted.end();
    out.push_back(std::move(a));
  }
  return out;
}

Result<std::vector<Attached>> attachments_of(Book& book, const RecordPlace& place) {
  SATCHEL_GET(reading, book.read());
  SATCHEL_GET(loaded, reading->load(place));
  return attachments_of(reading->txn(), place.info, loaded.shown());
}

namespace {

// The field that shall name the file; none where none was asked for.
Result<const Field*> field_to_fill(Book& book, const Attaching& what) {
  if (what.as.empty()) return nullptr;
  SATCHEL_GET(shown, show_record(book, what.place));
  if (shown.form == nullptr)
    return fail(ErrorKind::not_found, "record.not-readable", holder::short_id(what.place.record));
  SATCHEL_GET(field, find_field(*shown.form, what.as, book.lang()));
  const std::string label = field->label.in(book.lang());
  if (field->type != FieldType::attachment) return fail(ErrorKind::usage, "attach.not-for-files", label);
  if (std::ranges::find(shown.fields, field, &ShownField::field) != shown.fields.end())
    return fail(ErrorKind::usage, "attach.field-filled", label);
  return field;
}

Result<void> name_in(Desk& desk, const Attaching& what, const Field* field, const std::string& name) {
  if (field == nullptr) return {};
  SATCHEL_TRY(desk.edit({what.place, {{field->id, name}}, {}, {}}));
  return {};
}

Result<AttachedNow> attach_once(Book& book, const Attaching& what, const std::vector<Attached>& there,
                                const Field* named) {
  auto& device = book.device();
  SATCHEL_GET(content, open_content(what));
  const std::string given = what.name.empty() ? what.file.filename().string() : what.name;
  if (content.size > blob::kFileBytesMax) return fail(ErrorKind::usage, "attach.too-large", given);
  AttachedNow out;
  SATCHEL_GET(same, same_file(there, what, content.size));
  if (same) {
    out.manifest = same->value.manifest;
    out.saved = {what.place.info.id, what.place.record, {}};
    out.saved.unchanged = true;
    if (named != nullptr)
      SATCHEL_TRY(at_desk(book, [&](Desk& desk) { return name_in(desk, what, named, out.manifest.name); }));
    return out;
  }
  SATCHEL_TRY(node::sweep_cuts(device.replica()));
  node::Incoming incoming{given, what.media.empty() ? media_of(given) : what.media, content.size, content.read,
                          what.progress};
  SATCHEL_GET(cut, node::cut_file(device.replica(), device.keyring(), what.place.info, incoming));
  const auto done = at_desk(book, [&](Desk& desk) -> Result<void> {
    SATCHEL_GET(saved, desk.attach(what.place, cut));
    out.saved = std::move(saved);
    return name_in(desk, what, named, cut.manifest.name);
  });
  if (!done) {
    [[maybe_unused]] const auto forgotten = node::forget_cut(device.replica(), cut);  // or it is swept later
    return std::unexpected(done.error());
  }
  out.manifest = cut.manifest;
  return out;
}

}  // namespace

Result<AttachedNow> attach(Book& book, const Attaching& what) {
  SATCHEL_GET(there, attachments_of(book, what.place));
  if (there.size() >= blob::kPerRecordMax)
    return fail(ErrorKind::usage, "attach.too-many", std::to_string(blob::kPerRecordMax));
  SATCHEL_TRY(may_write(book, what.place.info));
  SATCHEL_GET(named, field_to_fill(book, what));
  // Somebody may lose the archive while a large file is being cut: then it is cut once more, under the new key.
  constexpr int kCutsMax = 3;
  for (int cuts = 1;; ++cuts) {
    auto done = attach_once(book, what, there, named);
    if (done || done.error().code != node::kCutAgain || cuts == kCutsMax) return done;
  }
}

Result<Saved> detach(Book& book, const RecordPlace& place, const Attached& attached, const std::string& reason) {
  Saved out;
  SATCHEL_TRY(at_desk(book, [&](Desk& desk) -> Result<void> {
    SATCHEL_GET(saved, desk.detach(place, attached.value.dot, attached.value.person, reason));
    out = std::move(saved);
    return {};
  }));
  return out;
}

Result<void> want(Book& book, const RecordPlace& place, std::span<const Attached> which) {
  return book.device().replica().write([&](WriteTxn& txn, node::Effects&) -> Result<void> {
    for (const auto& a : which) SATCHEL_TRY(blob::want(txn, {place.info.no, a.value.manifest.root}));
    return {};
  });
}

Result<fs::path> write_out(Book& book, const RecordPlace& place, const Attached& attached, const WritingOut& how) {
  std::error_code ignored;
  const std::string safe = blob::safe_name(attached.value.manifest.name);
  const fs::path target = fs::is_directory(how.to, ignored) ? how.to / safe : how.to;
  if (!how.force && fs::exists(fs::symlink_status(target, ignored)))
    return fail(ErrorKind::failed, "file.exists", target.string());
  SATCHEL_GET(aside, holder::AsideFile::make(target, book.device().entropy()));
  SATCHEL_TRY(node::read_attachment(
      book.device().replica(), book.device().keyring(), place.info, attached.value.manifest,
      [&](View part) { return aside.write(part); }, how.progress));
  SATCHEL_TRY(aside.keep(how.force));
  return target;
}

std::string media_of(std::string_view name) {
  struct Kind {
    std::string_view ending, media;
  };
  static constexpr Kind kKinds[] = {
      {".jpg", "image/jpeg"},
      {".jpeg", "image/jpeg"},
      {".png", "image/png"},
      {".webp", "image/webp"},
      {".heic", "image/heic"},
      {".gif", "image/gif"},
      {".pdf", "application/pdf"},
      {".txt", "text/plain"},
      {".csv", "text/csv"},
      {".mp4", "video/mp4"},
      {".mov", "video/quicktime"},
      {".mp3", "audio/mpeg"},
      {".m4a", "audio/mp4"},
      {".wav", "audio/wav"},
      {".zip", "application/zip"},
      {".doc", "application/msword"},
      {".xls", "application/vnd.ms-excel"},
      {".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
      {".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}};
  std::string lower(name);
  for (auto& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  for (const auto& kind : kKinds) {
    if (lower.ends_with(kind.ending)) return std::string(kind.media);
  }
  return {};
}

}  // namespace satchel::field
