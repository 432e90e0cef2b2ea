// SPDX-License-Identifier: Apache-2.0
// What the kernels of int8 activations share: how they cut their work, and how int32 sums rest in y
// between two strips of inputs. Included only by ISA files.
#pragma once

#include "kernels/linear/linear_tiles.h"

namespace pangu::kernels {
namespace {

struct IntTiling {
  int sums;      ///< vectors of sums in registers
  int rows;      ///< of the largest tile of weights as they are stored
  int together;  ///< vectors of weights that are loaded before they are multiplied
  /// Inputs that all tiles pass over before the next ones come: their weights stay in the
  /// first-level cache. 0: a tile of rows takes all inputs.
  int64_t strip_inputs = 0;
  /// The same where there are many rows, and memory is not what they wait for.
  int64_t long_strip_inputs = strip_inputs;
  /// With so many rows and more, weights are unpacked into a block of operands, once for all of
  /// them, which tiles of block_rows by block_vectors read. 0: never.
  int block_from = 0, block_rows = 0, block_vectors = 0;
  int64_t block_inputs = 0;
};

/// Adds sums of int32 to those that rest in y, as bits, since an earlier strip.
template <class V>
PANGU_INLINE typename V::Int resume_sum(const LinearArgs& a, int64_t row, int64_t o, bool resume,
                                        typename V::Int sum) {
  return resume ? V::add(V::as_int(load_partial<V>(a, row, o)), sum) : sum;
}

}  // namespace
}  // namespace pangu::kernels
