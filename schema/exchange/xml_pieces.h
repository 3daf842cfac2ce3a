// SPDX-License-Identifier: AGPL-3.0-or-later
// Elements of one name out of a stream of XML, one at a time, so that a sheet of a million rows needs the memory of
// one. Knows only what separates elements: tags, quotes, comments, CDATA; whoever takes a piece parses it. A DOCTYPE is
// refused, because nothing good ever came with one in a spreadsheet.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "schema/base/result.h"

namespace satchel {

class XmlPieces {
 public:
  // Appends more bytes to the buffer; false when there are none left.
  using Source = std::function<Result<bool>(std::string& buffer)>;

  // Pieces are elements called `name`, whatever their namespace prefix.
  XmlPieces(Source source, std::string name, std::size_t piece_bytes_max)
      : source_(std::move(source)), name_(std::move(name)), most_(piece_bytes_max) {}

  // The element with its tags; false at the end. Errors: xlsx.damaged (cut, DOCTYPE), xlsx.too-large, the source's.
  Result<bool> next(std::string& piece);

 private:
  struct Token {
    std::size_t begin = 0, end = 0;  // past its '>'
    bool tag = false;                // else a comment, CDATA or instruction
  };
  Result<bool> find_token(Token& token);
  Result<bool> more();

  Source source_;
  std::string name_;
  std::size_t most_;
  std::string buffer_;
  std::size_t at_ = 0;     // where the next token is looked for
  std::size_t start_ = 0;  // bytes before it are not needed any more
  bool ended_ = false;
};

}  // namespace satchel
