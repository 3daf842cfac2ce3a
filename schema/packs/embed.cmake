# SPDX-License-Identifier: AGPL-3.0-or-later
# cmake -DOUT=file.cpp -DFILES=a.toml;b.toml -P embed.cmake: writes the packs as the C++ source of standard.h.
# Texts are cut at line ends into raw literals of a few KiB, because compilers limit the length of one literal.
cmake_minimum_required(VERSION 3.25)
set(piece_bytes 8000)

set(table "")
list(SORT FILES)
foreach(file IN LISTS FILES)
  get_filename_component(name "${file}" NAME)
  file(READ "${file}" rest)
  string(FIND "${rest}" ")satchel_pack\"" clash)
  if(NOT clash EQUAL -1)
    message(FATAL_ERROR "${name} contains the mark that ends a literal")
  endif()
  string(APPEND table "    {\"${name}\",\n")
  string(LENGTH "${rest}" left)
  while(left GREATER piece_bytes)
    string(SUBSTRING "${rest}" ${piece_bytes} -1 tail)
    string(FIND "${tail}" "\n" line_end)
    if(line_end EQUAL -1)
      break()
    endif()
    math(EXPR cut "${piece_bytes} + ${line_end} + 1")
    string(SUBSTRING "${rest}" 0 ${cut} piece)
    string(SUBSTRING "${rest}" ${cut} -1 rest)
    string(APPEND table "R\"satchel_pack(${piece})satchel_pack\"\n")
    string(LENGTH "${rest}" left)
  endwhile()
  string(APPEND table "R\"satchel_pack(${rest})satchel_pack\"},\n")
endforeach()

file(WRITE "${OUT}.new" "// Written by schema/packs/embed.cmake from the packs; do not edit.
#include \"schema/packs/standard.h\"

namespace satchel {

std::span<const std::pair<std::string_view, std::string_view>> standard_packs() {
  static constexpr std::pair<std::string_view, std::string_view> kPacks[] = {
${table}  };
  return kPacks;
}

}  // namespace satchel
")
file(RENAME "${OUT}.new" "${OUT}")
