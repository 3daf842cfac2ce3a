// SPDX-License-Identifier: AGPL-3.0-or-later
// Files a person named: one read piece by piece, and one that is written aside and takes its name when it is whole.
#pragma once

#include <filesystem>

#include "schema/base/entropy.h"
#include "schema/base/result.h"

namespace satchel::holder {

class DiskFile {
 public:
  // not_found "file.missing", usage "attach.not-a-file", failed "file.unreadable".
  static Result<DiskFile> open(const std::filesystem::path& path);
  DiskFile(DiskFile&& other) noexcept;
  DiskFile& operator=(DiskFile&&) = delete;
  ~DiskFile();
  std::uint64_t size() const { return size_; }
  // Fewer bytes than asked for only at the end.
  Result<std::size_t> read(std::span<Byte> into);

 private:
  DiskFile(int handle, std::uint64_t size, std::string path) : handle_(handle), size_(size), path_(std::move(path)) {}
  int handle_;
  std::uint64_t size_;
  std::string path_;
};

// A whole file of at most so many bytes. usage "file.too-large", those of DiskFile.
Result<Bytes> read_all(const std::filesystem::path& path, std::size_t most);

// Whether a file of this name may be made now, as far as that is seen without making one. failed "file.exists",
// storage "file.io".
Result<void> may_make(const std::filesystem::path& target);

// Gone when it is not kept.
class AsideFile {
 public:
  // Beside `target`, readable by its owner alone. storage "file.io".
  static Result<AsideFile> make(const std::filesystem::path& target, Entropy& entropy);
  AsideFile(AsideFile&& other) noexcept;
  AsideFile& operator=(AsideFile&&) = delete;
  ~AsideFile();
  Result<void> write(View bytes);
  // For a library that writes by name: into this same file, before it is kept.
  const std::filesystem::path& path() const { return aside_; }
  // Synced and renamed. failed "file.exists" when there is one by now and it is not to be replaced.
  Result<void> keep(bool replace);

 private:
  AsideFile(int handle, std::filesystem::path aside, std::filesystem::path target)
      : handle_(handle), aside_(std::move(aside)), target_(std::move(target)) {}
  int handle_;
  std::filesystem::path aside_;
  std::filesystem::path target_;
};

}  // namespace satchel::holder
