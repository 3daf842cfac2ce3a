// SPDX-License-Identifier: AGPL-3.0-or-later
// Overheard: a company as in tests/unit/client_b (real vaults, real session code), whose devices speak to the product's
// hub sessions (server/hub: Sessions over a CommitQueue, as behind TLS in a running hub), and everything a hub gets and
// gives is kept: each frame of each line in both directions, and all that the hub logs. One line at a time.
#pragma once

#include <memory>
#include <sstream>

#include "tests/unit/client_b/company.h"

namespace spdlog {
class logger;
}

namespace satchel::test {

struct HeardFrame {
  std::string line;  // who spoke with whom
  bool up = false;   // the caller's
  Bytes bytes;
};

class Overheard {
 public:
  Overheard();
  ~Overheard();

  Company company;
  sim::Node& hq() { return company.world().hq(); }
  sim::Node& branch() { return company.world().hub_of("branch1"); }

  // A device with a hub, to the end.
  void sync(Seat& seat, sim::Node& hub);
  // The branch's hub with headquarters'.
  void forward();
  const std::vector<HeardFrame>& frames() const { return frames_; }
  std::string log() const { return said_.str(); }

 private:
  bool carry(Endpoint& from, Endpoint& to, const std::string& line, bool up);

  std::vector<HeardFrame> frames_;
  std::ostringstream said_;
  std::shared_ptr<spdlog::logger> logger_;
};

// All keys and values of a store, by table: what is in the file.
std::vector<std::pair<std::string, Bytes>> rows_of(Store& store);

}  // namespace satchel::test
