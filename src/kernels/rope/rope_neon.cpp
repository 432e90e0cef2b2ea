// SPDX-License-Identifier: Apache-2.0
#include "kernels/rope/rope_simd.h"
#include "kernels/simd/neon.h"

namespace pangu::kernels {

void rope_neon(const RopeArgs& args, int64_t first, int64_t last) {
  rope_tokens<V128>(args, first, last);
}

}  // namespace pangu::kernels
