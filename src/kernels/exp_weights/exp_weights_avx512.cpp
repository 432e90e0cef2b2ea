// SPDX-License-Identifier: Apache-2.0
// exp_weights for AVX-512.
#if defined(__x86_64__)
#include "kernels/exp_weights/exp_weights_body.h"

namespace pangu::kernels {

double exp_weights_avx512(const float* logits, std::size_t n, float max, double scale,
                          double* weights) noexcept {
  return exp_weights_body(logits, n, max, scale, weights);
}

}  // namespace pangu::kernels
#endif
