// SPDX-License-Identifier: AGPL-3.0-or-later
// What all channels of one side share: TLS 1.3 only, no tickets, no resumption, no early data.
// Whoever dials accepts exactly the keys it pinned: the certificate's issuer, names and dates are not looked at, so
// a valid public certificate is worth nothing here. A copyable handle; any thread.
#pragma once

#include <memory>
#include <vector>

#include "sync/link/tls_identity.h"

struct ssl_ctx_st;

namespace satchel {

class TlsContext {
 public:
  static Result<TlsContext> server(const TlsIdentity& identity);
  // `pins`: the keys that will do, usually the hub's current one and its backup. None: nobody is accepted.
  static Result<TlsContext> client(std::vector<Digest> pins);

  bool is_server() const { return server_; }
  ssl_ctx_st* native() const { return native_.get(); }

 private:
  TlsContext(std::shared_ptr<ssl_ctx_st> native, bool server) : native_(std::move(native)), server_(server) {}
  std::shared_ptr<ssl_ctx_st> native_;
  bool server_;
};

}  // namespace satchel
