// SPDX-License-Identifier: Apache-2.0
// How keys and values lie in the pages of a KV cache.
//
// A page (block) holds 32 consecutive positions of one sequence. Within it each key/value head has
// a key panel and a value panel, both laid out for kernels that keep results in vector lanes:
//   keys    f32 [head_dim][32]             bf16 [head_dim / 2][32][2]
//   values  f32 [32][padded_dim]           bf16 [32 / 2][padded_dim][2]
// so scores of 32 positions come out in lanes, as do the elements of the output, and the sums run
// in one fixed order over head_dim and positions. Values are padded to a multiple of 16 elements.
//
// Codes of int8 and int4 lie as in quant/code_panels.h: positions are the lanes of keys and
// elements their inputs, elements are the lanes of values and positions their inputs. Behind the
// codes of a panel come its scales:
//   int8    f32 scale [32]
//   int4    f16 scale [groups][32], f16 minimum [groups][32], of groups of 32 elements
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/simd/unroll.h"
#include "quant/kv_format.h"

namespace pangu::kernels {

inline constexpr int64_t kPagePositions = 32;
inline constexpr int64_t kKvGroup = 32;  ///< elements of an int4 group
inline constexpr int64_t kMaxHeadDim = 1024;

/// The pages of one layer. Members are inlined by force: kernels of several instruction sets use
/// them, and an out-of-line copy of one must not end up with the others.
struct KvPages {
  std::byte* base = nullptr;
  KvFormat format;
  int64_t head_dim;
  int64_t n_kv_heads;

  PANGU_INLINE int64_t padded_dim() const { return (head_dim + 15) / 16 * 16; }
  PANGU_INLINE int64_t groups() const { return (head_dim + kKvGroup - 1) / kKvGroup; }

  PANGU_INLINE int64_t key_code_bytes() const {
    // The inputs of a word of codes are whole.
    const int64_t unit = format == KvFormat::kInt4 ? 8 : format == KvFormat::kInt8 ? 4 : 1;
    return kPagePositions * ((head_dim + unit - 1) / unit * unit) * element_bits() / 8;
  }
  PANGU_INLINE int64_t value_code_bytes() const {
    return kPagePositions * padded_dim() * element_bits() / 8;
  }
  PANGU_INLINE int64_t scale_bytes() const {
    return format == KvFormat::kInt8   ? kPagePositions * int64_t{4}
           : format == KvFormat::kInt4 ? groups() * kPagePositions * 4
                                       : int64_t{0};
  }
  PANGU_INLINE int64_t key_bytes() const { return key_code_bytes() + scale_bytes(); }
  PANGU_INLINE int64_t head_bytes() const {
    return key_bytes() + value_code_bytes() + scale_bytes();
  }
  PANGU_INLINE std::size_t page_bytes() const {
    return static_cast<std::size_t>(n_kv_heads * head_bytes());
  }

  PANGU_INLINE std::byte* keys(int64_t page, int64_t head) const {
    return base + static_cast<std::size_t>(page) * page_bytes() + head * head_bytes();
  }
  PANGU_INLINE std::byte* values(int64_t page, int64_t head) const {
    return keys(page, head) + key_bytes();
  }

 private:
  PANGU_INLINE int64_t element_bits() const {
    return format == KvFormat::kF32    ? 32
           : format == KvFormat::kBF16 ? 16
           : format == KvFormat::kInt8 ? 8
                                       : 4;
  }
};

/// One sequence's share of a batch: rows [first_row, first_row + n_rows) are its positions
/// [start, start + n_rows); position p lives in page page_table[first_page + p / 32], slot p % 32,
/// of the table that stands beside the sequences.
struct SequenceRows {
  int64_t first_row;
  int64_t n_rows;
  int64_t start;
  int64_t first_page;
};

}  // namespace pangu::kernels
