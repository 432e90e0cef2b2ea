// SPDX-License-Identifier: Apache-2.0
#include "kernels/gelu/gelu_simd.h"
#include "kernels/simd/avx2.h"

namespace pangu::kernels {

void gelu_avx2(const GeluArgs& args, int64_t first, int64_t last) {
  gelu_range<V256>(args, first, last);
}

void gelu_backward_avx2(const GeluBackwardArgs& args, int64_t first, int64_t last) {
  gelu_backward_range<V256>(args, first, last);
}

}  // namespace pangu::kernels
