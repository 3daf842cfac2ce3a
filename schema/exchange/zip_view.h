// SPDX-License-Identifier: AGPL-3.0-or-later
// A ZIP file in memory, read member by member without ever unfolding more than was allowed: a bomb of a few kilobytes
// fails like any file that is too large. Checksums are verified as members end. The bytes must outlive it.
#pragma once

#include <memory>
#include <string>

#include "schema/base/bytes.h"
#include "schema/base/result.h"

namespace satchel {

class ZipView {
 public:
  // `unfolded_bytes_max` counts over all members read. Errors: xlsx.not-a-workbook, xlsx.damaged.
  static Result<ZipView> open(View bytes, std::size_t unfolded_bytes_max);
  ZipView(ZipView&&) noexcept;
  ZipView& operator=(ZipView&&) noexcept;
  ~ZipView();

  bool has(const std::string& name) const;
  // The whole member. Errors: xlsx.damaged, xlsx.too-large.
  Result<std::string> read(const std::string& name, std::size_t most);

  class Member {
   public:
    Member(Member&&) noexcept;
    ~Member();
    // Appends a piece; false at the end.
    Result<bool> next(std::string& out);

   private:
    friend class ZipView;
    struct Inside;
    explicit Member(std::unique_ptr<Inside> inside);
    std::unique_ptr<Inside> inside_;
  };
  // Lives as long as this.
  Result<Member> member(const std::string& name);

 private:
  struct Inside;
  explicit ZipView(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

}  // namespace satchel
