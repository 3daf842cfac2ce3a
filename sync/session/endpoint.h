// SPDX-License-Identifier: AGPL-3.0-or-later
// Endpoint: one end of one connection, as the transport sees it. A state machine without sockets, threads or clock
// reads: frames and the time go in, frames and a deadline come out. The transport (sync/link over TLS, the
// simulator in memory) owns the loop: it calls on_frame() for each whole frame, on_tick() when next_deadline()
// has passed, and after every call sends what take_output() hands out, until finished().
// Not thread safe: one strand an endpoint. Frames are at most kFrameBytesMax, the first one kHelloBytesMax; the
// transport refuses longer ones before it allocates.
#pragma once

#include <optional>
#include <vector>

#include "schema/base/bytes.h"
#include "schema/base/result.h"
#include "schema/base/time.h"
#include "schema/wire/limits.h"

namespace satchel {

class Endpoint {
 public:
  virtual ~Endpoint() = default;
  // Called once, when the channel is up.
  virtual void on_open(MonoTime now) = 0;
  virtual void on_frame(MonoTime now, View frame) = 0;
  virtual void on_tick(MonoTime now) = 0;
  // The connection ended, whoever ended it. No further calls follow but take_output() and finished().
  virtual void on_closed(MonoTime now) = 0;
  virtual std::optional<MonoTime> next_deadline() const = 0;
  // Frames to send, in order; empty most of the time.
  virtual std::vector<Bytes> take_output() = 0;
  // How many bytes the transport has taken but not yet sent, told before each take_output().
  virtual void on_backlog(std::size_t bytes) = 0;
  // Nothing more will come out: the transport sends what it has and closes.
  virtual bool finished() const = 0;
  // False: no further frame for now. The transport reads none until it was woken (Channel::wake) and this is true.
  virtual bool ready() const { return true; }
  // The largest frame to be taken next; at most kFrameBytesMax.
  virtual std::size_t frame_bytes_max() const { return kFrameBytesMax; }
  // Whether the peer has proved to be one we know. Asked at the end: who never was counts against its address.
  virtual bool known() const { return true; }
};

}  // namespace satchel
