// SPDX-License-Identifier: Apache-2.0
#include "kernels/rms_norm/rms_norm_backward_simd.h"
#include "kernels/simd/scalar.h"

namespace pangu::kernels {

void rms_norm_backward_ref(const RmsNormBackwardArgs& args, float* dweight, int64_t first,
                           int64_t last) {
  rms_norm_backward_tokens<V1>(args, dweight, first, last);
}

}  // namespace pangu::kernels
