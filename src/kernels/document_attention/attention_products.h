// SPDX-License-Identifier: Apache-2.0
// Products of small blocks with the tiles of gemm, on the calling thread.
#pragma once

#include <cstddef>
#include <vector>

#include "kernels/gemm/gemm.h"

namespace pangu::kernels {

/// Scores are computed in blocks of queries times keys.
inline constexpr int64_t kQueryBlock = 48;  // a multiple of the rows of every tile
inline constexpr int64_t kKeyBlock = 128;   // and of the columns

/// The right side of products, lines by inner axis, in strips.
class PackedBlock {
 public:
  /// `lines` rows of `from` as columns of the product: from[line][depth], its inner axis contiguous
  /// or its lines.
  void pack(const GemmKernel& kernel, const GemmOperand& from, int64_t lines, int64_t depth);

  const std::byte* strip(int64_t i) const {
    return reinterpret_cast<const std::byte*>(words_.data() + i * strip_words_);
  }
  int64_t lines() const { return lines_; }
  int64_t depth() const { return depth_; }

 private:
  std::vector<float> words_;
  int64_t strip_words_ = 0, lines_ = 0, depth_ = 0;
};

/// f32 rows read where they lie, by row or, transposed, by column.
struct BlockRows {
  const float* data;
  int64_t row_stride, k_stride;
};

/// C [rows, b.lines()] = or += A [rows, b.depth()] times the packed block.
void multiply_block(const GemmKernel& kernel, const BlockRows& a, int64_t rows,
                    const PackedBlock& b, float* c, int64_t c_stride, bool accumulate);

}  // namespace pangu::kernels
