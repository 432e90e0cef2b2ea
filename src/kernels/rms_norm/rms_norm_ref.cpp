// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "kernels/rms_norm/rms_norm.h"
#include "tensor/dtype.h"

namespace pangu::kernels {

void rms_norm_ref(const RmsNormArgs& a, int64_t first, int64_t last) {
  for (int64_t t = first; t < last; ++t) {
    for (int64_t h = 0; h < a.heads; ++h) {
      const float* x = a.x + t * a.x_token_stride + h * a.x_head_stride;
      const int64_t y = (t * a.heads + h) * a.n;
      float squares = 0.0f;
      for (int64_t i = 0; i < a.n; ++i) squares += x[i] * x[i];
      const float scale = 1.0f / std::sqrt(squares / static_cast<float>(a.n) + a.eps);
      for (int64_t i = 0; i < a.n; ++i) {
        const float value = x[i] * scale * a.weight[i];
        if (a.y_dtype == DType::kBF16) {
          static_cast<bf16*>(a.y)[y + i] = to_bf16(value);
        } else {
          static_cast<float*>(a.y)[y + i] = value;
        }
      }
    }
  }
}

}  // namespace pangu::kernels
