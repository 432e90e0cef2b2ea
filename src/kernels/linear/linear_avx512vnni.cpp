// SPDX-License-Identifier: Apache-2.0
// w8a8 and w4a8 with VNNI: four products to a lane and instruction, four times what f32 does.
#include "kernels/linear/linear_w4a8.h"
#include "kernels/linear/linear_w8a8.h"
#include "kernels/simd/avx512.h"
#include "kernels/simd/vnni.h"

namespace pangu::kernels {
namespace {

/// Four codes of one row in every lane.
PANGU_INLINE __m512i four_codes(const std::int8_t* x) {
  int four;
  __builtin_memcpy(&four, x, sizeof(four));
  return _mm512_set1_epi32(four);
}

/// u8 weights times s8 activations.
struct VnniMath {
  using V = V512;
  using Code = std::int8_t;
  using Sum = __m512i;
  using Weights = __m512i;
  using X = __m512i;
  static constexpr int kOffset = kW8A8Offset;
  static const Code* codes(const LinearInput& in) { return static_cast<const Code*>(in.x); }
  PANGU_INLINE static Sum zero() { return _mm512_setzero_si512(); }
  PANGU_INLINE static Weights load(const std::byte* w) { return _mm512_loadu_si512(w); }
  PANGU_INLINE static X x_at(const std::int8_t* x) { return four_codes(x); }
  PANGU_INLINE static Sum madd(Sum sum, Weights w, X x) { return dot_bytes(sum, w, x); }
  PANGU_INLINE static Sum reduce(Sum sum) { return sum; }
};

/// Nibbles times s8 activations.
struct VnniNibbles {
  using V = V512;
  using Sum = __m512i;
  using Part = Sum;
  struct Nibbles {
    __m512i low, high;
  };
  using X = Nibbles;
  static constexpr int kPartInputs = 32;
  PANGU_INLINE static Sum times_minus_8(const std::int32_t* x) {
    return _mm512_set1_epi32(-kNibbleZero * *x);
  }
  PANGU_INLINE static Nibbles load(const std::byte* w) {
    const __m512i words = _mm512_loadu_si512(w), mask = _mm512_set1_epi8(0xF);
    return {_mm512_and_si512(words, mask), _mm512_and_si512(_mm512_srli_epi16(words, 4), mask)};
  }
  PANGU_INLINE static X x_at(const std::int8_t* x) { return {four_codes(x), four_codes(x + 4)}; }
  PANGU_INLINE static Part begin_part(Sum sum) { return sum; }
  PANGU_INLINE static Sum end_part(Sum, Part part) { return part; }
  PANGU_INLINE static Part madd(Part sum, const Nibbles& w, const X& x) {
    return dot_bytes(dot_bytes(sum, w.low, x.low), w.high, x.high);
  }
  PANGU_INLINE static __m512 to_f32(Sum sum) { return _mm512_cvtepi32_ps(sum); }
};

constexpr IntTiling kTiling{.sums = 24, .rows = 6, .together = 4};

constexpr LinearVariants make_table() {
  LinearVariants t{};
  add_w4a8_kernels<VnniNibbles, kTiling>(t);
  for (auto& kernel : t.at[static_cast<std::size_t>(WeightFormat::kW8A8)]) {
    kernel = {&W8A8Linear<VnniMath, kTiling>::panels, InputForm::kInt8, false};
  }
  return t;
}

}  // namespace

constinit const LinearVariants kLinearAvx512Vnni = make_table();

}  // namespace pangu::kernels
