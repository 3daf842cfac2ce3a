// SPDX-License-Identifier: AGPL-3.0-or-later
// Visiting cards in files: vCard 3.0 (RFC 2426) and 4.0 (RFC 6350) both ways, and 2.1 as old phones write it: quoted
// printable, CHARSET, types without names. What a customer or contact can hold is taken; photos, sounds and keys are
// passed over. A card that is wrong is given with its fault and the reading goes on with the next.
#pragma once

#include <string>
#include <vector>

#include "schema/base/bytes.h"
#include "schema/base/result.h"

namespace satchel {

inline constexpr std::size_t kVCardLineBytesMax = 64 * 1024;  // of a property unfolded; pictures may be longer
inline constexpr std::size_t kVCardPropertiesMax = 512;       // of a card; the rest is a fault
inline constexpr std::size_t kVCardTypesMax = 16;             // of a phone number, address; the rest is passed over

struct VCardWay {  // a phone number or e-mail address
  std::string text;
  std::vector<std::string> types;  // in small letters: work, home, cell, fax, ...
};

struct VCardAddress {
  std::string box, extended, street, city, region, code, country;
  std::vector<std::string> types;
  // In one line, from the large to the small where it is written in Chinese, else the other way.
  std::string text() const;
};

enum class VCardFault : std::uint8_t { none, cut, too_long, not_text };
std::string_view name_of(VCardFault fault);  // "cut", "too-long", "not-text"

struct VCard {
  std::size_t line = 0;  // of its BEGIN, from 1
  std::string version;
  std::string formatted;  // FN, else made of N, else of ORG
  std::string family, given, additional, prefix, suffix;
  std::string organisation, department, title;
  std::vector<VCardWay> phones, emails;  // preferred ones first
  std::vector<VCardAddress> addresses;
  std::string birthday;  // "1980-05-02", or what else was written
  std::string note, uid;
  std::string own_form, own_record;  // of cards that Satchel wrote: whose they are, "customer", "contact", and its id
  VCardFault fault = VCardFault::none;
};

class VCardReader {
 public:
  // invalid "vcard.none" when there is no card in it, text.encoding for a marked encoding that does not hold.
  static Result<VCardReader> open(View file);
  bool next(VCard& card);

 private:
  struct Property {
    std::string name;  // in capitals, without its group
    std::vector<std::pair<std::string, std::string>> parameters;
    std::string value;  // bytes, as they are in the file
    bool too_long = false;
  };
  bool next_property(Property& property, std::size_t& line);
  std::string_view next_line();
  void take(const Property& property, VCard& card) const;

  std::string text_;
  std::size_t at_ = 0;
  std::size_t line_ = 0;
};

// Whether it begins as a card does.
bool looks_like_vcard(View file);

enum class VCardVersion : std::uint8_t { v3, v4 };

// One card with its line ends; lines folded at 75 bytes, never within a character.
std::string write_vcard(const VCard& card, VCardVersion version = VCardVersion::v3);

}  // namespace satchel
