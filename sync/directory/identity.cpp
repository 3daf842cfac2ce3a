// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/directory/identity.h"

#include "sync/seal/seal.h"

namespace satchel {

namespace {

constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kFingerprintGroup = 4;
constexpr std::size_t kFingerprintBytes = 15;  // 24 digits of five bits

template <class AnyId>
AnyId first_half(const Digest& digest) {
  return AnyId::of(digest.view().first(AnyId::size));
}

// The value of one digit; -1 for what separates digits, -2 for what is none.
int value_of(char c) {
  if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  if (c == 'O') c = '0';
  if (c == 'I' || c == 'L') c = '1';
  if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '-') return -1;
  const auto at = kDigits.find(c);
  return at == std::string_view::npos ? -2 : static_cast<int>(at);
}

}  // namespace

OrgId org_id(const SignPublic& root) { return first_half<OrgId>(hash("satchel org", root.view())); }

AudienceId audience_id(const OrgId& org, AudienceKind kind, const std::array<Byte, 16>& ref) {
  const Byte number = static_cast<Byte>(kind);
  return first_half<AudienceId>(hash("satchel audience", {org.view(), View(&number, 1), View(ref)}));
}

std::string fingerprint(const NodeId& node, const SignPublic& sign, const BoxPublic& box) {
  const Digest digest = hash("satchel finger", {node.view(), sign.view(), box.view()});
  const std::string digits = base32(digest.view().first(kFingerprintBytes));
  std::string out;
  for (std::size_t i = 0; i < digits.size(); i += kFingerprintGroup) {
    if (i != 0) out.push_back('-');
    out += digits.substr(i, kFingerprintGroup);
  }
  return out;
}

bool same_fingerprint(std::string_view a, std::string_view b) {
  const auto left = unbase32(a);
  const auto right = unbase32(b);
  return left && right && left->size() == kFingerprintBytes && *left == *right;
}

Bytes audience_box_context(const OrgId& org, const AudienceId& audience, std::uint32_t epoch, const BoxPublic& key,
                           const NodeId& to) {
  Writer out;
  out.raw(view("satchel audience box 1")).raw(org.view()).raw(audience.view()).u32(epoch).raw(key.view());
  return out.raw(to.view()).take();
}

Bytes boxed_text_context(const OrgId& org, const AudienceId& audience, std::uint32_t epoch, const BoxPublic& key,
                         const PersonId& by) {
  Writer out;
  out.raw(view("satchel boxed text 1")).raw(org.view()).raw(audience.view()).u32(epoch).raw(key.view());
  return out.raw(by.view()).take();
}

std::string base32(View bytes) {
  std::string out;
  out.reserve((bytes.size() * 8 + 4) / 5);
  unsigned held = 0;
  int bits = 0;
  for (const Byte b : bytes) {
    held = (held << 8) | b;
    for (bits += 8; bits >= 5; bits -= 5) out.push_back(kDigits[(held >> (bits - 5)) & 31]);
    held &= (1U << bits) - 1;
  }
  if (bits > 0) out.push_back(kDigits[(held << (5 - bits)) & 31]);
  return out;
}

std::optional<Bytes> unbase32(std::string_view digits) {
  Bytes out;
  unsigned held = 0;
  int bits = 0;
  for (const char c : digits) {
    const int v = value_of(c);
    if (v == -1) continue;
    if (v < 0) return std::nullopt;
    held = (held << 5) | static_cast<unsigned>(v);
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      out.push_back(static_cast<Byte>(held >> bits));
      held &= (1U << bits) - 1;
    }
  }
  if (bits >= 5 || held != 0) return std::nullopt;
  return out;
}

}  // namespace satchel
