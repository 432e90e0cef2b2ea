// SPDX-License-Identifier: Apache-2.0
// The formula: C[i, j] (+)= sum over k of A[i, k] B[k, j], over strips of four by eight.
#include "kernels/gemm/gemm_pack.h"

namespace pangu::kernels {
namespace {

constexpr int kRows = 4, kColumns = 8;

void tiles(const GemmTiles& t) {
  const auto* a = reinterpret_cast<const float*>(t.a);
  const auto* b = reinterpret_cast<const float*>(t.b);
  for (int64_t i = 0; i < t.rows; ++i) {
    const float* row = a + i / kRows * t.a_strip_words + i % kRows * t.a_row_words;
    for (int64_t j = 0; j < t.columns; ++j) {
      float sum = 0.0f;
      for (int64_t k = 0; k < t.depth; ++k) sum += row[k * t.a_k_words] * b[k * kColumns + j];
      float& c = t.c[i * t.c_stride + j];
      c = t.accumulate ? c + sum : sum;
    }
  }
}

}  // namespace

constinit const GemmKernel kGemmRef = {.rows = kRows,
                                       .columns = kColumns,
                                       .word = 1,
                                       .pack_a = &pack_f32<kRows>,
                                       .pack_b = &pack_f32<kColumns>,
                                       .tiles = &tiles};

}  // namespace pangu::kernels
