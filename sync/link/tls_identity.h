// SPDX-License-Identifier: AGPL-3.0-or-later
// A hub's TLS key: P-256 with a self-signed certificate that only carries it. Nobody trusts the certificate; peers
// pin the public key (DESIGN.md §6), so names and dates in it mean nothing and it never expires.
// Kept in one PEM file of mode 0600: the private key, then the certificate. A copyable handle; any thread.
#pragma once

#include <filesystem>
#include <memory>

#include "schema/base/id.h"
#include "schema/base/result.h"

struct evp_pkey_st;
struct x509_st;

namespace satchel {

class TlsIdentity {
 public:
  static Result<TlsIdentity> make();
  // integrity "link.key-file" when the file is not a key with its certificate; permission "link.key-exposed" when
  // others may read it; not_found "link.no-key-file".
  static Result<TlsIdentity> load(const std::filesystem::path& file);
  // Writes aside, syncs and renames into place. Replaces what was there.
  Result<void> save(const std::filesystem::path& file) const;
  // What peers pin: SHA-256 of the SubjectPublicKeyInfo.
  Digest pin() const;

  evp_pkey_st* key() const { return key_.get(); }
  x509_st* certificate() const { return certificate_.get(); }

 private:
  TlsIdentity(evp_pkey_st* key, x509_st* certificate);
  std::shared_ptr<evp_pkey_st> key_;
  std::shared_ptr<x509_st> certificate_;
};

// SHA-256 of a certificate's SubjectPublicKeyInfo; none when it has no readable one.
Digest pin_of(x509_st* certificate);

}  // namespace satchel
