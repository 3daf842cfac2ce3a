// SPDX-License-Identifier: AGPL-3.0-or-later
// Foreign text made of good text: bytes flipped, cut out, doubled and exchanged, and words put in that mean something
// to the format. One seed gives one row of texts (SATCHEL_HOSTILE_SEED).
#pragma once

#include <sys/resource.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "tests/vectors/vectors.h"

namespace satchel::test {

class Bender {
 public:
  explicit Bender(std::vector<std::string> words) : words_(std::move(words)), random_(vectors::hostile_seed()) {}

  // Below `n`.
  std::size_t any(std::size_t n) { return n == 0 ? 0 : random_() % n; }

  std::string bend(std::string text) {
    for (auto n = any(6) + 1; n > 0; --n) change(text);
    return text;
  }

 private:
  void change(std::string& text) {
    const auto at = any(text.size());
    switch (any(7)) {
      case 0:
        if (!text.empty()) text[at] = static_cast<char>(text[at] ^ (1 << any(8)));
        break;
      case 1:
        if (!text.empty()) text[at] = static_cast<char>(random_());
        break;
      case 2:
        text.erase(at, any(40));
        break;
      case 3:
        text.insert(at, std::string(text, any(text.size()), any(60)));
        break;
      case 4:
        text.resize(text.size() - any(text.size() / 4));
        break;
      default:
        text.insert(at, words_[any(words_.size())]);
    }
  }

  std::vector<std::string> words_;
  std::mt19937_64 random_;
};

// The most memory this program ever held, in MiB; 0 under AddressSanitizer, which keeps what was freed.
inline long peak_memory() {
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
  return 0;
#endif
#endif
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return used.ru_maxrss / 1024;
}

}  // namespace satchel::test
