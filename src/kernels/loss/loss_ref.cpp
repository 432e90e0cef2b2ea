// SPDX-License-Identifier: Apache-2.0
#include "kernels/loss/loss_simd.h"
#include "kernels/simd/scalar.h"

namespace pangu::kernels {

void cross_entropy_ref(const CrossEntropyArgs& args, int64_t first, int64_t last) {
  cross_entropy_rows<V1>(args, first, last);
}

}  // namespace pangu::kernels
