// SPDX-License-Identifier: Apache-2.0
// A shuffled order that is computed, not stored: any place of it, at once, from a seed.
#pragma once

#include <cstdint>

namespace pangu {

/// A bijection of 0 ... size - 1. The same (size, seed, stream) give the same order everywhere.
class RandomPermutation {
 public:
  /// `size` is at least 1; streams of one seed are independent of each other.
  RandomPermutation(std::uint64_t size, std::uint64_t seed, std::uint64_t stream);

  /// The element at place `i` < size.
  std::uint64_t operator()(std::uint64_t i) const;

 private:
  std::uint64_t scramble(std::uint64_t x) const;

  std::uint64_t size_, seed_, stream_;
  int half_bits_;
};

}  // namespace pangu
