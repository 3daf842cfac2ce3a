// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/exchange/xml_pieces.h"

#include <algorithm>

namespace satchel {

namespace {

constexpr std::size_t kLongestOpening = 9;  // <![CDATA[

std::size_t after(std::string_view text, std::string_view word, std::size_t from) {
  const auto at = text.find(word, from);
  return at == std::string_view::npos ? at : at + word.size();
}

// Past the tag's '>', which may stand in quotes without ending it.
std::size_t tag_end(std::string_view text, std::size_t from) {
  char quote = 0;
  for (std::size_t i = from; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '>') {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

// "x:row" of "<x:row r='1'>" and of "</x:row>".
std::string_view tag_name(std::string_view tag) {
  tag.remove_prefix(tag.starts_with("</") ? 2 : 1);
  return tag.substr(0, tag.find_first_of(" \t\r\n/>"));
}

std::string_view local_part(std::string_view name) { return name.substr(name.find(':') + 1); }

}  // namespace

Result<bool> XmlPieces::more() {
  if (ended_) return false;
  if (start_ > 0) {
    buffer_.erase(0, start_);
    at_ -= start_;
    start_ = 0;
  }
  if (buffer_.size() > most_) return fail(ErrorKind::invalid, "xlsx.too-large", name_);
  // Twice what is held: a comment as long as may be is searched a few times and not once for each of the source's
  // pieces.
  const std::size_t enough = buffer_.size() * 2;
  do {
    SATCHEL_GET(got, source_(buffer_));
    ended_ = !got;
  } while (!ended_ && buffer_.size() < enough);
  return !ended_;
}

// False when the stream ends before another one.
Result<bool> XmlPieces::find_token(Token& token) {
  for (;;) {
    const std::string_view text = buffer_;
    const auto open = text.find('<', at_);
    const bool whole = open != std::string_view::npos && (text.size() - open >= kLongestOpening || ended_);
    auto end = std::string_view::npos;
    if (whole) {
      const auto rest = text.substr(open);
      token.begin = open;
      token.tag = false;
      if (rest.starts_with("<!--")) {
        end = after(text, "-->", open + 4);
      } else if (rest.starts_with("<![CDATA[")) {
        end = after(text, "]]>", open);
      } else if (rest.starts_with("<?")) {
        end = after(text, "?>", open);
      } else if (rest.starts_with("<!")) {
        return fail(ErrorKind::invalid, "xlsx.damaged", "DOCTYPE");
      } else {
        token.tag = true;
        end = tag_end(text, open);
      }
    }
    if (end != std::string_view::npos) {
      token.end = end;
      return true;
    }
    if (open == std::string_view::npos) at_ = buffer_.size();
    const bool over = ended_;
    SATCHEL_TRY(more());
    if (!over) continue;
    if (open == std::string_view::npos) return false;
    return fail(ErrorKind::invalid, "xlsx.damaged", name_);
  }
}

Result<bool> XmlPieces::next(std::string& piece) {
  std::string inside;  // the element's whole name, once one has begun
  for (Token token;;) {
    if (inside.empty()) start_ = at_;
    SATCHEL_GET(found, find_token(token));
    if (!found && inside.empty()) return false;
    if (!found) return fail(ErrorKind::invalid, "xlsx.damaged", name_);
    at_ = token.end;
    if (!token.tag) continue;
    const auto tag = std::string_view(buffer_).substr(token.begin, token.end - token.begin);
    const auto name = tag_name(tag);
    const bool closing = tag.starts_with("</");
    if (inside.empty()) {
      if (closing || local_part(name) != name_) continue;
      start_ = token.begin;
      inside = name;
      if (!tag.ends_with("/>")) continue;
    } else if (!closing || name != inside) {
      continue;
    }
    piece.assign(buffer_, start_, at_ - start_);
    if (piece.size() > most_) return fail(ErrorKind::invalid, "xlsx.too-large", name_);
    return true;
  }
}

}  // namespace satchel
