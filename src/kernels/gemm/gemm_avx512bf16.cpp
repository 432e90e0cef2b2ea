// SPDX-License-Identifier: Apache-2.0
// Products of bf16 pairs, summed in f32.
#include "kernels/gemm/gemm_pack.h"
#include "kernels/gemm/gemm_tiles.h"
#include "kernels/simd/avx512.h"

namespace pangu::kernels {
namespace {

struct GemmBf16 {
  using V = V512;
  using Operand = __m512i;
  PANGU_INLINE static Operand load(const std::byte* p) { return _mm512_loadu_si512(p); }
  PANGU_INLINE static Operand broadcast(const std::byte* p) {
    int pair;
    __builtin_memcpy(&pair, p, sizeof(pair));
    return _mm512_set1_epi32(pair);
  }
  PANGU_INLINE static __m512 add_product(Operand a, Operand b, __m512 sum) {
    return _mm512_dpbf16_ps(sum, reinterpret_cast<__m512bh>(a), reinterpret_cast<__m512bh>(b));
  }
};

/// f32 strips of two inner indices as pairs: [depth][Width] -> [depth / 2][Width][2].
template <int Width>
void pack_pairs(const GemmOperand& o, const GemmBlock& block, std::byte* to) {
  constexpr int64_t kPiece = 64;  // even
  alignas(64) float strip[kPiece * Width];
  auto* out = reinterpret_cast<std::uint16_t*>(to);
  for (int64_t line = 0; line < block.lines; line += Width) {
    const int64_t lines = std::min<int64_t>(Width, block.lines - line);
    for (int64_t k = 0; k < block.depth; k += kPiece) {
      const int64_t depth = std::min(kPiece, block.depth - k);
      pack_f32<Width>(o, {block.line + line, lines, block.k + k, depth},
                      reinterpret_cast<std::byte*>(strip));
      if (depth % 2 != 0) std::fill_n(strip + depth * Width, Width, 0.0f);
      for (int64_t i = 0; i < depth; i += 2, out += 2 * Width) {
        for (int l = 0; l < Width; l += 16) {
          const int64_t n = Width - l;
          const __m512 even = V512::load_n(strip + i * Width + l, n);
          const __m512 odd = V512::load_n(strip + (i + 1) * Width + l, n);
          alignas(64) std::uint16_t halves[2][16];
          V512::store_bf16(halves[0], even);
          V512::store_bf16(halves[1], odd);
          for (int j = 0; j < 16 && l + j < Width; ++j) {
            out[2 * (l + j)] = halves[0][j];
            out[2 * (l + j) + 1] = halves[1][j];
          }
        }
      }
    }
  }
}

}  // namespace

constinit const GemmKernel kGemmAvx512Bf16 = {.rows = 6,
                                              .columns = 64,
                                              .word = 2,
                                              .pack_a = &pack_pairs<6>,
                                              .pack_b = &pack_pairs<64>,
                                              .tiles = &gemm_tiles<GemmBf16, 6, 4>};

}  // namespace pangu::kernels
