// SPDX-License-Identifier: Apache-2.0
#include "kernels/rms_norm/rms_norm_backward_simd.h"
#include "kernels/rms_norm/rms_norm_simd.h"
#include "kernels/simd/neon.h"

namespace pangu::kernels {

void rms_norm_neon(const RmsNormArgs& args, int64_t first, int64_t last) {
  rms_norm_tokens<V128>(args, first, last);
}

void rms_norm_backward_neon(const RmsNormBackwardArgs& args, float* dweight, int64_t first,
                            int64_t last) {
  rms_norm_backward_tokens<V128>(args, dweight, first, last);
}

}  // namespace pangu::kernels
