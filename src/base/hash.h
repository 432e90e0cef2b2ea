// SPDX-License-Identifier: Apache-2.0
// Fast hashes that give the same numbers everywhere; not for keys that an adversary chooses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
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

/// 64 bits of long content, a word at a time: for digests of files and names of what they hold.
/// After each word all bits are mixed, by the finalizer of SplitMix64 (Steele, Lea & Flood 2014,
/// "Fast splittable pseudorandom number generators"; constants of Stafford's variant 13).
class ContentHash {
 public:
  /// Seeds give hashes that have nothing to do with each other.
  constexpr explicit ContentHash(std::uint64_t seed = 0) : state_(mix(seed + kStep)) {}

  constexpr void add(std::uint64_t word) { state_ = mix(state_ ^ word) + kStep; }
  /// Bytes, and how many they are: what is added next cannot be taken for their end.
  void add(std::span<const std::byte> bytes);
  void add(std::string_view text) { add(std::as_bytes(std::span(text))); }
  constexpr std::uint64_t value() const { return mix(state_); }

 private:
  static constexpr std::uint64_t kStep = 0x9E3779B97F4A7C15;
  static constexpr std::uint64_t mix(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
    return x ^ (x >> 31);
  }
  std::uint64_t state_;
};

}  // namespace pangu
