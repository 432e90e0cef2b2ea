// SPDX-License-Identifier: Apache-2.0
// Weights as bf16, two inputs of sixteen outputs to a vector: those that are stored so, and codes,
// which become so exactly, by table look-up.
// Included only by ISA files with VBMI.
#pragma once

#include "kernels/linear/linear_codes.h"
#include "kernels/simd/avx512.h"
#include "kernels/simd/int8_bf16.h"

namespace pangu::kernels {
namespace {

/// Weights that are operands as they lie, Inputs of each output to a word.
template <int Inputs>
struct StoredWords {
  static constexpr int kUnit = Inputs;
  static constexpr int64_t kUnitBytes = kPanelRows * 4;
  using Unit = __m512;
  PANGU_INLINE Unit load(const std::byte* unit, int64_t lane) const {
    return V512::load(reinterpret_cast<const float*>(unit + lane * 4));
  }
  PANGU_INLINE __m512 operand(Unit words, int) const { return words; }
};
using StoredBf16 = StoredWords<2>;

/// 8-bit codes, four inputs of sixteen outputs to a vector.
class DotBytes {
 public:
  static constexpr int kUnit = 4;
  static constexpr int64_t kUnitBytes = kUnit * kPanelRows;
  static constexpr float kScale = 1;
  struct Unit {
    __m512i first, second;
  };
  PANGU_INLINE Unit load(const std::byte* unit, int64_t lane) const {
    Unit u;
    table_.expand(_mm512_loadu_si512(unit + lane * kUnit), u.first, u.second);
    return u;
  }
  PANGU_INLINE __m512 operand(const Unit& u, int step) const {
    return _mm512_castsi512_ps(step == 0 ? u.first : u.second);
  }

 private:
  Int8ToBf16 table_;
};

constexpr std::uint16_t bf16_bits(int x) {
  const unsigned m = x < 0 ? static_cast<unsigned>(-x) : static_cast<unsigned>(x);
  const unsigned sign = x < 0 ? 0x8000u : 0u;
  if (m == 0) return 0;
  unsigned e = 0;
  while ((m >> e) > 1) ++e;
  return static_cast<std::uint16_t>(sign | (127 + e) << 7 | ((m << (7 - e)) & 0x7Fu));
}

/// bf16 of code - Zero for the first N codes, over and over.
template <int Entries, int N, int Zero>
struct CodeTable {
  alignas(64) std::uint16_t value[Entries];
  constexpr CodeTable() : value{} {
    for (int i = 0; i < Entries; ++i) value[i] = bf16_bits(i % N - Zero);
  }
};

/// 4-bit codes, eight inputs of sixteen outputs to a vector. A half-word look-up ignores all but
/// the lowest five bits of its index, and the table repeats itself, so nothing need be masked.
template <int Zero>
class DotNibbles {
 public:
  static constexpr int kUnit = 8;
  static constexpr int64_t kUnitBytes = kUnit * kPanelRows / 2;
  static constexpr float kScale = 1;
  using Unit = __m512i;
  PANGU_INLINE Unit load(const std::byte* unit, int64_t lane) const {
    return _mm512_loadu_si512(unit + lane * 4);
  }
  PANGU_INLINE __m512 operand(Unit codes, int step) const {
    const __m512i index = _mm512_srli_epi16(codes, static_cast<unsigned>(4 * step));
    return _mm512_castsi512_ps(_mm512_permutexvar_epi16(index, table_));
  }

 private:
  static constexpr CodeTable<32, 16, Zero> kTable{};
  __m512i table_ = _mm512_load_si512(kTable.value);
};

/// 6-bit codes in two planes, sixteen inputs of sixteen outputs to three vectors.
class DotSixBits {
 public:
  static constexpr int kUnit = 16;
  static constexpr int64_t kUnitBytes = Q6_KPanel::kGroupBytes;
  static constexpr float kScale = 1;
  struct Unit {
    __m512i low[2], high;
  };
  PANGU_INLINE Unit load(const std::byte* unit, int64_t lane) const {
    return {
        {_mm512_loadu_si512(unit + lane * 4), _mm512_loadu_si512(unit + kPanelRows * 4 + lane * 4)},
        _mm512_loadu_si512(unit + Q6_KPanel::kHighBits + lane * 4)};
  }
  PANGU_INLINE __m512 operand(const Unit& u, int step) const {
    const __m512i low = _mm512_srli_epi16(u.low[step / 4], static_cast<unsigned>(step % 4 * 4));
    // Bits 4 and 5 of the code are bits 2 * step and the next of each half-word.
    return look_up(low, step < 2 ? _mm512_slli_epi16(u.high, static_cast<unsigned>(4 - 2 * step))
                                 : _mm512_srli_epi16(u.high, static_cast<unsigned>(2 * step - 4)));
  }

 private:
  static constexpr CodeTable<64, 64, 32> kTable{};
  /// The lowest four bits of each half-word of `low`, with bits 4 and 5 of `high`.
  PANGU_INLINE __m512 look_up(__m512i low, __m512i high) const {
    constexpr int kSelect = 0xE4;  // c ? a : b
    const __m512i index = _mm512_ternarylogic_epi32(low, high, nibble_, kSelect);
    return _mm512_castsi512_ps(_mm512_permutex2var_epi16(first_, index, second_));
  }
  __m512i first_ = _mm512_load_si512(kTable.value);
  __m512i second_ = _mm512_load_si512(kTable.value + 32);
  __m512i nibble_ = _mm512_set1_epi16(0xF);
};

}  // namespace
}  // namespace pangu::kernels
