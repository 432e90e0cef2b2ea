// SPDX-License-Identifier: Apache-2.0
#include "kernels/attention/attention_fma.h"
#include "kernels/simd/avx2.h"

namespace pangu::kernels {

void attention_split_f32_avx2(const AttentionArgs& args, const AttentionTile& tile, int64_t split,
                              AttentionState& state) {
  attention_split<FmaCache<V256, false, 2, 4, 2>>(args, tile, split, state);
}

void attention_split_bf16_avx2(const AttentionArgs& args, const AttentionTile& tile, int64_t split,
                               AttentionState& state) {
  attention_split<FmaCache<V256, true, 2, 4, 2>>(args, tile, split, state);
}

}  // namespace pangu::kernels
