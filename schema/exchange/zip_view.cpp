// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/exchange/zip_view.h"

#include <zip.h>

namespace satchel {

namespace {

constexpr std::size_t kPieceBytes = 64 * 1024;
constexpr zip_int64_t kMembersMax = 10'000;
// Old .xls files and those with a password are compound documents, not archives.
constexpr std::string_view kCompoundDocument = "\xd0\xcf\x11\xe0";

std::unexpected<Error> damaged(std::string detail) {
  return fail(ErrorKind::invalid, "xlsx.damaged", std::move(detail));
}

struct CloseFile {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};

}  // namespace

struct ZipView::Inside {
  zip_t* zip = nullptr;
  std::size_t left = 0;
  ~Inside() {
    if (zip != nullptr) zip_discard(zip);
  }
};

struct ZipView::Member::Inside {
  std::string name;
  std::unique_ptr<zip_file_t, CloseFile> file;
  std::size_t* left = nullptr;
};

ZipView::ZipView(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
ZipView::ZipView(ZipView&&) noexcept = default;
ZipView& ZipView::operator=(ZipView&&) noexcept = default;
ZipView::~ZipView() = default;
ZipView::Member::Member(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
ZipView::Member::Member(Member&&) noexcept = default;
ZipView::Member::~Member() = default;

Result<ZipView> ZipView::open(View bytes, std::size_t unfolded_bytes_max) {
  if (text(bytes).starts_with(kCompoundDocument)) return fail(ErrorKind::invalid, "xlsx.old-or-locked");
  if (!text(bytes).starts_with("PK")) return fail(ErrorKind::invalid, "xlsx.not-a-workbook");
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  zip_t* zip = source == nullptr ? nullptr : zip_open_from_source(source, ZIP_RDONLY, &error);
  const std::string why = zip == nullptr ? zip_error_strerror(&error) : "";
  zip_error_fini(&error);
  if (zip == nullptr) {
    if (source != nullptr) zip_source_free(source);
    return damaged(why);
  }
  auto inside = std::make_unique<Inside>();
  inside->zip = zip;
  inside->left = unfolded_bytes_max;
  if (zip_get_num_entries(zip, 0) > kMembersMax) return fail(ErrorKind::invalid, "xlsx.too-large", "zip");
  return ZipView(std::move(inside));
}

bool ZipView::has(const std::string& name) const {
  return zip_name_locate(inside_->zip, name.c_str(), ZIP_FL_NOCASE) >= 0;
}

Result<ZipView::Member> ZipView::member(const std::string& name) {
  const auto at = zip_name_locate(inside_->zip, name.c_str(), ZIP_FL_NOCASE);
  if (at < 0) return damaged(name);
  // A workbook's members are stored or deflated. The other methods that libzip knows take the memory their data ask
  // for.
  zip_stat_t told;
  zip_stat_init(&told);
  const bool known = zip_stat_index(inside_->zip, static_cast<zip_uint64_t>(at), 0, &told) == 0 &&
                     (told.valid & ZIP_STAT_COMP_METHOD) != 0;
  if (!known || (told.comp_method != ZIP_CM_STORE && told.comp_method != ZIP_CM_DEFLATE)) return damaged(name);
  auto member = std::make_unique<Member::Inside>();
  member->name = name;
  member->file.reset(zip_fopen_index(inside_->zip, static_cast<zip_uint64_t>(at), 0));
  if (member->file == nullptr) return damaged(name + ": " + zip_strerror(inside_->zip));
  member->left = &inside_->left;
  return Member(std::move(member));
}

Result<bool> ZipView::Member::next(std::string& out) {
  const auto before = out.size();
  out.resize(before + kPieceBytes);
  const auto got = zip_fread(inside_->file.get(), out.data() + before, kPieceBytes);
  out.resize(before + (got > 0 ? static_cast<std::size_t>(got) : 0));
  if (got < 0) return damaged(inside_->name);
  if (static_cast<std::size_t>(got) > *inside_->left) return fail(ErrorKind::invalid, "xlsx.too-large", inside_->name);
  *inside_->left -= static_cast<std::size_t>(got);
  return got > 0;
}

Result<std::string> ZipView::read(const std::string& name, std::size_t most) {
  SATCHEL_GET(from, member(name));
  std::string out;
  for (;;) {
    SATCHEL_GET(more, from.next(out));
    if (out.size() > most) return fail(ErrorKind::invalid, "xlsx.too-large", name);
    if (!more) return out;
  }
}

}  // namespace satchel
