// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/exchange/encoding.h"

#include <unicode/ucnv.h>

#include <memory>

#include "schema/base/value.h"

namespace satchel {

namespace {

constexpr std::string_view kMarkUtf8 = "\xef\xbb\xbf";
constexpr std::string_view kMarkUtf16Le = "\xff\xfe";
constexpr std::string_view kMarkUtf16Be = "\xfe\xff";

struct CloseConverter {
  void operator()(UConverter* c) const { ucnv_close(c); }
};
using Converter = std::unique_ptr<UConverter, CloseConverter>;

std::unexpected<Error> unreadable(std::string_view encoding, std::size_t offset) {
  return fail(ErrorKind::invalid, "text.encoding", std::string(encoding) + ", byte " + std::to_string(offset));
}

// A converter that stops at what does not fit, instead of putting a substitute.
Result<Converter> open_strict(const char* name) {
  UErrorCode status = U_ZERO_ERROR;
  Converter converter(ucnv_open(name, &status));
  if (U_SUCCESS(status))
    ucnv_setToUCallBack(converter.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &status);
  if (U_SUCCESS(status))
    ucnv_setFromUCallBack(converter.get(), UCNV_FROM_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &status);
  if (U_FAILURE(status)) return fail(ErrorKind::failed, "text.converter", name);
  return converter;
}

// In pieces, so that memory beside the result stays small.
Result<std::string> convert(std::string_view from, const char* from_name, const char* to_name) {
  auto source = open_strict(from_name);
  if (!source) return std::unexpected(source.error());
  auto target = open_strict(to_name);
  if (!target) return std::unexpected(target.error());
  std::string out;
  constexpr std::size_t kPieceBytes = 16 * 1024;
  char piece[kPieceBytes];
  UChar pivot[kPieceBytes / 2];
  UChar *pivot_read = pivot, *pivot_write = pivot;
  const char* at = from.data();
  const char* const end = from.data() + from.size();
  for (bool first = true;; first = false) {
    UErrorCode status = U_ZERO_ERROR;
    char* put = piece;
    ucnv_convertEx(target->get(), source->get(), &put, piece + kPieceBytes, &at, end, pivot, &pivot_read, &pivot_write,
                   pivot + kPieceBytes / 2, first, true, &status);
    out.append(piece, put);
    if (status == U_BUFFER_OVERFLOW_ERROR) continue;
    if (U_FAILURE(status)) return unreadable(from_name, static_cast<std::size_t>(at - from.data()));
    return out;
  }
}

Result<DecodedText> decode_as(std::string_view bytes, TextEncoding encoding) {
  const auto body = [&](std::string_view mark) { return bytes.substr(bytes.starts_with(mark) ? mark.size() : 0); };
  Result<std::string> text;
  switch (encoding) {
    case TextEncoding::utf8:
    case TextEncoding::utf8_bom: {
      const auto utf8 = body(kMarkUtf8);
      if (is_utf8(utf8)) return DecodedText{std::string(utf8), encoding};
      text = convert(utf8, "UTF-8", "UTF-8");  // for the offset
      if (text) return unreadable("UTF-8", 0);
      break;
    }
    case TextEncoding::gb18030:
      text = convert(bytes, "GB18030", "UTF-8");
      break;
    case TextEncoding::utf16le:
      text = convert(body(kMarkUtf16Le), "UTF-16LE", "UTF-8");
      break;
    case TextEncoding::utf16be:
      text = convert(body(kMarkUtf16Be), "UTF-16BE", "UTF-8");
      break;
  }
  if (!text) return std::unexpected(text.error());
  return DecodedText{std::move(*text), encoding};
}

}  // namespace

std::string_view name_of(TextEncoding encoding) {
  static constexpr std::string_view kNames[] = {"UTF-8", "UTF-8 with BOM", "GB18030", "UTF-16LE", "UTF-16BE"};
  return kNames[static_cast<std::size_t>(encoding)];
}

Result<DecodedText> decode_text(View raw, std::optional<TextEncoding> known) {
  const std::string_view bytes = text(raw);
  if (known) return decode_as(bytes, *known);
  if (bytes.starts_with(kMarkUtf8)) return decode_as(bytes, TextEncoding::utf8_bom);
  if (bytes.starts_with(kMarkUtf16Le)) return decode_as(bytes, TextEncoding::utf16le);
  if (bytes.starts_with(kMarkUtf16Be)) return decode_as(bytes, TextEncoding::utf16be);
  if (is_utf8(bytes)) return decode_as(bytes, TextEncoding::utf8);
  return decode_as(bytes, TextEncoding::gb18030);
}

Result<std::string> encode_gb18030(std::string_view utf8) { return convert(utf8, "UTF-8", "GB18030"); }

}  // namespace satchel
