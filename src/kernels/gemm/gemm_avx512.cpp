// SPDX-License-Identifier: Apache-2.0
#include "kernels/gemm/gemm_pack.h"
#include "kernels/gemm/gemm_tiles.h"
#include "kernels/simd/avx512.h"

namespace pangu::kernels {

constinit const GemmKernel kGemmAvx512 = {.rows = 6,
                                          .columns = 64,
                                          .word = 1,
                                          .pack_a = &pack_f32<6>,
                                          .pack_b = &pack_f32<64>,
                                          .tiles = &gemm_tiles<GemmF32<V512>, 6, 4>};

}  // namespace pangu::kernels
