// SPDX-License-Identifier: Apache-2.0
// bf16 weights times bf16 activations with VDPBF16PS: a word of the panel holds two inputs of one
// output, the same two inputs of a row are broadcast, and one instruction adds both products to
// sixteen sums. Six rows by a panel of four vectors, as in f32, at twice the work per instruction.
#include "kernels/linear/linear_tiles.h"
#include "kernels/simd/avx512.h"

namespace pangu::kernels {
namespace {

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
    int64_t k = k_begin;
    for (; k + kStep <= k_end; k += kStep, p += kRowBytes) {
      step<R, NB>(p, sum, [&](int r) {
        int pair;
        __builtin_memcpy(&pair, x + r * a.x_stride + k, sizeof(pair));
        return pair;
      });
    }
    if (k < k_end) {  // an odd last input: the panel pairs it with zero, and so must the row
      step<R, NB>(p, sum, [&](int r) { return static_cast<int>(x[r * a.x_stride + k]); });
    }
    end_sums<V>(a, row, o, k_end == a.k, sum);
  }

 private:
  template <int R, int NB, class Pair>
  PANGU_INLINE static void step(const std::byte* p, __m512 (&sum)[R][NB], const Pair& pair) {
    __m512bh weights[NB];
    PANGU_UNROLL
    for (int b = 0; b < NB; ++b) {
      weights[b] = reinterpret_cast<__m512bh>(_mm512_loadu_si512(p + b * 64));
    }
    PANGU_UNROLL
    for (int r = 0; r < R; ++r) {
      const auto xs = reinterpret_cast<__m512bh>(_mm512_set1_epi32(pair(r)));
      PANGU_UNROLL
      for (int b = 0; b < NB; ++b) sum[r][b] = _mm512_dpbf16_ps(sum[r][b], weights[b], xs);
    }
  }
};

}  // namespace

void linear_bf16_dot_avx512bf16(const LinearArgs& args, int64_t first, int64_t last) {
  run_panels<Bf16DotTile>(args, first, last);
}

}  // namespace pangu::kernels
