// SPDX-License-Identifier: Apache-2.0
#include "kernels/layer_norm/layer_norm_simd.h"
#include "kernels/simd/neon.h"

namespace pangu::kernels {

void layer_norm_neon(const LayerNormArgs& args, int64_t first, int64_t last) {
  layer_norm_tokens<V128>(args, first, last);
}

void layer_norm_backward_neon(const LayerNormBackwardArgs& args, float* sums, int64_t first,
                              int64_t last) {
  layer_norm_backward_tokens<V128>(args, sums, first, last);
}

}  // namespace pangu::kernels
