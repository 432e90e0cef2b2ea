// SPDX-License-Identifier: Apache-2.0
#include "kernels/distill_loss/distill_loss_simd.h"
#include "kernels/simd/neon.h"

namespace pangu::kernels {

void distill_neon(const DistillArgs& args, int64_t first, int64_t last) {
  distill_rows<V128>(args, first, last);
}

void distill_top_neon(const DistillTopArgs& args, int64_t first, int64_t last) {
  distill_top_rows<V128>(args, first, last);
}

}  // namespace pangu::kernels
