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
  std::filesystem::path manager() const { return root / "manager"; }
  std::filesystem::path reader() const { return root / "reader"; }
};

struct Company {
  int sellers = 1;          // with a device each; the first so many of a branch's, branch after branch
  int branches = 1;         // of as many sellers each
  int colleagues = 0;       // more salespeople in the first branch, without a device
  bool overseers = false;   // the first branch's manager and headquarters' reader: not kept open, and their passphrases
                            // stretched as `init` and `enrol` do
  std::string system = {};  // its pack besides the standard ones, as "s06"
};
inline std::string branch_name(int i) { return "华东" + std::to_string(i); }

// The administrator's device and one device for each salesperson. They stay open when asked for.
std::vector<std::unique_ptr<holder::Device>> found_company(const Place& place, const Company& company);

}  // namespace satchel::bench
