// SPDX-License-Identifier: Apache-2.0
#include "kernels/gelu/gelu_simd.h"
#include "kernels/simd/scalar.h"

namespace pangu::kernels {

void gelu_ref(const GeluArgs& args, int64_t first, int64_t last) {
  gelu_range<V1>(args, first, last);
}

void gelu_backward_ref(const GeluBackwardArgs& args, int64_t first, int64_t last) {
  gelu_backward_range<V1>(args, first, last);
}

}  // namespace pangu::kernels
