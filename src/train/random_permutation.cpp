// SPDX-License-Identifier: Apache-2.0
// A Feistel network over the next power of four permutes a little more than asked for; walking on
// until the value is in range cuts that down to a permutation of exactly `size` elements.
//
// source  Black & Rogaway 2002, "Ciphers with Arbitrary Finite Domains" (CT-RSA 2002).
#include "train/random_permutation.h"

#include <bit>

#include "base/counter_rng.h"

namespace pangu {
namespace {

/// Sets these draws apart from those of the sampler, whose fourth word is 0 or 1.
constexpr std::uint32_t kDomain = 0x5EED0001;

}  // namespace

RandomPermutation::RandomPermutation(std::uint64_t size, std::uint64_t seed, std::uint64_t stream)
    : size_(size), seed_(seed), stream_(stream) {
  const int bits = std::bit_width(size > 1 ? size - 1 : 1);
  half_bits_ = (bits + 1) / 2;
}

std::uint64_t RandomPermutation::scramble(std::uint64_t x) const {
  const std::uint64_t mask = (std::uint64_t{1} << half_bits_) - 1;
  std::uint64_t left = x >> half_bits_, right = x & mask;
  // Eight rounds: with few bits a half, fewer leave patterns.
  for (std::uint32_t round = 0; round < 8; ++round) {
    const auto words =
        philox4x32({static_cast<std::uint32_t>(right), static_cast<std::uint32_t>(stream_),
                    static_cast<std::uint32_t>(stream_ >> 32), kDomain + round},
                   {static_cast<std::uint32_t>(seed_), static_cast<std::uint32_t>(seed_ >> 32)});
    const std::uint64_t next = left ^ (words[0] & mask);
    left = right;
    right = next;
  }
  return left << half_bits_ | right;
}

std::uint64_t RandomPermutation::operator()(std::uint64_t i) const {
  do {
    i = scramble(i);
  } while (i >= size_);
  return i;
}

}  // namespace pangu
