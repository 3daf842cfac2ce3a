// SPDX-License-Identifier: AGPL-3.0-or-later
// The two tables pinyin.cpp reads once. Syllables are spelled with letters only, ü as v.
#pragma once

namespace satchel::sheet {

// "a啊锕ai爱…": a syllable, then the characters read so; each character stands once. In parts, because not every
// compiler takes a literal of more than 64 KiB.
inline constexpr int kReadingParts = 2;
extern const char* const kReadings[kReadingParts];
// "行xing,hang,heng 长chang,zhang …": a character and all its common readings.
extern const char* const kHeteronyms;

}  // namespace satchel::sheet
