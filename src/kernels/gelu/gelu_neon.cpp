// SPDX-License-Identifier: Apache-2.0
#include "kernels/gelu/gelu_simd.h"
#include "kernels/simd/neon.h"

namespace pangu::kernels {

void gelu_neon(const GeluArgs& args, int64_t first, int64_t last) {
  gelu_range<V128>(args, first, last);
}

void gelu_backward_neon(const GeluBackwardArgs& args, int64_t first, int64_t last) {
  gelu_backward_range<V128>(args, first, last);
}

}  // namespace pangu::kernels
