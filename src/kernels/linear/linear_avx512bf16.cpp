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

struct Bf16DotTile {
  using V = V512;
  static constexpr int kRows = 6, kVectors = 4, kOneRowVectors = 4;
  static constexpr int kStep = 2, kBytesPerOutput = 4;

  template <int R, int NB>
  static void run(const std::byte* w, const LinearArgs& a, int64_t row, int64_t o, int64_t k_begin,
                  int64_t k_end) {
    const auto* x = static_cast<const std::uint16_t*>(a.x) + row * a.x_stride;
    __m512 sum[R][NB];
    begin_sums<V>(a, row, o, k_begin > 0, sum);
    constexpr int64_t kRowBytes = kPanelRows * kBytesPerOutput;
    const std::byte* p = w + k_begin / kStep * kRowBytes;
    const bool few_rows = a.rows <= 2 * kRows && row == 0;
    int64_t k = k_begin;
    for (; k + kStep <= k_end; k += kStep, p += kRowBytes) {
      if (few_rows) prefetch<kRowBytes>(p + kPrefetchBytes);
      step<R, NB>(p, sum, [&](int r) { return Bf16Dot::x_at(x + r * a.x_stride + k); });
    }
    if (k < k_end) {  // an odd last input: the panel pairs it with zero, and so must the row
      step<R, NB>(p, sum, [&](int r) {
        return _mm512_castsi512_ps(_mm512_set1_epi32(x[r * a.x_stride + k]));
      });
    }
    end_sums<V>(a, row, o, k_end == a.k, sum);
  }

 private:
  template <int R, int NB, class Pair>
  PANGU_INLINE static void step(const std::byte* p, __m512 (&sum)[R][NB], const Pair& pair) {
    __m512 weights[NB];
    PANGU_UNROLL
    for (int b = 0; b < NB; ++b) weights[b] = V::load(reinterpret_cast<const float*>(p + b * 64));
    PANGU_UNROLL
    for (int r = 0; r < R; ++r) {
      const __m512 xs = pair(r);
      PANGU_UNROLL
      for (int b = 0; b < NB; ++b) sum[r][b] = Bf16Dot::madd(sum[r][b], weights[b], xs);
    }
  }
};

void bf16_weights(const LinearArgs& args, const LinearInput&, int64_t first, int64_t last) {
  run_panels<Bf16DotTile>(args, first, last);
}

constexpr Tiling kTiling{
    .sums = 16, .together = 4, .direct_rows = 8, .rows = 6, .vectors = 4, .block_inputs = 2048};

constexpr LinearVariants make_table() {
  LinearVariants t{};
  t.at[static_cast<std::size_t>(WeightFormat::kBF16)][1] = {&bf16_weights, InputForm::kAsIs, false};
  add_code_kernels<Bf16Dot, DotBytes, DotNibbles<8>, DotNibbles<0>, DotSixBits, kTiling>(
      t, 1, InputForm::kBF16);
  return t;
}

}  // namespace

constinit const LinearVariants kLinearAvx512Bf16 = make_table();

}  // namespace pangu::kernels
