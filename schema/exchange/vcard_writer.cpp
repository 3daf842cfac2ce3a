// SPDX-License-Identifier: AGPL-3.0-or-later
#include "schema/exchange/vcard.h"

namespace satchel {

namespace {

constexpr std::size_t kFoldBytes = 75;

std::string escape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' || c == ',' || c == ';') out.push_back('\\');
    if (c == '\r' && text.substr(i + 1).starts_with('\n')) continue;
    if (c == '\n' || c == '\r') {
      out += "\\n";
    } else if (static_cast<unsigned char>(c) >= 0x20 || c == '\t') {
      out.push_back(c);
    }
  }
  return out;
}

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

void put(std::string& out, std::string_view line) {
  std::size_t room = kFoldBytes;
  while (line.size() > room) {
    std::size_t cut = room;
    while (cut > 1 && continues(line[cut])) --cut;
    out.append(line.substr(0, cut));
    out += "\r\n ";
    line.remove_prefix(cut);
    room = kFoldBytes - 1;  // the blank counts
  }
  out.append(line);
  out += "\r\n";
}

// Types are words; what is not one is left out rather than quoted.
std::string types_of(const std::vector<std::string>& types) {
  std::string out;
  for (const auto& t : types) {
    const bool word = !t.empty() && t.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
    if (word) out += ";TYPE=" + t;
  }
  return out;
}

std::string birthday(const VCard& card, VCardVersion version) {
  const auto& day = card.birthday;
  const bool iso = day.size() == 10 && day[4] == '-' && day[7] == '-';
  if (!iso) return version == VCardVersion::v4 ? "BDAY;VALUE=text:" + escape(day) : "";
  return "BDAY:" + (version == VCardVersion::v4 ? day.substr(0, 4) + day.substr(5, 2) + day.substr(8) : day);
}

}  // namespace

std::string write_vcard(const VCard& card, VCardVersion version) {
  std::string out;
  put(out, "BEGIN:VCARD");
  put(out, version == VCardVersion::v4 ? "VERSION:4.0" : "VERSION:3.0");
  put(out, "FN:" + escape(card.formatted));
  put(out, "N:" + escape(card.family) + ";" + escape(card.given) + ";" + escape(card.additional) + ";" +
               escape(card.prefix) + ";" + escape(card.suffix));
  if (!card.organisation.empty() || !card.department.empty())
    put(out, "ORG:" + escape(card.organisation) + (card.department.empty() ? "" : ";" + escape(card.department)));
  if (!card.title.empty()) put(out, "TITLE:" + escape(card.title));
  for (const auto& phone : card.phones) put(out, "TEL" + types_of(phone.types) + ":" + escape(phone.text));
  for (const auto& mail : card.emails) put(out, "EMAIL" + types_of(mail.types) + ":" + escape(mail.text));
  for (const auto& a : card.addresses) {
    std::string line = "ADR" + types_of(a.types) + ":";
    for (const auto* part : {&a.box, &a.extended, &a.street, &a.city, &a.region, &a.code, &a.country})
      line += (part == &a.box ? "" : ";") + escape(*part);
    put(out, line);
  }
  if (!card.birthday.empty()) {
    const auto line = birthday(card, version);
    if (!line.empty()) put(out, line);
  }
  if (!card.note.empty()) put(out, "NOTE:" + escape(card.note));
  if (!card.uid.empty()) put(out, "UID:" + escape(card.uid));
  if (!card.own_form.empty()) put(out, "X-SATCHEL-FORM:" + escape(card.own_form));
  if (!card.own_record.empty()) put(out, "X-SATCHEL-RECORD:" + escape(card.own_record));
  put(out, "END:VCARD");
  return out;
}

}  // namespace satchel
