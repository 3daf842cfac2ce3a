# SPDX-License-Identifier: AGPL-3.0-or-later
# cmake -DOUT=file.cpp -DFILES=a.toml;b.toml -P embed.cmake: writes the packs as the C++ source of standard.h; those of the
# systems are called sNN_name.toml.
# Texts are cut at line ends into raw literals of a few KiB, because compilers limit the length of one literal.
cmake_minimum_required(VERSION 3.25)
set(piece_bytes 8000)

set(standard "")
set(system "")
list(SORT FILES)
foreach(file IN LISTS FILES)
  get_filename_component(name "${file}" NAME)
  set(table "")
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
  string(APPEND table "R\"satchel_pack(${rest})satchel_pack\"sv},\n")
  if(name MATCHES "^s[0-9]+_")
    string(APPEND system "${table}")
  else()
    string(APPEND standard "${table}")
  endif()
endforeach()

file(WRITE "${OUT}.new" "// Written by schema/packs/embed.cmake from the packs; do not edit.
#include \"schema/packs/standard.h\"

namespace satchel {

using namespace std::string_view_literals;  // a length that need not be counted

std::span<const BuiltInPack> standard_packs() {
  static constexpr BuiltInPack kPacks[] = {
${standard}  };
  return kPacks;
}

std::span<const BuiltInPack> system_packs() {
  static constexpr BuiltInPack kPacks[] = {
      {\"\", \"\"},
${system}  };
  return std::span(kPacks).subspan(1);
}

}  // namespace satchel
")
file(RENAME "${OUT}.new" "${OUT}")
