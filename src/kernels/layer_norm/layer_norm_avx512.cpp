// SPDX-License-Identifier: Apache-2.0
#include "kernels/layer_norm/layer_norm_simd.h"
#include "kernels/simd/avx512.h"

namespace pangu::kernels {

void layer_norm_avx512(const LayerNormArgs& args, int64_t first, int64_t last) {
  layer_norm_tokens<V512>(args, first, last);
}

void layer_norm_backward_avx512(const LayerNormBackwardArgs& args, float* sums, int64_t first,
                                int64_t last) {
  layer_norm_backward_tokens<V512>(args, sums, first, last);
}

}  // namespace pangu::kernels
