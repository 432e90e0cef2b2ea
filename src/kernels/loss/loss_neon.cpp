// SPDX-License-Identifier: Apache-2.0
#include "kernels/loss/loss_simd.h"
#include "kernels/simd/neon.h"

namespace pangu::kernels {

void cross_entropy_neon(const CrossEntropyArgs& args, int64_t first, int64_t last) {
  cross_entropy_rows<V128>(args, first, last);
}

}  // namespace pangu::kernels
