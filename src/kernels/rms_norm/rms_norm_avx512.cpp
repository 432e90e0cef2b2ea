// SPDX-License-Identifier: Apache-2.0
#include "kernels/rms_norm/rms_norm_backward_simd.h"
#include "kernels/rms_norm/rms_norm_simd.h"
#include "kernels/simd/avx512.h"

namespace pangu::kernels {

void rms_norm_avx512(const RmsNormArgs& args, int64_t first, int64_t last) {
  rms_norm_tokens<V512>(args, first, last);
}

void rms_norm_backward_avx512(const RmsNormBackwardArgs& args, float* dweight, int64_t first,
                              int64_t last) {
  rms_norm_backward_tokens<V512>(args, dweight, first, last);
}

}  // namespace pangu::kernels
