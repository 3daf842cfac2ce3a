// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/directory/invitation.h"

#include "sync/directory/codec.h"
#include "sync/directory/identity.h"
#include "sync/directory/limits.h"

namespace satchel {

using namespace codec;

namespace {

constexpr std::string_view kMark = "SATCHEL-INVITE:";
constexpr std::uint8_t kInvitationVersion = 1;
constexpr std::size_t kCheckBytes = 8;
constexpr std::size_t kInvitationTextMax = 64 * 1024;  // a file somebody gave us

std::unexpected<Error> damaged(const char* why) { return fail(ErrorKind::invalid, "invite.damaged", why); }

Digest checksum(View body) { return hash("satchel invite", body); }

bool same_letter(char a, char b) {
  const auto upper = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; };
  return upper(a) == upper(b);
}

Bytes body_of(const InvitationFile& invitation) {
  Writer out;
  out.u8(kInvitationVersion).sized(invitation.org_name).raw(invitation.root.view()).raw(invitation.invite.view());
  out.raw(invitation.token).u8(static_cast<std::uint8_t>(invitation.purpose)).i64(invitation.expiry.ms);
  out.varint(invitation.hubs.size());
  for (const auto& hub : invitation.hubs) out.sized(hub.address).raw(hub.hub.view()).raw(hub.tls_pin.view());
  return out.take();
}

void take_body(Reader& in, InvitationFile& invitation) {
  invitation.org_name = take_name(in, kNameBytesMax);
  invitation.root = take_id<SignPublic>(in);
  invitation.org = org_id(invitation.root);
  invitation.invite = take_id<InviteId>(in);
  const View token = in.raw(kTokenBytes);
  std::copy(token.begin(), token.end(), invitation.token.begin());
  invitation.purpose = take_enum(in, InvitePurpose::reader);
  invitation.expiry.ms = in.i64();
  invitation.hubs.resize(in.count(kInvitationHubsMax));
  for (auto& hub : invitation.hubs) {
    hub.address = take_name(in, kAddressBytesMax);
    hub.hub = take_id<NodeId>(in);
    hub.tls_pin = take_id<Digest>(in);
  }
}

}  // namespace

InvitationFile new_invitation(const SignPublic& root, Entropy& entropy) {
  InvitationFile invitation;
  invitation.root = root;
  invitation.org = org_id(root);
  invitation.invite = random_id<InviteId>(entropy);
  entropy.fill(invitation.token);
  return invitation;
}

SignKeys token_keys(const InvitationFile& invitation) {
  Digest seed = hash("satchel tokenkey", {invitation.org.view(), invitation.invite.view(), View(invitation.token)});
  auto keys = make_sign_keys(Secret32::of(seed.view()));
  wipe(seed.bytes);
  return keys;
}

Result<std::string> encode_invitation(const InvitationFile& invitation) {
  Bytes body = body_of(invitation);
  // What could not be read back is told to the inviter, not to the invited.
  Reader in(body);
  in.u8();
  InvitationFile again;
  take_body(in, again);
  if (!in.done() || again != invitation) return fail(ErrorKind::usage, "invite.too-large", invitation.org_name);
  const Digest check = checksum(body);
  body.insert(body.end(), check.bytes.begin(), check.bytes.begin() + kCheckBytes);
  std::string line = std::string(kMark) + base32(body);
  wipe(body);
  if (line.size() > kInvitationCodeMax) return fail(ErrorKind::usage, "invite.too-large", std::to_string(line.size()));
  return line;
}

Result<std::string> print_invitation(const InvitationFile& invitation, std::span<const std::string> notes) {
  auto line = encode_invitation(invitation);
  if (!line) return line;
  std::string out;
  for (const auto& note : notes) out += note + "\n";
  return out + *line + "\n";
}

Result<InvitationFile> decode_invitation(std::string_view text) {
  if (text.size() > kInvitationTextMax) return damaged("too long");
  const auto mark = std::search(text.begin(), text.end(), kMark.begin(), kMark.end(), same_letter);
  if (mark == text.end()) return fail(ErrorKind::invalid, "invite.none");
  text.remove_prefix(static_cast<std::size_t>(mark - text.begin()) + kMark.size());
  auto bytes = unbase32(text);
  if (!bytes || bytes->size() <= kCheckBytes) return damaged("cut or garbled");
  const View body = View(*bytes).first(bytes->size() - kCheckBytes);
  if (!equal(checksum(body).view().first(kCheckBytes), View(*bytes).last(kCheckBytes))) return damaged("checksum");
  Reader in(body);
  if (in.u8() != kInvitationVersion) return fail(ErrorKind::invalid, "invite.newer-version");
  InvitationFile invitation;
  take_body(in, invitation);
  if (!in.done()) return damaged("layout");
  wipe(*bytes);
  return invitation;
}

}  // namespace satchel
