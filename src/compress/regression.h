// SPDX-License-Identifier: Apache-2.0
// Making up for removed inputs of a matrix by linear regression: what is left is to give, on
// calibration text, what all of it gave.
//
// Nothing but the Gram matrix of the inputs is needed: with y = W x, every sum over tokens of
// products of old and new outputs is a form in it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "compress/activations.h"
#include "compress/cut.h"

namespace pangu::compress {

enum class Repair : std::uint8_t {
  kNone,
  kScale,  ///< one factor for each output
  kRidge,  ///< all weights that are left
  kAuto,   ///< ridge where there are four tokens for each input that is left, else scale
};

/// "none", "scale", "ridge", "auto".
std::string_view name(Repair repair);
/// Throws ConfigError for another name.
Repair parse_repair(std::string_view name);

/// What calibration says about the inputs of a matrix.
struct InputMoments {
  std::int64_t tokens = 0;
  std::vector<double> sum;  ///< [k]
  Tensor gram;              ///< f32 [k, k]: sum of x xᵀ
};
InputMoments input_moments(std::span<const Tensor> x, Context& ctx);

/// A matrix [rows, k] after regression: weights of removed inputs are 0.
struct Repaired {
  std::vector<float> weights;  ///< row-major
  std::vector<float> bias;     ///< what is to be added to the bias; empty without one
  /// Squared output that is lost, as a share of the squared output (about the mean where there is a
  /// bias): when the inputs are removed, and after the repair.
  double error_before = 0, error_after = 0;
};

/// With a bias the regression has a constant, without one it goes through the origin. The error
/// on the calibration text never rises: an output that scaling would not help keeps its weights.
/// Throws NumericError if the inputs that are left cannot be told apart, ever so much damped.
/// Source: Guo et al. 2025 (SlimLLM), arXiv:2505.22689 (regression of the output matrix); ridge
/// with a damping of 1e-4 of the mean diagonal.
Repaired regress(std::span<const float> weights, std::int64_t rows, const InputMoments& inputs,
                 const Kept& kept, bool has_bias, Repair repair, Context& ctx);

}  // namespace pangu::compress
