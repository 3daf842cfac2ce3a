// SPDX-License-Identifier: AGPL-3.0-or-later
// A small company on real stores, founded as `satcheld init` does it, with its people's devices enrolled: what every
// part of the benchmark starts from. The statements are ordered straight into the hub's store, before it serves; the
// devices then learn them over their first connection like anybody else.
#pragma once

#include <filesystem>

#include "server/hub/hub_folder.h"
#include "sync/holder/device.h"

namespace satchel::bench {

// Whatever must succeed for a measurement to mean anything.
template <class T>
T need(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().code + " " + result.error().detail);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

inline constexpr std::string_view kPassphrase = "a passphrase that is not short";

struct Place {
  std::filesystem::path root;
  std::filesystem::path hub() const { return root / "hub"; }
  std::filesystem::path admin() const { return root / "admin"; }
  std::filesystem::path seller(int i) const { return root / ("seller" + std::to_string(i)); }
};

// The administrator's device and one device for each of `sellers` salespeople. They stay open when asked for.
std::vector<std::unique_ptr<holder::Device>> found_company(const Place& place, int sellers);

}  // namespace satchel::bench
