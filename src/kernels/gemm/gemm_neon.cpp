// SPDX-License-Identifier: Apache-2.0
#include "kernels/gemm/gemm_pack.h"
#include "kernels/gemm/gemm_tiles.h"
#include "kernels/simd/neon.h"

namespace pangu::kernels {
namespace {

struct GemmNeon : GemmF32<V128> {
  /// One lane, by which products take it. Not an intrinsic: compilers would load those of all rows
  /// first, which leaves too few registers for the sums. A load to all lanes would take a turn of
  /// the units that multiply.
  PANGU_INLINE static Operand broadcast(const std::byte* p) {
    float x;
    asm volatile("ldr %s0, %1" : "=w"(x) : "m"(*reinterpret_cast<const float*>(p)));
    return V128::set1(x);
  }
};

}  // namespace

constinit const GemmKernel kGemmNeon = {.rows = 6,
                                        .columns = 16,
                                        .word = 1,
                                        .pack_a = &pack_f32<6>,
                                        .pack_b = &pack_f32<16>,
                                        .tiles = &gemm_tiles<GemmNeon, 6, 4>};

}  // namespace pangu::kernels
