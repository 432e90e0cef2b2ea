// SPDX-License-Identifier: Apache-2.0
#include "kernels/simd/neon.h"
#include "kernels/softmax/softmax_simd.h"

namespace pangu::kernels {

void softmax_neon(const SoftmaxArgs& args, int64_t first, int64_t last) {
  softmax_rows<V128>(args, first, last);
}

void softmax_backward_neon(const SoftmaxBackwardArgs& args, int64_t first, int64_t last) {
  softmax_backward_rows<V128>(args, first, last);
}

}  // namespace pangu::kernels
