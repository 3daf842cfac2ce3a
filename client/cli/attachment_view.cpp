// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/cli/attachment_view.h"

#include "client/cli/book_view.h"
#include "client/cli/words.h"
#include "schema/exchange/text_table.h"

namespace satchel::cli {

namespace {

std::string state_text(const Frame& frame, const field::Attached& a) {
  const std::string part = std::to_string(a.have) + "/" + std::to_string(a.chunks);
  if (a.whole()) {
    if (a.at_hub) return frame.tr("◐ 本机和枢纽", "◐ here and at a hub");
    return a.own ? frame.tr("○ 仅本机", "○ only here") : frame.tr("● 已取到本机", "● fetched");
  }
  if (a.wanted) return frame.tr("… 正在取回 ", "… being fetched ") + part;
  if (a.have > 0) return frame.tr("… 取了一部分 ", "… partly fetched ") + part;
  return frame.tr("· 未取回", "· not fetched");
}

}  // namespace

boost::json::object attachment_json(holder::Book& book, const field::Attached& a) {
  const auto& m = a.value.manifest;
  return {{"number", a.number},
          {"name", m.name},
          {"media", m.media},
          {"size", m.size},
          {"digest", m.digest.hex()},
          {"root", m.root.hex()},
          {"person", book.person_name(a.value.person)},
          {"time", moment(a.value.claimed)},
          {"state", field::state_name(a)},
          {"chunks", a.chunks},
          {"chunks_here", a.have},
          {"at_hub", a.at_hub}};
}

std::string attachments_text(const Frame& frame, holder::Book& book, const std::vector<field::Attached>& list) {
  std::string out;
  for (const auto& a : list) {
    const auto& m = a.value.manifest;
    out += "  " + std::to_string(a.number) + "  " + cut_to_width(printable(blob::safe_name(m.name)), 48) + "  " +
           size_word(m.size) + "  " + state_text(frame, a) + "  " + book.person_name(a.value.person) + " " +
           moment(a.value.claimed) + "\n";
  }
  return out;
}

std::string attachments_word(const Frame& frame, std::uint64_t number, std::uint64_t bytes) {
  if (number == 0) return {};
  return frame.tr("（附件 ", " (attachments ") + std::to_string(number) + frame.tr("，", ", ") + size_word(bytes) +
         frame.tr("）", ")");
}

std::string progress_word(std::uint64_t done, std::uint64_t of) {
  const auto shown = std::min(done, of);
  const std::string percent = of == 0 ? std::string("100") : std::to_string(shown * 100 / of);
  return size_word(shown) + " / " + size_word(of) + " (" + percent + " %)";
}

}  // namespace satchel::cli
