// SPDX-License-Identifier: AGPL-3.0-or-later
// A folder for one test, removed after it, with the few verbs that tests of key files need.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "schema/base/bytes.h"

namespace satchel {

struct KeyFolder {
  KeyFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "satchel-vault-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  KeyFolder(const KeyFolder&) = delete;
  KeyFolder& operator=(const KeyFolder&) = delete;
  ~KeyFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }

  static Bytes read(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
  static void write(const std::filesystem::path& file, View bytes) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << text(bytes);
  }
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto& entry : std::filesystem::directory_iterator(path)) out.push_back(entry.path().filename());
    std::sort(out.begin(), out.end());
    return out;
  }

  std::filesystem::path path;
};

}  // namespace satchel
