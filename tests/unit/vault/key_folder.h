// SPDX-License-Identifier: AGPL-3.0-or-later
// A folder for one test, removed after it, with the few verbs that tests of key files need.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>

#include "schema/base/bytes.h"
#include "tests/support/temp_folder.h"

namespace satchel {

struct KeyFolder : TempFolder {
  static Bytes read(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
  static void write(const std::filesystem::path& file, View bytes) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << text(bytes);
  }
};

}  // namespace satchel
