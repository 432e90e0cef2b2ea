// SPDX-License-Identifier: Apache-2.0
// The formula, a row at a time: scores, their maximum, exponentials, weighted values. With a bf16
// cache the probabilities are rounded to bf16 too, as the fast kernels do; queries never are.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "kernels/paged_attention/paged_attention.h"
#include "quant/code_panels.h"
#include "tensor/dtype.h"

namespace pangu::kernels {
namespace {

template <class T>
float element(const std::byte* panel, int64_t index) {
  T x;
  std::memcpy(&x, panel + index * static_cast<int64_t>(sizeof(T)), sizeof(T));
  return to_f32(x);
}

/// Element d of position `slot`, whose panel has `lanes` lanes: it is input `input` of lane `lane`.
struct Place {
  int64_t slot, d;
  int64_t lane, input, lanes;
};

float decode(const KvPages& p, const std::byte* panel, int64_t code_bytes, const Place& at) {
  const std::byte* scales = panel + code_bytes;
  switch (p.format) {
    case KvFormat::kF32:
      return element<float>(panel, at.input * at.lanes + at.lane);
    case KvFormat::kBF16:
      return element<bf16>(panel, (at.input / 2 * at.lanes + at.lane) * 2 + at.input % 2);
    case KvFormat::kInt8: {
      const auto code =
          static_cast<std::int8_t>(panel[byte_code_index(at.lane, at.input, at.lanes)]);
      return element<float>(scales, at.slot) * static_cast<float>(code);
    }
    case KvFormat::kInt4:
      break;
  }
  std::uint32_t word;
  std::memcpy(&word, panel + nibble_word_offset(at.lane, at.input, at.lanes), sizeof(word));
  const auto code = static_cast<float>(word >> nibble_shift(at.input) & 0xFu);
  const int64_t group = at.d / kKvGroup;
  return element<f16>(scales, group * kPagePositions + at.slot) * code +
         element<f16>(scales, (p.groups() + group) * kPagePositions + at.slot);
}

float key(const KvPages& p, const std::byte* keys, int64_t slot, int64_t d) {
  return decode(p, keys, p.key_code_bytes(), {slot, d, slot, d, kPagePositions});
}

float value(const KvPages& p, const std::byte* values, int64_t slot, int64_t d) {
  return decode(p, values, p.value_code_bytes(), {slot, d, d, slot, p.padded_dim()});
}

void attend(const PagedAttentionArgs& a, const AttentionTile& tile, int64_t split,
            AttentionState& state) {
  const KvPages& pages = a.pages;
  const std::int32_t* const table = a.page_table.data() + tile.sequence->first_page;
  const int64_t begin = split * kSplitPositions;
  for (int64_t r = 0; r < tile.rows(); ++r) {
    const int64_t end = std::min(tile.visible(r), begin + kSplitPositions);
    const float* q = a.q +
                     (tile.sequence->first_row + tile.first_token + r / tile.n_heads) * a.q_stride +
                     (tile.first_head + r % tile.n_heads) * pages.head_dim;
    float score[kSplitPositions];
    float max = -std::numeric_limits<float>::infinity();
    for (int64_t p = begin; p < end; ++p) {
      const std::byte* keys = pages.keys(table[p / kPagePositions], tile.kv_head);
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
    const float base = max == -std::numeric_limits<float>::infinity() ? 0.0f : max;
    for (int64_t p = begin; p < end; ++p) {
      const float exact = std::exp(score[p - begin] - base);
      const float weight = pages.format == KvFormat::kBF16 ? to_f32(to_bf16(exact)) : exact;
      state.sum[r] += weight;
      const std::byte* values = pages.values(table[p / kPagePositions], tile.kv_head);
      for (int64_t d = 0; d < pages.head_dim; ++d) {
        out[d] += weight * value(pages, values, p % kPagePositions, d);
      }
    }
  }
}

void attention_ref(const PagedAttentionArgs& a, const AttentionTile& tile, int64_t first,
                   int64_t last, AttentionState& state, AttentionScratch& scratch) {
  attend(a, tile, first, state);
  for (int64_t split = first + 1; split < last; ++split) {
    attend(a, tile, split, scratch.split);
    merge_attention(tile, a.pages.padded_dim(), state, scratch.split);
  }
}

}  // namespace

constinit const AttentionKernels kAttentionRef{
    {&attention_ref, &attention_ref, &attention_ref, &attention_ref}};

}  // namespace pangu::kernels
