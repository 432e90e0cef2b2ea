// SPDX-License-Identifier: Apache-2.0
// What calibration text says about the columns of activations: sums over all of its tokens, kept in
// double whatever the type of the activations.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ops/context.h"

namespace pangu::compress {

/// Of the columns of [tokens, n].
struct ColumnSums {
  std::int64_t tokens = 0;
  std::vector<double> sum, magnitude, squares;  ///< of x, |x| and x²
  std::vector<double> largest_square;           ///< max x²
};

/// Adds f32 or bf16 tensors [T, n], one after the other; the result does not depend on the number
/// of threads. Throws NumericError if a value is not finite.
ColumnSums column_sums(std::span<const Tensor> x, Context& ctx);

/// Xᵀ X of all rows together: f32 [n, n].
Tensor gram(std::span<const Tensor> x, Context& ctx);

/// Makes XᵀX the sum of products of departures from the means: subtracts sum sumᵀ / tokens.
void centre(const Tensor& gram, std::span<const double> sum, std::int64_t tokens);

/// 1 minus the mean over tokens of the cosine between x and y [T, E]: how much a layer changes what
/// goes through it. Source: Men et al. 2024, arXiv:2403.03853 (block influence).
double influence(std::span<const Tensor> x, std::span<const Tensor> y);

}  // namespace pangu::compress
