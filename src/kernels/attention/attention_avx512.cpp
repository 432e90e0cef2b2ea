// SPDX-License-Identifier: Apache-2.0
#include "kernels/attention/attention_fma.h"
#include "kernels/simd/avx512.h"

namespace pangu::kernels {

void attention_split_f32_avx512(const AttentionArgs& args, const AttentionTile& tile, int64_t split,
                                AttentionState& state) {
  attention_split<FmaCache<V512, false, 8, 4, 4>>(args, tile, split, state);
}

void attention_split_bf16_avx512(const AttentionArgs& args, const AttentionTile& tile,
                                 int64_t split, AttentionState& state) {
  attention_split<FmaCache<V512, true, 8, 4, 4>>(args, tile, split, state);
}

}  // namespace pangu::kernels
