// SPDX-License-Identifier: Apache-2.0
// Which weights of a matrix become zero, and what the others become to make up for it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "compress/regression.h"

namespace pangu::compress {

/// At most `keep` of every `of` consecutive weights of a row are not zero.
struct SparsePattern {
  std::int64_t keep = 2, of = 4;
};

/// How many weights go: a share of the matrix, or by a pattern.
struct Sparsity {
  double ratio = 0.5;
  std::optional<SparsePattern> pattern;
};

/// Removes weights of a matrix [rows, k], row-major, column by column: what an output loses is made
/// up for by the columns behind, as the second moments of the inputs say.
/// Where k does not divide by a pattern, the last columns of a row stay as they are.
/// Throws NumericError if the moments cannot be inverted, ever so much damped.
/// Source: Frantar & Alistarh 2023 (SparseGPT), arXiv:2301.00774, in blocks of 128 columns with a
/// damping of 1% of the mean diagonal.
void sparsegpt(std::span<float> weights, std::int64_t rows, const InputMoments& inputs,
               const Sparsity& sparsity, Context& ctx);

}  // namespace pangu::compress
