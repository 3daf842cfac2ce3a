// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sync/link/tls_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <algorithm>

namespace satchel {
namespace {

constexpr std::size_t kReadAheadBytes = 64 * 1024;  // ciphertext taken from the socket at once

using Pins = std::vector<Digest>;

// Takes the place of OpenSSL's whole chain verification. That the peer holds the key is proved by the handshake itself.
int check_pin(X509_STORE_CTX* store, void* pins) {
  X509* leaf = X509_STORE_CTX_get0_cert(store);
  const Digest pin = leaf ? pin_of(leaf) : Digest();
  const Pins& accepted = *static_cast<const Pins*>(pins);
  if (pin && std::ranges::find(accepted, pin) != accepted.end()) return 1;
  X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
  return 0;
}

bool set_up(SSL_CTX* context) {
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  // One system call for several records; the buffer is given back as soon as it is empty.
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_default_read_buffer_len(context, kReadAheadBytes);
  return SSL_CTX_set_num_tickets(context, 0) == 1 && SSL_CTX_set_max_early_data(context, 0) == 1 &&
         SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 &&
         SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1 &&
         SSL_CTX_set_ciphersuites(context,
                                  "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384") == 1 &&
         SSL_CTX_set1_groups_list(context, "X25519:P-256") == 1;
}

std::unexpected<Error> context_error() {
  const char* reason = ERR_reason_error_string(ERR_get_error());
  ERR_clear_error();
  return fail(ErrorKind::failed, "link.tls-context", reason ? reason : "");
}

}  // namespace

Result<TlsContext> TlsContext::server(const TlsIdentity& identity) {
  ERR_clear_error();
  const std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (!context || !set_up(context.get()) || SSL_CTX_use_certificate(context.get(), identity.certificate()) != 1 ||
      SSL_CTX_use_PrivateKey(context.get(), identity.key()) != 1)
    return context_error();
  return TlsContext(context, true);
}

Result<TlsContext> TlsContext::client(std::vector<Digest> pins) {
  ERR_clear_error();
  const auto kept = std::make_shared<Pins>(std::move(pins));
  const std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()), [kept](SSL_CTX* c) { SSL_CTX_free(c); });
  if (!context || !set_up(context.get())) return context_error();
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(context.get(), check_pin, kept.get());
  return TlsContext(context, false);
}

}  // namespace satchel
