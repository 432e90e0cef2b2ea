// SPDX-License-Identifier: Apache-2.0
#include "kernels/document_attention/attention_products.h"

#include <algorithm>

namespace pangu::kernels {

void PackedBlock::pack(const GemmKernel& kernel, const GemmOperand& from, int64_t lines,
                       int64_t depth) {
  lines_ = lines;
  depth_ = depth;
  strip_words_ = depth * kernel.columns;
  const int64_t strips = (lines + kernel.columns - 1) / kernel.columns;
  const auto words = static_cast<std::size_t>(strips * strip_words_);
  if (words_.size() < words) words_.resize(words);
  kernel.pack_b(from, {0, lines, 0, depth}, reinterpret_cast<std::byte*>(words_.data()));
}

void multiply_block(const GemmKernel& kernel, const BlockRows& a, int64_t rows,
                    const PackedBlock& b, float* c, int64_t c_stride, bool accumulate) {
  for (int64_t column = 0; column < b.lines(); column += kernel.columns) {
    kernel.tiles({.a = reinterpret_cast<const std::byte*>(a.data),
                  .a_row_words = a.row_stride,
                  .a_k_words = a.k_stride,
                  .a_strip_words = kernel.rows * a.row_stride,
                  .b = b.strip(column / kernel.columns),
                  .depth = b.depth(),
                  .c = c + column,
                  .c_stride = c_stride,
                  .rows = rows,
                  .columns = std::min<int64_t>(kernel.columns, b.lines() - column),
                  .accumulate = accumulate});
  }
}

}  // namespace pangu::kernels
