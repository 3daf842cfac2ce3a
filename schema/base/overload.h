// SPDX-License-Identifier: AGPL-3.0-or-later
// One callable out of several lambdas, for std::visit over frames and payloads.
#pragma once

namespace satchel {

template <class... F>
struct Overload : F... {
  using F::operator()...;
};

}  // namespace satchel
