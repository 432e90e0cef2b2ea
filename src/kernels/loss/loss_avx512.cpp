// SPDX-License-Identifier: Apache-2.0
#include "kernels/loss/loss_simd.h"
#include "kernels/simd/avx512.h"

namespace pangu::kernels {

void cross_entropy_avx512(const CrossEntropyArgs& args, int64_t first, int64_t last) {
  cross_entropy_rows<V512>(args, first, last);
}

}  // namespace pangu::kernels
