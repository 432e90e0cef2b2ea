// SPDX-License-Identifier: Apache-2.0
#include "kernels/simd/scalar.h"
#include "kernels/softmax/softmax_simd.h"

namespace pangu::kernels {

void softmax_ref(const SoftmaxArgs& args, int64_t first, int64_t last) {
  softmax_rows<V1>(args, first, last);
}

void softmax_backward_ref(const SoftmaxBackwardArgs& args, int64_t first, int64_t last) {
  softmax_backward_rows<V1>(args, first, last);
}

}  // namespace pangu::kernels
