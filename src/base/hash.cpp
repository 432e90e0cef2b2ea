// SPDX-License-Identifier: Apache-2.0
#include "base/hash.h"

#include <algorithm>
#include <cstring>

namespace pangu {

void ContentHash::add(std::span<const std::byte> bytes) {
  add(std::uint64_t{bytes.size()});
  while (!bytes.empty()) {
    const std::size_t n = std::min<std::size_t>(bytes.size(), 8);
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), n);
    add(word);
    bytes = bytes.subspan(n);
  }
}

}  // namespace pangu
