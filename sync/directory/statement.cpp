// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/directory/statement.h"

#include "sync/directory/authority.h"
#include "sync/directory/codec.h"
#include "sync/directory/limits.h"

namespace satchel {

using namespace codec;

namespace {

constexpr DomainLabel kStatementLabel{"satchel stmt"};
constexpr DomainLabel kEnvelopeLabel{"satchel envelope"};
constexpr DomainLabel kRootLabel{"satchel stmtroot"};
constexpr DomainLabel kNodeLabel{"satchel stmtnode"};
constexpr DomainLabel kByTokenLabel{"satchel stmt tok"};
constexpr DomainLabel kTokenLabel{"satchel token"};  // the proof in an enrolment, not a statement
constexpr DomainLabel kCounterLabel{"satchel counter"};
constexpr std::size_t kFixedBytes = 104;  // everything before the payload

// One label a kind of signer: a signature of one can never be shown as another's.
const DomainLabel& label_of(SignerKind signer) {
  if (signer == SignerKind::root) return kRootLabel;
  return signer == SignerKind::node ? kNodeLabel : kByTokenLabel;
}

std::size_t bytes_most(StatementKind kind) {
  switch (kind) {
    case StatementKind::audience_key:
    case StatementKind::verdict:
    case StatementKind::handover:
    case StatementKind::destroy_proposed:
    case StatementKind::former_order:
      return kBulkStatementBytesMax;
    case StatementKind::pack_published:
      return kStatementBytesMax;
    default:
      return is_known(kind) ? kPlainStatementBytesMax : kStatementBytesMax;
  }
}

}  // namespace

Bytes encode(const Statement& s) {
  Writer out(kFixedBytes + 4 + s.payload.size());
  out.u8(s.version).u8(static_cast<std::uint8_t>(s.scope)).u16(static_cast<std::uint16_t>(s.kind));
  out.raw(s.org.view()).raw(s.by.view()).raw(s.person.view());
  put_position(out, s.seen);
  return out.i64(s.claimed.ms).raw(s.nonce).raw(s.archive.view()).sized(s.payload).take();
}

Result<Statement> decode_statement(View bytes) {
  const auto broken = [](const char* why) { return fail(ErrorKind::invalid, "directory.bad-statement", why); };
  Statement s;
  Reader in(bytes);
  s.version = in.u8();
  if (bytes.size() > kStatementBytesMax || s.version == 0) return broken("size or version");
  if (s.version != Statement::kVersion) return s;
  s.scope = take_enum(in, Scope::archive);
  s.kind = static_cast<StatementKind>(in.u16());
  s.org = take_id<OrgId>(in);
  s.by = take_id<NodeId>(in);
  s.person = take_id<PersonId>(in);
  s.seen = take_position(in);
  s.claimed.ms = in.i64();
  const View nonce = in.raw(s.nonce.size());
  std::copy(nonce.begin(), nonce.end(), s.nonce.begin());
  s.archive = take_id<ArchiveId>(in);
  s.payload = copy(in.sized(kStatementBytesMax));
  if (!in.done()) return broken("cut or too long");
  if (bytes.size() > bytes_most(s.kind)) return broken("larger than its kind may be");
  if (s.archive.none() != (s.scope == Scope::organisation)) return broken("archive and scope");
  return s;
}

bool Envelope::signed_by(const SignPublic& key) const {
  return verify(key, label_of(signer_), signed_bytes_, signature_);
}

bool Envelope::countersigned_by(const Countersignature& by, const SignPublic& key) const {
  return verify(key, kCounterLabel, id_.view(), by.signature);
}

Bytes Envelope::encode() const {
  Writer out(signed_bytes_.size() + 128);
  out.sized(signed_bytes_).u8(static_cast<std::uint8_t>(signer_)).raw(signature_.view());
  out.varint(countersignatures_.size());
  for (const auto& c : countersignatures_) out.raw(c.node.view()).raw(c.signature.view());
  return out.take();
}

Digest Envelope::digest() const { return hash(kEnvelopeLabel, encode()); }

Result<Envelope> decode_envelope(View bytes) {
  if (bytes.size() > kEnvelopeBytesMax) return fail(ErrorKind::invalid, "directory.bad-envelope", "too long");
  Reader in(bytes);
  Envelope e;
  e.signed_bytes_ = copy(in.sized(kStatementBytesMax));
  e.signer_ = take_enum(in, SignerKind::token);
  e.signature_ = take_id<Signature>(in);
  e.countersignatures_.resize(in.count(kCountersignaturesMax));
  for (auto& c : e.countersignatures_) {
    c.node = take_id<NodeId>(in);
    c.signature = take_id<Signature>(in);
  }
  if (!in.done()) return fail(ErrorKind::invalid, "directory.bad-envelope", "cut or too long");
  auto statement = decode_statement(e.signed_bytes_);
  if (!statement) return std::unexpected(std::move(statement.error()));
  e.statement_ = std::move(*statement);
  e.id_ = hash(kStatementLabel, e.signed_bytes_);
  return e;
}

Envelope sign_statement(const Statement& statement, SignerKind signer, const SignKeys& keys) {
  Envelope e;
  e.signed_bytes_ = encode(statement);
  SATCHEL_ASSERT(decode_statement(e.signed_bytes_).has_value());
  e.signer_ = signer;
  e.signature_ = sign(keys, label_of(signer), e.signed_bytes_);
  e.statement_ = statement;
  e.id_ = hash(kStatementLabel, e.signed_bytes_);
  return e;
}

void countersign(Envelope& envelope, const NodeId& node, const SignKeys& keys) {
  SATCHEL_ASSERT(envelope.countersignatures_.size() < kCountersignaturesMax);
  envelope.countersignatures_.push_back({node, sign(keys, kCounterLabel, envelope.id_.view())});
}

void prove_token(payload::NodeEnrolled& enrolled, const OrgId& org, const SignKeys& token) {
  enrolled.token_proof = sign(token, kTokenLabel, enrolled.claim(org));
}

bool proves_token(const payload::NodeEnrolled& enrolled, const OrgId& org, const SignPublic& token) {
  return verify(token, kTokenLabel, enrolled.claim(org), enrolled.token_proof);
}

Statement compose(const Speaker& speaker, StatementKind kind, Bytes payload, const ArchiveId& archive,
                  Entropy& entropy) {
  Statement s;
  s.scope = archive.none() ? Scope::organisation : Scope::archive;
  s.kind = kind;
  s.org = speaker.org;
  s.by = speaker.node;
  s.person = speaker.person;
  s.seen = speaker.seen;
  s.claimed = speaker.now;
  entropy.fill(s.nonce);
  s.archive = archive;
  s.payload = std::move(payload);
  return s;
}

}  // namespace satchel
