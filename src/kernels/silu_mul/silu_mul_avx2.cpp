// SPDX-License-Identifier: Apache-2.0
#include "kernels/silu_mul/silu_mul_backward_simd.h"
#include "kernels/silu_mul/silu_mul_simd.h"
#include "kernels/simd/avx2.h"

namespace pangu::kernels {

void silu_mul_avx2(const SiluMulArgs& args, int64_t first, int64_t last) {
  silu_mul_tokens<V256>(args, first, last);
}

void silu_mul_backward_avx2(const SiluMulBackwardArgs& args, int64_t first, int64_t last) {
  silu_mul_backward_tokens<V256>(args, first, last);
}

}  // namespace pangu::kernels
