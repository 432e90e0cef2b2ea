// SPDX-License-Identifier: Apache-2.0
#include "kernels/rope/rope_simd.h"
#include "kernels/simd/avx2.h"

namespace pangu::kernels {

void rope_avx2(const RopeArgs& args, int64_t first, int64_t last) {
  rope_tokens<V256>(args, first, last);
}

}  // namespace pangu::kernels
