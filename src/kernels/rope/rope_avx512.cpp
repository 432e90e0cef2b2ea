// SPDX-License-Identifier: Apache-2.0
#include "kernels/rope/rope_simd.h"
#include "kernels/simd/avx512.h"

namespace pangu::kernels {

void rope_avx512(const RopeArgs& args, int64_t first, int64_t last) {
  rope_tokens<V512>(args, first, last);
}

}  // namespace pangu::kernels
