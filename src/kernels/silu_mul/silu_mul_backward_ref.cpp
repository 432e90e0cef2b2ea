// SPDX-License-Identifier: Apache-2.0
#include "kernels/silu_mul/silu_mul_backward_simd.h"
#include "kernels/simd/scalar.h"

namespace pangu::kernels {

void silu_mul_backward_ref(const SiluMulBackwardArgs& args, int64_t first, int64_t last) {
  silu_mul_backward_tokens<V1>(args, first, last);
}

}  // namespace pangu::kernels
