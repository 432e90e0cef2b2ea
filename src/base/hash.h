// SPDX-License-Identifier: Apache-2.0
// A fast hash that gives the same numbers everywhere; not for keys that an adversary chooses.
#pragma once

#include <cstdint>
#include <string_view>

namespace pangu {

/// FNV-1a, 64 bits (Fowler, Noll & Vo; draft-eastlake-fnv).
class Fnv1a {
 public:
  /// Takes one more value as a whole: a byte, for the published function, or a wider number.
  constexpr void add(std::uint64_t value) { hash_ = (hash_ ^ value) * kPrime; }
  constexpr void add(std::string_view bytes) {
    for (const char c : bytes) add(std::uint64_t{static_cast<unsigned char>(c)});
  }
  constexpr std::uint64_t value() const { return hash_; }

 private:
  static constexpr std::uint64_t kPrime = 0x100000001B3;
  std::uint64_t hash_ = 0xCBF29CE484222325;
};

/// FNV-1a of a text's bytes.
constexpr std::uint64_t fnv1a(std::string_view bytes) {
  Fnv1a hash;
  hash.add(bytes);
  return hash.value();
}

}  // namespace pangu
