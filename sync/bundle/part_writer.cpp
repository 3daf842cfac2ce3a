// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/bundle/part_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include "sync/bundle/io_error.h"
#include "sync/bundle/limits.h"

namespace satchel::bundle {

namespace fs = std::filesystem;

namespace {

// Folders are not made: where a stick is missing, whoever unplugged it is to be told.
Result<void> check_folder(const fs::path& folder) {
  std::error_code error;
  if (!fs::exists(folder, error) && (!error || error == std::errc::no_such_file_or_directory))
    return fail(ErrorKind::not_found, "bundle.no-folder", folder.string());
  if (error) return fail(ErrorKind::storage, "bundle.io", folder.string() + ": " + error.message());
  if (!fs::is_directory(folder, error)) return fail(ErrorKind::usage, "bundle.not-a-folder", folder.string());
  return {};
}

}  // namespace

// A file being written; gone again when nobody finished it.
struct PartWriter::Part {
  fs::path file;
  int fd = -1;
  Header header;
  bool kept = false;

  ~Part() {
    if (fd >= 0) ::close(fd);
    if (!kept) ::unlink(file.c_str());
  }
  Result<void> write(View bytes) {
    while (!bytes.empty()) {
      const auto count = ::write(fd, bytes.data(), bytes.size());
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return io_error(file);
      bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return {};
  }
};

PartWriter::PartWriter(Setup setup) : setup_(std::move(setup)), bound_(bound_digest(setup_.header)) {
  setup_.header.part = setup_.header.parts = 1;
  header_bytes_ = encode_signed(setup_.header, setup_.sign).size();
}

PartWriter::~PartWriter() = default;

Result<std::unique_ptr<PartWriter>> PartWriter::open(Setup setup) {
  if (setup.part_bytes != 0 && setup.part_bytes < kPartBytesMin)
    return fail(ErrorKind::usage, "bundle.size-too-small", std::to_string(kPartBytesMin >> 20) + "M");
  SATCHEL_TRY(check_folder(setup.folder));
  std::unique_ptr<PartWriter> writer(new PartWriter(std::move(setup)));
  SATCHEL_TRY(writer->begin_part());
  return writer;
}

fs::path PartWriter::name_of(std::uint32_t part, std::uint32_t parts) const {
  const auto& h = setup_.header;
  const auto digits = [](std::uint64_t n, std::size_t least) {
    std::string out = std::to_string(n);
    return out.size() < least ? std::string(least - out.size(), '0') + out : out;
  };
  std::string name = h.from.node.hex().substr(0, 8) + "-to-" + hex(h.to.id).substr(0, 8) + "-" + digits(h.number, 4);
  if (parts > 1) name += "-part" + digits(part, std::to_string(parts).size()) + "of" + std::to_string(parts);
  return setup_.folder / (name + ".satchel");
}

Result<void> PartWriter::begin_part() {
  if (parts_.size() == kPartsMax) return fail(ErrorKind::failed, "bundle.too-many-parts", std::to_string(kPartsMax));
  auto part = std::make_unique<Part>();
  part->header = setup_.header;
  part->header.part = static_cast<std::uint32_t>(parts_.size() + 1);
  part->file = setup_.folder / ("." + setup_.header.id.hex() + "." + std::to_string(part->header.part) + ".new");
  part->fd = ::open(part->file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (part->fd < 0) return io_error(part->file);
  // The header takes this place when the content is known.
  SATCHEL_TRY(part->write(Bytes(header_bytes_)));
  parts_.push_back(std::move(part));
  return {};
}

Result<void> PartWriter::add(RecordKind kind, View bytes) {
  SATCHEL_ASSERT(bytes.size() <= kFrameBytesMax);
  Writer head(8);
  head.u8(static_cast<std::uint8_t>(kind)).u32(static_cast<std::uint32_t>(bytes.size()));
  chunk_.insert(chunk_.end(), head.bytes().begin(), head.bytes().end());
  chunk_.insert(chunk_.end(), bytes.begin(), bytes.end());
  return chunk_.size() >= kChunkBytes ? end_chunk() : Result<void>{};
}

Result<void> PartWriter::end_chunk() {
  if (chunk_.empty()) return {};
  const std::uint64_t size = 4 + chunk_.size() + kSealOverhead;
  if (setup_.part_bytes != 0 && parts_.back()->header.chunks > 0 &&
      header_bytes_ + parts_.back()->header.content_bytes + size > setup_.part_bytes) {
    SATCHEL_TRY(begin_part());
  }
  Part& part = *parts_.back();
  Header& h = part.header;
  Writer out(size);
  out.u32(static_cast<std::uint32_t>(chunk_.size() + kSealOverhead));
  seal_into(out.buffer(), setup_.key, chunk_bound(bound_, h.part, h.chunks), chunk_, setup_.entropy);
  SATCHEL_TRY(part.write(out.bytes()));
  h.content = content_after(h.content, out.bytes());
  ++h.chunks;
  h.content_bytes += out.size();
  bytes_ += out.size();
  chunk_.clear();
  return {};
}

Result<std::vector<fs::path>> PartWriter::finish() {
  SATCHEL_TRY(end_chunk());
  std::vector<fs::path> files;
  for (auto& part : parts_) {
    part->header.parts = static_cast<std::uint32_t>(parts_.size());
    const Bytes header = encode_signed(part->header, setup_.sign);
    SATCHEL_ASSERT(header.size() == header_bytes_);
    if (::lseek(part->fd, 0, SEEK_SET) != 0) return io_error(part->file);
    SATCHEL_TRY(part->write(header));
    if (::fsync(part->fd) != 0) return io_error(part->file);
    bytes_ += header.size();
  }
  for (auto& part : parts_) {
    files.push_back(name_of(part->header.part, part->header.parts));
    if (::rename(part->file.c_str(), files.back().c_str()) != 0) return io_error(files.back());
    part->kept = true;
  }
  const int folder = ::open(setup_.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = folder >= 0 && ::fsync(folder) == 0;
  if (folder >= 0) ::close(folder);
  if (!synced) return io_error(setup_.folder);
  return files;
}

}  // namespace satchel::bundle
