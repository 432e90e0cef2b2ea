// SPDX-License-Identifier: Apache-2.0
// The formula, a row at a time: scores, their maximum, exponentials, weighted values. With a bf16
// cache the probabilities are rounded to bf16 too, as the fast kernels do; queries never are.
#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/attention/attention.h"
#include "tensor/dtype.h"

namespace pangu::kernels {
namespace {

float rounded(const KvPages& pages, float x) {
  return pages.dtype == DType::kBF16 ? to_f32(to_bf16(x)) : x;
}

float key(const KvPages& p, const std::byte* keys, int64_t slot, int64_t d) {
  return p.dtype == DType::kBF16 ? to_f32(reinterpret_cast<const bf16*>(
                                       keys)[(d / 2 * kPagePositions + slot) * 2 + d % 2])
                                 : reinterpret_cast<const float*>(keys)[d * kPagePositions + slot];
}

float value(const KvPages& p, const std::byte* values, int64_t slot, int64_t d) {
  return p.dtype == DType::kBF16
             ? to_f32(reinterpret_cast<const bf16*>(
                   values)[(slot / 2 * p.padded_dim() + d) * 2 + slot % 2])
             : reinterpret_cast<const float*>(values)[slot * p.padded_dim() + d];
}

}  // namespace

void attention_split_ref(const AttentionArgs& a, const AttentionTile& tile, int64_t split,
                         AttentionState& state) {
  const KvPages& pages = a.pages;
  const int64_t begin = split * kSplitPages * kPagePositions;
  for (int64_t r = 0; r < tile.rows(); ++r) {
    const int64_t end = std::min(tile.visible(r), begin + kSplitPages * kPagePositions);
    const float* q = a.q +
                     (tile.sequence->first_row + tile.first_token + r / tile.n_heads) * a.q_stride +
                     (tile.first_head + r % tile.n_heads) * pages.head_dim;
    float score[kSplitPages * kPagePositions];
    float max = -std::numeric_limits<float>::infinity();
    for (int64_t p = begin; p < end; ++p) {
      const std::byte* keys = pages.keys(tile.sequence->pages[p / kPagePositions], tile.kv_head);
      float dot = 0.0f;
      for (int64_t d = 0; d < pages.head_dim; ++d) {
        dot += q[d] * key(pages, keys, p % kPagePositions, d);
      }
      score[p - begin] = dot * a.scale;
      max = std::max(max, score[p - begin]);
    }
    float* out = state.out + r * pages.padded_dim();
    std::fill(out, out + pages.padded_dim(), 0.0f);
    state.max[r] = max;
    state.sum[r] = 0.0f;
    if (max == -std::numeric_limits<float>::infinity()) continue;
    for (int64_t p = begin; p < end; ++p) {
      const float weight = rounded(pages, std::exp(score[p - begin] - max));
      state.sum[r] += weight;
      const std::byte* values =
          pages.values(tile.sequence->pages[p / kPagePositions], tile.kv_head);
      for (int64_t d = 0; d < pages.head_dim; ++d) {
        out[d] += weight * value(pages, values, p % kPagePositions, d);
      }
    }
  }
}

}  // namespace pangu::kernels
