// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/cli/interrupt.h"

#include <csignal>

#include "schema/base/result.h"

namespace satchel::cli {

namespace {

std::atomic<holder::Stop*> asked{nullptr};

extern "C" void on_interrupt(int) {
  if (auto* stop = asked.load()) stop->request();
}

}  // namespace

Interrupt::Interrupt() {
  SATCHEL_ASSERT(asked.exchange(&stop_) == nullptr);
  std::signal(SIGINT, on_interrupt);
  std::signal(SIGTERM, on_interrupt);
}

Interrupt::~Interrupt() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
  asked.store(nullptr);
}

}  // namespace satchel::cli
