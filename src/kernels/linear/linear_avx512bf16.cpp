// SPDX-License-Identifier: Apache-2.0
// Products of bf16 activations with VDPBF16PS: an operand holds two inputs of one output, the same
// two inputs of a row are broadcast, and one instruction adds both products to sixteen sums. Six
// rows by a panel of four vectors, as in f32, at twice the work per instruction. Quantized codes
// become bf16 by table look-up, exactly.
#include "kernels/linear/linear_bf16_codes.h"
#include "kernels/linear/linear_codes.h"
#include "kernels/simd/avx512.h"

namespace pangu::kernels {
namespace {

struct Bf16Dot {
  using V = V512;
  using X = std::uint16_t;
  static constexpr int kStep = 2;
  PANGU_INLINE static __m512 x_at(const X* x) {
    int pair;
    __builtin_memcpy(&pair, x, sizeof(pair));
    return _mm512_castsi512_ps(_mm512_set1_epi32(pair));
  }
  PANGU_INLINE static __m512 madd(__m512 sum, __m512 w, __m512 x) {
    return _mm512_dpbf16_ps(sum, reinterpret_cast<__m512bh>(w), reinterpret_cast<__m512bh>(x));
  }
};

constexpr Tiling kTiling{
    .sums = 16, .together = 4, .direct_rows = 8, .rows = 6, .vectors = 4, .block_inputs = 2048};

/// No tables to keep leaves registers for six rows of a whole panel.
constexpr Tiling kStoredTiling{
    .sums = 24, .together = 4, .direct_rows = 12, .rows = 6, .vectors = 4, .block_inputs = 2048};

constexpr LinearVariants make_table() {
  LinearVariants t{};
  t.at[static_cast<std::size_t>(WeightFormat::kBF16)][1] = {
      &CodeLinear<Bf16Dot, StoredBf16, Unscaled<StoredBf16>, kStoredTiling>::panels,
      InputForm::kBF16, false};
  add_code_kernels<Bf16Dot, DotBytes, DotNibbles<8>, DotNibbles<0>, DotSixBits, kTiling>(
      t, 1, InputForm::kBF16);
  return t;
}

}  // namespace

constinit const LinearVariants kLinearAvx512Bf16 = make_table();

}  // namespace pangu::kernels
