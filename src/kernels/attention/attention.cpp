// SPDX-License-Identifier: Apache-2.0
#include "kernels/attention/attention.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "tensor/dtype.h"

namespace pangu::kernels {
namespace {

constexpr Variant<AttentionSplit> kF32Variants[] = {{Isa::kRef, &attention_split_ref},
                                                    {Isa::kAvx2, &attention_split_f32_avx2},
                                                    {Isa::kAvx512, &attention_split_f32_avx512}};
constexpr Variant<AttentionSplit> kBf16Variants[] = {
    {Isa::kRef, &attention_split_ref},
    {Isa::kAvx2, &attention_split_bf16_avx2},
    {Isa::kAvx512, &attention_split_bf16_avx512},
    {Isa::kAvx512Bf16, &attention_split_bf16_avx512bf16}};

constexpr int64_t kSplitPositions = kSplitPages * kPagePositions;

std::vector<AttentionTile> make_tiles(const AttentionArgs& a) {
  const int64_t group = a.n_heads / a.pages.n_kv_heads;
  const int64_t heads_per_tile = std::min(group, kTileRows);
  const int64_t tokens_per_tile = kTileRows / heads_per_tile;
  std::vector<AttentionTile> tiles;
  for (const SequenceRows& s : a.sequences) {
    for (int64_t kv_head = 0; kv_head < a.pages.n_kv_heads; ++kv_head) {
      for (int64_t h = 0; h < group; h += heads_per_tile) {
        for (int64_t t = 0; t < s.n_rows; t += tokens_per_tile) {
          tiles.push_back({&s, t, std::min(tokens_per_tile, s.n_rows - t), kv_head,
                           kv_head * group + h, std::min(heads_per_tile, group - h)});
        }
      }
    }
  }
  return tiles;
}

int64_t split_count(const AttentionTile& tile) {
  return (tile.visible(tile.rows() - 1) + kSplitPositions - 1) / kSplitPositions;
}

/// into := into and next together, as if summed in one softmax.
void merge(const AttentionTile& tile, int64_t width, AttentionState& into,
           const AttentionState& next) {
  for (int64_t r = 0; r < tile.rows(); ++r) {
    const float max = std::max(into.max[r], next.max[r]);
    if (max == -std::numeric_limits<float>::infinity()) continue;
    const float a = std::exp(into.max[r] - max), b = std::exp(next.max[r] - max);
    into.max[r] = max;
    into.sum[r] = into.sum[r] * a + next.sum[r] * b;
    float* x = into.out + r * width;
    const float* y = next.out + r * width;
    for (int64_t d = 0; d < width; ++d) x[d] = x[d] * a + y[d] * b;
  }
}

/// Divides by the sums and stores. A row that saw nothing but -inf gives zeros, not NaN.
void finish(const AttentionArgs& a, const AttentionTile& tile, const AttentionState& state) {
  const int64_t dim = a.pages.head_dim;
  for (int64_t r = 0; r < tile.rows(); ++r) {
    const int64_t token = tile.sequence->first_row + tile.first_token + r / tile.n_heads;
    const int64_t at = (token * a.n_heads + tile.first_head + r % tile.n_heads) * dim;
    const float inverse = state.sum[r] == 0.0f ? 0.0f : 1.0f / state.sum[r];
    const float* out = state.out + r * a.pages.padded_dim();
    if (a.y_dtype == DType::kBF16) {
      auto* y = static_cast<bf16*>(a.y) + at;
      for (int64_t d = 0; d < dim; ++d) y[d] = to_bf16(out[d] * inverse);
    } else {
      auto* y = static_cast<float*>(a.y) + at;
      for (int64_t d = 0; d < dim; ++d) y[d] = out[d] * inverse;
    }
  }
}

/// Enough tiles to keep every thread busy: each takes its splits one after the other.
void run_tiles(const AttentionArgs& a, const std::vector<AttentionTile>& tiles,
               AttentionSplit* kernel, const Executor& on) {
  const int64_t width = a.pages.padded_dim();
  on.threads.parallel_for(static_cast<int64_t>(tiles.size()), 1, [&](int64_t begin, int64_t end) {
    thread_local std::vector<float> scratch;
    scratch.resize(static_cast<std::size_t>(2 * kTileRows * width));
    for (int64_t i = begin; i < end; ++i) {
      const AttentionTile& tile = tiles[static_cast<std::size_t>(i)];
      AttentionState total{{}, {}, scratch.data()},
          part{{}, {}, scratch.data() + kTileRows * width};
      kernel(a, tile, 0, total);
      for (int64_t split = 1; split < split_count(tile); ++split) {
        kernel(a, tile, split, part);
        merge(tile, width, total, part);
      }
      finish(a, tile, total);
    }
  });
}

/// Few tiles over a long cache: the splits of one tile go to different threads.
void run_splits(const AttentionArgs& a, const std::vector<AttentionTile>& tiles,
                AttentionSplit* kernel, const Executor& on) {
  struct Task {
    std::size_t tile;
    int64_t split;
  };
  const int64_t width = a.pages.padded_dim();
  std::vector<Task> tasks;
  for (std::size_t t = 0; t < tiles.size(); ++t) {
    for (int64_t s = 0; s < split_count(tiles[t]); ++s) tasks.push_back({t, s});
  }
  // Kept between calls: fresh pages for every layer of every token would cost more than the merge.
  thread_local std::vector<float> scratch;
  scratch.resize(tasks.size() * static_cast<std::size_t>(kTileRows * width));
  float* const outs = scratch.data();
  std::vector<AttentionState> states(tasks.size());
  on.threads.parallel_for(static_cast<int64_t>(tasks.size()), 1, [&](int64_t begin, int64_t end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
      states[i].out = outs + i * static_cast<std::size_t>(kTileRows * width);
      kernel(a, tiles[tasks[i].tile], tasks[i].split, states[i]);
    }
  });
  for (std::size_t i = 0; i < tasks.size();) {
    const std::size_t first = i;
    const AttentionTile& tile = tiles[tasks[first].tile];
    for (++i; i < tasks.size() && tasks[i].tile == tasks[first].tile; ++i) {
      merge(tile, width, states[first], states[i]);
    }
    finish(a, tile, states[first]);
  }
}

}  // namespace

void attention(const AttentionArgs& a, const Executor& on) {
  AttentionSplit* const kernel = a.pages.dtype == DType::kBF16
                                     ? best_variant<AttentionSplit>(kBf16Variants, on.isa)
                                     : best_variant<AttentionSplit>(kF32Variants, on.isa);
  const std::vector<AttentionTile> tiles = make_tiles(a);
  const bool few = static_cast<int64_t>(tiles.size()) < 4 * on.threads.size();
  const bool long_cache = std::any_of(tiles.begin(), tiles.end(),
                                      [](const AttentionTile& t) { return split_count(t) > 1; });
  few&& long_cache ? run_splits(a, tiles, kernel, on) : run_tiles(a, tiles, kernel, on);
}

}  // namespace pangu::kernels
