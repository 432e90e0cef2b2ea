// SPDX-License-Identifier: Apache-2.0
#include "kernels/rope/rope.h"

namespace pangu::kernels {

void rope_ref(const RopeArgs& a, int64_t first, int64_t last) {
  const int64_t half = a.head_dim / 2;
  for (int64_t t = first; t < last; ++t) {
    for (int64_t h = 0; h < a.heads; ++h) {
      const float* x = a.x + t * a.x_token_stride + h * a.x_head_stride;
      float* y = a.y + t * a.y_token_stride + h * a.y_head_stride;
      for (int64_t i = 0; i < half; ++i) {
        const float c = a.cos[t * half + i];
        const float s = a.inverse ? -a.sin[t * half + i] : a.sin[t * half + i];
        const float lower = x[i], upper = x[i + half];
        y[i] = (a.accumulate ? y[i] : 0.0f) + (lower * c - upper * s);
        y[i + half] = (a.accumulate ? y[i + half] : 0.0f) + (upper * c + lower * s);
      }
    }
  }
}

}  // namespace pangu::kernels
