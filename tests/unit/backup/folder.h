// SPDX-License-Identifier: AGPL-3.0-or-later
// Bytes of files, in a folder that goes with its test.
#pragma once

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "schema/base/bytes.h"
#include "schema/base/result.h"
#include "tests/support/temp_folder.h"

namespace satchel::backup_test {

inline Bytes read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

inline void write(const std::filesystem::path& file, View bytes) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

template <class T>
std::string code(const Result<T>& r) {
  return r ? "" : r.error().code;
}

}  // namespace satchel::backup_test
