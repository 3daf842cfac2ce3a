// SPDX-License-Identifier: AGPL-3.0-or-later
// Statement: one signed sentence about the organisation. Envelope: the exact bytes that were signed, with the
// signatures. Bytes are stored and forwarded as received, never encoded again; an envelope's only makers are the
// sign_* functions and decode_envelope(), so its statement and id always belong to its bytes. Layouts are
// permanent (docs/directory.md, 'Bytes'). A statement of a newer version is carried, chained and given no effect.
// Values; copying one copies its bytes.
#pragma once

#include <vector>

#include "schema/base/time.h"
#include "sync/directory/payloads.h"
#include "sync/seal/seal.h"

namespace satchel {

struct Statement {
  static constexpr std::uint8_t kVersion = 1;
  std::uint8_t version = kVersion;
  Scope scope = Scope::organisation;
  StatementKind kind{};
  OrgId org;
  NodeId by;         // the signing node; none when the root key signs
  PersonId person;   // whose act it is; none for the root, hubs, readers and a node that enrols
  Position seen;     // what the author knew of the directory
  WallTime claimed;  // what the author's clock said; decides nothing
  std::array<Byte, 16> nonce{};
  ArchiveId archive;  // none in organisation scope
  Bytes payload;
  bool operator==(const Statement&) const = default;
};

Bytes encode(const Statement& statement);
// invalid "directory.bad-statement"; of a newer version only `version` is filled in.
Result<Statement> decode_statement(View bytes);

// Values are permanent. Nothing is signed by a token alone in this version: its proof stands in the payload.
enum class SignerKind : std::uint8_t { root = 1, node = 2, token = 3 };

struct Countersignature {
  NodeId node;
  Signature signature;  // over the statement's id
  bool operator==(const Countersignature&) const = default;
};

class Envelope {
 public:
  const Statement& statement() const { return statement_; }
  // hash of the signed bytes: what countersigners sign and stamps list.
  const Digest& id() const { return id_; }
  View signed_bytes() const { return signed_bytes_; }
  SignerKind signer() const { return signer_; }
  const Signature& signature() const { return signature_; }
  const std::vector<Countersignature>& countersignatures() const { return countersignatures_; }

  bool signed_by(const SignPublic& key) const;
  bool countersigned_by(const Countersignature& by, const SignPublic& key) const;

  Bytes encode() const;
  // Of the encoded envelope: what an ordered record commits to, so that no signature can be added or dropped later.
  Digest digest() const;

 private:
  Envelope() = default;
  friend Result<Envelope> decode_envelope(View bytes);
  friend Envelope sign_statement(const Statement& statement, SignerKind signer, const SignKeys& keys);
  friend void countersign(Envelope& envelope, const NodeId& node, const SignKeys& keys);

  Bytes signed_bytes_;
  SignerKind signer_ = SignerKind::node;
  Signature signature_;
  std::vector<Countersignature> countersignatures_;
  Statement statement_;
  Digest id_;
};

// invalid "directory.bad-envelope" or "directory.bad-statement".
Result<Envelope> decode_envelope(View bytes);

// The statement must be within its limits (asserted).
Envelope sign_statement(const Statement& statement, SignerKind signer, const SignKeys& keys);
void countersign(Envelope& envelope, const NodeId& node, const SignKeys& keys);
// The token's proof of one enrolment, put into `enrolled`.
void prove_token(payload::NodeEnrolled& enrolled, const OrgId& org, const SignKeys& token);
bool proves_token(const payload::NodeEnrolled& enrolled, const OrgId& org, const SignPublic& token);

// Who speaks, having seen what, when: the same for all statements a program makes at one moment.
struct Speaker {
  OrgId org;
  NodeId node;
  PersonId person;
  Position seen;
  WallTime now;
};

Statement compose(const Speaker& speaker, StatementKind kind, Bytes payload, const ArchiveId& archive,
                  Entropy& entropy);

template <class P>
Envelope make_statement(const Speaker& speaker, const SignKeys& keys, const P& payload, Entropy& entropy,
                        const ArchiveId& archive = {}) {
  const auto signer = speaker.node.none() ? SignerKind::root : SignerKind::node;
  return sign_statement(compose(speaker, P::kKind, encode_payload(payload), archive, entropy), signer, keys);
}

}  // namespace satchel
