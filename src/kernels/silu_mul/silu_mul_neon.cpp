// SPDX-License-Identifier: Apache-2.0
#include "kernels/silu_mul/silu_mul_backward_simd.h"
#include "kernels/silu_mul/silu_mul_simd.h"
#include "kernels/simd/neon.h"

namespace pangu::kernels {

void silu_mul_neon(const SiluMulArgs& args, int64_t first, int64_t last) {
  silu_mul_tokens<V128>(args, first, last);
}

void silu_mul_backward_neon(const SiluMulBackwardArgs& args, int64_t first, int64_t last) {
  silu_mul_backward_tokens<V128>(args, first, last);
}

}  // namespace pangu::kernels
