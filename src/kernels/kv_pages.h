// SPDX-License-Identifier: Apache-2.0
// How keys and values lie in the pages of a KV cache.
//
// A page (block) holds 32 consecutive positions of one sequence. Within it each key/value head has
// a key panel and a value panel, both laid out for kernels that keep results in vector lanes:
//   keys    f32 [head_dim][32]             bf16 [head_dim / 2][32][2]
//   values  f32 [32][padded_dim]           bf16 [32 / 2][padded_dim][2]
// so scores of 32 positions come out in lanes, as do the elements of the output, and the sums run
// in one fixed order over head_dim and positions. Values are padded to a multiple of 16 elements.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/simd/unroll.h"
#include "pangu/dtype.h"

namespace pangu::kernels {

inline constexpr int64_t kPagePositions = 32;

/// The pages of one layer. Members are inlined by force: kernels of several instruction sets use
/// them, and an out-of-line copy of one must not end up with the others.
struct KvPages {
  std::byte* base;
  DType dtype;  ///< f32 or bf16
  int64_t head_dim;
  int64_t n_kv_heads;

  PANGU_INLINE int64_t padded_dim() const { return (head_dim + 15) / 16 * 16; }
  PANGU_INLINE std::size_t key_bytes() const {
    return static_cast<std::size_t>(kPagePositions * head_dim) * element_bytes();
  }
  PANGU_INLINE std::size_t value_bytes() const {
    return static_cast<std::size_t>(kPagePositions * padded_dim()) * element_bytes();
  }
  PANGU_INLINE std::size_t head_bytes() const { return key_bytes() + value_bytes(); }
  PANGU_INLINE std::size_t page_bytes() const {
    return static_cast<std::size_t>(n_kv_heads) * head_bytes();
  }
  PANGU_INLINE std::size_t element_bytes() const { return dtype == DType::kBF16 ? 2 : 4; }

  PANGU_INLINE std::byte* keys(int64_t page, int64_t head) const {
    return base + static_cast<std::size_t>(page) * page_bytes() +
           static_cast<std::size_t>(head) * head_bytes();
  }
  PANGU_INLINE std::byte* values(int64_t page, int64_t head) const {
    return keys(page, head) + key_bytes();
  }
};

/// One sequence's share of a batch: rows [first_row, first_row + n_rows) are its positions
/// [start, start + n_rows); position p lives in page pages[p / 32], slot p % 32.
struct SequenceRows {
  int64_t first_row;
  int64_t n_rows;
  int64_t start;
  const std::int32_t* pages;
};

}  // namespace pangu::kernels
