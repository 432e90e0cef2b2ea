// SPDX-License-Identifier: Apache-2.0
#include "kernels/paged_attention/paged_attention.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "tensor/dtype.h"

namespace pangu::kernels {
namespace {

constexpr std::pair<Isa, const AttentionKernels*> kAttentionLevels[] = {
    {Isa::kRef, &kAttentionRef},
#if defined(__x86_64__)
    {Isa::kAvx2, &kAttentionAvx2},
    {Isa::kAvx512, &kAttentionAvx512},
    {Isa::kAvx512Bf16, &kAttentionAvx512Bf16}
#elif defined(__aarch64__)
    {Isa::kNeon, &kAttentionNeon}
#endif
};

/// Grows to what it was asked for at most, and is kept between calls: fresh pages for every layer
/// of every token would cost more than attention over a short cache.
class FloatMemory {
 public:
  /// At least `n` floats on a cache line; what was there before is lost.
  float* get(int64_t n) {
    constexpr std::size_t kLine = 64;
    if (static_cast<int64_t>(memory_.size()) < n + 16) {
      memory_.resize(static_cast<std::size_t>(n + 16));
    }
    const auto at = reinterpret_cast<std::uintptr_t>(memory_.data());
    return memory_.data() + (kLine - at % kLine) % kLine / sizeof(float);
  }

 private:
  std::vector<float> memory_;
};

/// This thread's.
AttentionScratch scratch_of(const KvPages& pages) {
  thread_local FloatMemory memory;
  const int64_t width = pages.padded_dim();
  const int64_t rows = kTileRows * width, panels = kBlockPositions * width;
  const int64_t scales = kBlockPositions * 2 * pages.groups();
  float* const at = memory.get(2 * rows + panels + scales);
  return {.queries = at,
          .panels = at + rows,
          .scales = at + rows + panels,
          .split = {{}, {}, at + rows + panels + scales}};
}

std::vector<AttentionTile> make_tiles(const PagedAttentionArgs& a) {
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

/// Divides by the sums and stores. A row that saw nothing but -inf gives zeros, not NaN.
void finish(const PagedAttentionArgs& a, const AttentionTile& tile, const AttentionState& state) {
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
void run_tiles(const PagedAttentionArgs& a, const std::vector<AttentionTile>& tiles,
               AttentionSplits* kernel, const Executor& on) {
  on.threads.parallel_for(static_cast<int64_t>(tiles.size()), 1, [&](int64_t begin, int64_t end) {
    thread_local FloatMemory memory;
    AttentionScratch scratch = scratch_of(a.pages);
    AttentionState state{{}, {}, memory.get(kTileRows * a.pages.padded_dim())};
    for (int64_t i = begin; i < end; ++i) {
      const AttentionTile& tile = tiles[static_cast<std::size_t>(i)];
      kernel(a, tile, 0, split_count(tile), state, scratch);
      finish(a, tile, state);
    }
  });
}

/// Few tiles over a long cache: the splits of one tile go to different threads.
void run_splits(const PagedAttentionArgs& a, const std::vector<AttentionTile>& tiles,
                AttentionSplits* kernel, const Executor& on) {
  struct Task {
    std::size_t tile;
    int64_t split;
    int64_t out;
  };
  const int64_t width = a.pages.padded_dim();
  std::vector<Task> tasks;
  int64_t floats = 0;
  for (std::size_t t = 0; t < tiles.size(); ++t) {
    for (int64_t s = 0; s < split_count(tiles[t]); ++s) {
      tasks.push_back({t, s, floats});
      floats += tiles[t].rows() * width;
    }
  }
  thread_local FloatMemory memory;
  float* const outs = memory.get(floats);
  std::vector<AttentionState> states(tasks.size());
  on.threads.parallel_for(static_cast<int64_t>(tasks.size()), 1, [&](int64_t begin, int64_t end) {
    AttentionScratch scratch = scratch_of(a.pages);
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
      const Task& task = tasks[i];
      states[i].out = outs + task.out;
      kernel(a, tiles[task.tile], task.split, task.split + 1, states[i], scratch);
    }
  });
  for (std::size_t i = 0; i < tasks.size();) {
    const std::size_t first = i;
    const AttentionTile& tile = tiles[tasks[first].tile];
    for (++i; i < tasks.size() && tasks[i].tile == tasks[first].tile; ++i) {
      merge_attention(tile, width, states[first], states[i]);
    }
    finish(a, tile, states[first]);
  }
}

}  // namespace

AttentionSplits* attention_kernel(KvFormat format, Isa isa) {
  AttentionSplits* best = nullptr;
  for (const auto& [level, kernels] : kAttentionLevels) {
    AttentionSplits* const kernel = kernels->at[static_cast<std::size_t>(format)];
    if (isa.has(level) && kernel) best = kernel;
  }
  return best;
}

void merge_attention(const AttentionTile& tile, int64_t padded_dim, AttentionState& into,
                     const AttentionState& next) {
  constexpr float kMinusInf = -std::numeric_limits<float>::infinity();
  for (int64_t r = 0; r < tile.rows(); ++r) {
    const float max = std::max(into.max[r], next.max[r]);
    const float base = max == kMinusInf ? 0.0f : max;
    const float a = std::exp(into.max[r] - base), b = std::exp(next.max[r] - base);
    into.max[r] = max;
    into.sum[r] = into.sum[r] * a + next.sum[r] * b;
    float* x = into.out + r * padded_dim;
    const float* y = next.out + r * padded_dim;
    for (int64_t d = 0; d < padded_dim; ++d) x[d] = x[d] * a + y[d] * b;
  }
}

void paged_attention(const PagedAttentionArgs& a, const Executor& on) {
  AttentionSplits* const kernel = attention_kernel(a.pages.format, on.isa);
  const std::vector<AttentionTile> tiles = make_tiles(a);
  const bool few = static_cast<int64_t>(tiles.size()) < 4 * on.threads.size();
  const bool long_cache = std::any_of(tiles.begin(), tiles.end(),
                                      [](const AttentionTile& t) { return split_count(t) > 1; });
  few&& long_cache ? run_splits(a, tiles, kernel, on) : run_tiles(a, tiles, kernel, on);
}

}  // namespace pangu::kernels
