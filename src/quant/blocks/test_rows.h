// SPDX-License-Identifier: Apache-2.0
// Rows for the tests of the block formats. They are the same numbers on every machine, made from
// integers alone, so that goldens of whole sets of rows can be written down.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/hash.h"
#include "quant/float_rows.h"

namespace pangu::test {

/// splitmix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators").
class SplitMix {
 public:
  explicit SplitMix(std::uint64_t state) : state_(state) {}

  std::uint64_t bits() {
    std::uint64_t z = state_ += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  /// Uniform in [-1, 1).
  double uniform() { return static_cast<double>(bits() >> 11) * 0x1p-52 - 1.0; }
  /// 0 to n - 1.
  int below(int n) { return static_cast<int>(bits() % static_cast<std::uint64_t>(n)); }

 private:
  std::uint64_t state_;
};

inline std::vector<float> uniform_row(std::uint64_t state, int64_t k) {
  SplitMix rng(state);
  std::vector<float> row(static_cast<std::size_t>(k));
  for (float& x : row) x = static_cast<float>(rng.uniform());
  return row;
}

inline std::vector<std::byte> random_bytes(SplitMix& rng, std::size_t n) {
  std::vector<std::byte> bytes(n);
  for (std::byte& b : bytes) b = static_cast<std::byte>(rng.bits() & 0xFF);
  return bytes;
}

/// Number of kinds of rows that `odd_row` knows.
inline constexpr int kOddRows = 12;

inline std::vector<float> odd_row(SplitMix& rng, int kind, int64_t k) {
  const int size = rng.below(21) - 10, spike = rng.below(static_cast<int>(k));
  const double constant = rng.uniform();
  std::vector<float> row(static_cast<std::size_t>(k));
  for (int i = 0; i < static_cast<int>(k); ++i) {
    const double u = rng.uniform();
    const double value[kOddRows] = {
        u * u * u * u * u,                                // heavy tails
        std::ldexp(u, -3 * (i / 16 % 8)),                 // sub-blocks of different size
        i == spike ? constant : 0.0,                      //
        constant,                                         //
        i / 32 % 3 == 0 ? 0.0 : u,                        // zero sub-blocks
        -std::fabs(u),                                    //
        100.0 + u / 64,                                   // far from zero
        -100.0 + u / 64,                                  //
        static_cast<double>(i % 7 - 3) / 2,               // ties, also for the largest magnitude
        std::ldexp(u, -118),                              // the scale is 0 as f16
        std::ldexp(u, 100),                               // the scale is infinite as f16
        std::ldexp(u, static_cast<int>(u * 32768) % 60),  // every size in one block
    };
    const int exponent = kind < 9 ? size : 0;
    row[static_cast<std::size_t>(i)] = static_cast<float>(std::ldexp(value[kind], exponent));
  }
  return row;
}

inline std::string hex(std::span<const std::byte> bytes) {
  std::string text;
  for (const std::byte b : bytes) {
    text += "0123456789abcdef"[static_cast<int>(b) >> 4];
    text += "0123456789abcdef"[static_cast<int>(b) & 15];
  }
  return text;
}

/// FNV-1a over what `encode` makes of 200 rows of each odd kind.
template <class Encode>
std::uint64_t digest_of_odd_rows(Encode&& encode, std::size_t row_bytes, int64_t k) {
  SplitMix rng(2);
  Fnv1a digest;
  std::vector<std::byte> data(row_bytes);
  for (int i = 0; i < 200 * kOddRows; ++i) {
    encode(odd_row(rng, i % kOddRows, k).data(), k, data.data());
    for (const std::byte b : data) digest.add(static_cast<std::uint64_t>(b));
  }
  return digest.value();
}

/// What `encode` writes at an odd address. Bytes beside it are checked to be left alone.
template <class Encode>
std::vector<std::byte> encoded(Encode&& encode, const std::vector<float>& row, std::size_t bytes) {
  std::vector<std::byte> memory(bytes + 2, std::byte{0x5A});
  encode(row.data(), static_cast<int64_t>(row.size()), memory.data() + 1);
  if (memory.front() != std::byte{0x5A} || memory.back() != std::byte{0x5A}) return {};
  return {memory.begin() + 1, memory.end() - 1};
}

/// What `decode` gives for data at an odd address.
template <class Decode>
std::vector<float> decoded(Decode&& decode, std::span<const std::byte> data, int64_t k) {
  std::vector<std::byte> memory(data.size() + 1);
  std::copy(data.begin(), data.end(), memory.begin() + 1);
  std::vector<float> row(static_cast<std::size_t>(k));
  decode(memory.data() + 1, k, row.data());
  return row;
}

/// The f16 at byte `at`, made finite in `data` so that decoded numbers can be compared.
inline void make_finite(std::vector<std::byte>& data, std::size_t at) {
  data[at + 1] &= std::byte{0xBF};
}

}  // namespace pangu::test
