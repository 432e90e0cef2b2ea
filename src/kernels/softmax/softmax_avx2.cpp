// SPDX-License-Identifier: Apache-2.0
#include "kernels/simd/avx2.h"
#include "kernels/softmax/softmax_simd.h"

namespace pangu::kernels {

void softmax_avx2(const SoftmaxArgs& args, int64_t first, int64_t last) {
  softmax_rows<V256>(args, first, last);
}

void softmax_backward_avx2(const SoftmaxBackwardArgs& args, int64_t first, int64_t last) {
  softmax_backward_rows<V256>(args, first, last);
}

}  // namespace pangu::kernels
