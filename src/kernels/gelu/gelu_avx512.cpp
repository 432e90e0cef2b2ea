// SPDX-License-Identifier: Apache-2.0
#include "kernels/gelu/gelu_simd.h"
#include "kernels/simd/avx512.h"

namespace pangu::kernels {

void gelu_avx512(const GeluArgs& args, int64_t first, int64_t last) {
  gelu_range<V512>(args, first, last);
}

void gelu_backward_avx512(const GeluBackwardArgs& args, int64_t first, int64_t last) {
  gelu_backward_range<V512>(args, first, last);
}

}  // namespace pangu::kernels
