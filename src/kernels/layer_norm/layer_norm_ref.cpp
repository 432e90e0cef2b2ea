// SPDX-License-Identifier: Apache-2.0
#include "kernels/layer_norm/layer_norm_simd.h"
#include "kernels/simd/scalar.h"

namespace pangu::kernels {

void layer_norm_ref(const LayerNormArgs& args, int64_t first, int64_t last) {
  layer_norm_tokens<V1>(args, first, last);
}

void layer_norm_backward_ref(const LayerNormBackwardArgs& args, float* sums, int64_t first,
                             int64_t last) {
  layer_norm_backward_tokens<V1>(args, sums, first, last);
}

}  // namespace pangu::kernels
