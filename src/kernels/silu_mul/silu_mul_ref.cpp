// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "kernels/silu_mul/silu_mul.h"
#include "tensor/dtype.h"

namespace pangu::kernels {

void silu_mul_ref(const SiluMulArgs& a, int64_t first, int64_t last) {
  for (int64_t t = first; t < last; ++t) {
    for (int64_t i = 0; i < a.n; ++i) {
      const float gate = a.gate_up[t * a.stride + i], up = a.gate_up[t * a.stride + a.n + i];
      const float value = gate / (1.0f + std::exp(-gate)) * up;
      if (a.y_dtype == DType::kBF16) {
        static_cast<bf16*>(a.y)[t * a.n + i] = to_bf16(value);
      } else {
        static_cast<float*>(a.y)[t * a.n + i] = value;
      }
    }
  }
}

}  // namespace pangu::kernels
