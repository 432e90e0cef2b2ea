// SPDX-License-Identifier: Apache-2.0
#include "kernels/loss/loss_simd.h"
#include "kernels/simd/avx2.h"

namespace pangu::kernels {

void cross_entropy_avx2(const CrossEntropyArgs& args, int64_t first, int64_t last) {
  cross_entropy_rows<V256>(args, first, last);
}

}  // namespace pangu::kernels
