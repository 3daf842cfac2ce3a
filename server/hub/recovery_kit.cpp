// SPDX-License-Identifier: AGPL-3.0-or-later
#include "server/hub/recovery_kit.h"

#include <sstream>

namespace satchel::hub {

namespace {

constexpr DomainLabel kKitLabel{"satchel kit"};
constexpr std::string_view kMark = "ROOT-";
constexpr std::string_view kPemBegin = "-----BEGIN";
constexpr std::string_view kPemEnd = "-----END CERTIFICATE-----";
constexpr std::size_t kLines = 4;
constexpr std::size_t kLineBytes = 8;
constexpr std::size_t kCheckBytes = 2;
constexpr std::size_t kGroup = 4;

Digest line_check(std::size_t line, View bytes) {
  const auto number = static_cast<Byte>(line);
  return hash(kKitLabel, {View(&number, 1), bytes});
}

std::string line_of(std::size_t line, View bytes) {
  Bytes with_check = copy(bytes);
  const Digest check = line_check(line, bytes);
  with_check.insert(with_check.end(), check.bytes.begin(), check.bytes.begin() + kCheckBytes);
  const std::string digits = base32(with_check);
  wipe(with_check);
  std::string out = std::string(kMark) + std::to_string(line) + ":";
  for (std::size_t i = 0; i < digits.size(); i += kGroup) out += " " + digits.substr(i, kGroup);
  return out + "\n";
}

Result<Bytes> bytes_of(std::size_t line, std::string_view digits) {
  auto bytes = unbase32(digits);
  const auto wrong = fail(ErrorKind::invalid, "kit.line", std::to_string(line));
  if (!bytes || bytes->size() != kLineBytes + kCheckBytes) return wrong;
  const Digest check = line_check(line, View(*bytes).first(kLineBytes));
  if (!equal(check.view().first(kCheckBytes), View(*bytes).last(kCheckBytes))) return wrong;
  bytes->resize(kLineBytes);
  return *bytes;
}

}  // namespace

std::string print_kit(const RecoveryKit& kit) {
  std::string out =
      "Satchel 恢复包 / recovery kit\n\n"
      "谁持有本文件，谁就能以单位的名义任命管理员、更换总部枢纽。\n"
      "请立即把它移出本机（U 盘或打印，至少两份，分两处保管），然后从本机删除。\n"
      "Whoever holds this file can appoint administrators and replace the HQ hub in the organisation's name.\n"
      "Move it off this machine now (a USB stick or on paper, two copies in two places), then delete it here.\n\n";
  out += "单位 organisation: " + kit.org_name + "\n编号 id: " + org_id(kit.root.pub).hex() + "\n\n";
  const View seed = kit.root.seed.view();
  for (std::size_t i = 0; i < kLines; ++i) out += line_of(i + 1, seed.subspan(i * kLineBytes, kLineBytes));
  out += "\n总部枢纽的备用密钥 / the HQ hub's reserve key\n" + kit.reserve_tls;
  return out;
}

Result<RecoveryKit> read_kit(std::string_view text) {
  RecoveryKit kit;
  Bytes seed;
  for (std::size_t i = 1; i <= kLines; ++i) {
    const std::string mark = std::string(kMark) + std::to_string(i) + ":";
    const auto at = text.find(mark);
    if (at == std::string_view::npos)
      return fail(ErrorKind::invalid, i == 1 ? "kit.none" : "kit.line", std::to_string(i));
    const auto rest = text.substr(at + mark.size());
    SATCHEL_GET(bytes, bytes_of(i, rest.substr(0, rest.find('\n'))));
    seed.insert(seed.end(), bytes.begin(), bytes.end());
    wipe(bytes);
  }
  kit.root = make_sign_keys(Secret32::of(seed));
  wipe(seed);
  const auto begin = text.find(kPemBegin);
  const auto end = text.find(kPemEnd);
  if (begin != std::string_view::npos && end != std::string_view::npos) {
    kit.reserve_tls = std::string(text.substr(begin, end + kPemEnd.size() - begin)) + "\n";
  }
  return kit;
}

}  // namespace satchel::hub
