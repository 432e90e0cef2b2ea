// SPDX-License-Identifier: Apache-2.0
// Causal attention of a ragged batch over a paged cache: y = softmax(q kᵀ scale) v, each token over
// its own sequence's positions up to its own. Grouped-query: consecutive query heads share a
// key/value head.
//
// Scores never leave the tile: a tile of up to 64 rows (tokens x query heads of one key/value
// head) walks over the pages with a running maximum and sum (Milakov & Gimelshein,
// arXiv:1805.02867; flash attention, Dao et al., arXiv:2205.14135). To keep every row independent
// of its tile mates, of chunking and of the thread count,
//   - pages are visited in order, in blocks of four that begin at the same places for every row,
//     and rows past their last position are left out, not masked,
//   - the cache is cut into splits of 512 positions, always at the same places; each split is
//     summed on its own and splits are merged in order, whether one thread does them all (prefill)
//     or many share them (decode at long context).
#pragma once

#include <span>

#include "kernels/kv_pages.h"
#include "kernels/variant.h"

namespace pangu::kernels {

inline constexpr int64_t kTileRows = 64;
inline constexpr int64_t kBlockPages = 4;
inline constexpr int64_t kSplitPages = 16;
inline constexpr int64_t kBlockPositions = kBlockPages * kPagePositions;
inline constexpr int64_t kSplitPositions = kSplitPages * kPagePositions;

struct PagedAttentionArgs {
  const float* q = nullptr;  ///< [tokens, n_heads, head_dim], heads contiguous
  int64_t q_stride;
  int64_t n_heads;
  float scale;
  void* y = nullptr;  ///< contiguous [tokens, n_heads * head_dim], f32 or bf16
  DType y_dtype;
  KvPages pages;
  std::span<const SequenceRows> sequences;
  std::span<const std::int32_t> page_table;  ///< host: pages of every sequence
};

/// Rows of a tile are token-major: row r is token r / n_heads, query head first_head + r % n_heads.
struct AttentionTile {
  const SequenceRows* sequence;
  int64_t first_token;  ///< within the sequence's rows
  int64_t n_tokens;
  int64_t kv_head;
  int64_t first_head;
  int64_t n_heads;

  PANGU_INLINE int64_t rows() const { return n_tokens * n_heads; }
  /// Positions that row r sees: all up to its own.
  PANGU_INLINE int64_t visible(int64_t r) const {
    return sequence->start + first_token + r / n_heads + 1;
  }
};

/// Softmax of a tile over part of the cache, not yet divided by its sums.
struct AttentionState {
  float max[kTileRows];
  float sum[kTileRows];
  float* out;  ///< [rows][padded_dim], on a cache line
};

/// What a kernel works in, on cache lines: one for each thread.
struct AttentionScratch {
  float* queries;        ///< kTileRows * padded_dim words
  float* panels;         ///< kBlockPositions * padded_dim words: copies of keys or of values
  float* scales;         ///< kBlockPositions * 2 for every int4 group of a head
  AttentionState split;  ///< of one split
};

/// Fills `state` for splits [first, last): positions from first * 512 up to last * 512.
using AttentionSplits = void(const PagedAttentionArgs& args, const AttentionTile& tile,
                             int64_t first, int64_t last, AttentionState& state,
                             AttentionScratch& scratch);

/// The kernels of one instruction set, in the order of KvFormat.
struct AttentionKernels {
  AttentionSplits* at[4];
};

/// The last kernel whose instructions `isa` has; the reference has all formats.
AttentionSplits* attention_kernel(KvFormat format, Isa isa);
extern const AttentionKernels kAttentionRef, kAttentionAvx2, kAttentionAvx512, kAttentionAvx512Bf16,
    kAttentionNeon;

/// into := into and next together, as if summed in one softmax.
void merge_attention(const AttentionTile& tile, int64_t padded_dim, AttentionState& into,
                     const AttentionState& next);

void paged_attention(const PagedAttentionArgs& args, const Executor& on);

}  // namespace pangu::kernels
