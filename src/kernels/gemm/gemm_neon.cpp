// SPDX-License-Identifier: Apache-2.0
#include "kernels/gemm/gemm_pack.h"
#include "kernels/gemm/gemm_tiles.h"
#include "kernels/simd/neon.h"

namespace pangu::kernels {

constinit const GemmKernel kGemmNeon = {.rows = 6,
                                        .columns = 16,
                                        .word = 1,
                                        .pack_a = &pack_f32<6>,
                                        .pack_b = &pack_f32<16>,
                                        .tiles = &gemm_tiles<GemmF32<V128>, 6, 4>};

}  // namespace pangu::kernels
