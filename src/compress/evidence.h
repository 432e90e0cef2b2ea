// SPDX-License-Identifier: Apache-2.0
// What is known about the units of one layer before they are scored: the size of their weights, how
// they answer calibration text, and what the loss says about them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "compress/activations.h"
#include "compress/unit.h"
#include "models/schema.h"
#include "models/weights/weight_source.h"

namespace pangu::compress {

/// A sum for each unit over the matrices that read for it and over the one that it writes through:
/// gate and up, and down, of neurons; q, k and v, and o, of heads. Channels are read by q, k, v,
/// gate and up of the layer and written by o and down. A layer as a unit has one sum of each.
struct UnitSums {
  std::vector<double> in, out;
};

/// How key/value heads add up to the output of attention: P_g [T, E] is what group g contributes.
struct HeadContributions {
  std::int64_t groups = 0;
  /// <P_g - mean, P_h - mean> over all entries, row-major [groups, groups].
  std::vector<double> covariance;
};

struct LayerEvidence {
  Unit unit = Unit::kNeurons;
  std::int64_t layer = 0;
  std::int64_t units = 0;

  UnitSums squares;         ///< of weights; always there
  ColumnSums activations;   ///< of neurons; of a group's columns together; of normed channels
  double influence = 0;     ///< of the layer (activations.h)
  HeadContributions heads;  ///< of heads
  /// wᵀ C w for each neuron's column w of down, C the covariance of the MLP's output; for methods
  /// that ask.
  std::vector<double> feature_energy;
  UnitSums taylor;  ///< of |weight * gradient|
};

/// Reads a matrix into memory as f32, row-major. Throws as WeightSource does.
std::vector<float> read_matrix(WeightSource& source, const TensorSpec& matrix, ThreadPool& threads);

/// A value for every weight of a matrix [rows, k], given as row-major f32.
using WeightMatrix = std::span<const float>;

/// Adds the values of one matrix of a layer to the sums of the units it belongs to. Throws
/// Unsupported where units of this kind do not run along it.
void add_to_units(const ModelConfig& config, Unit unit, const TensorSpec& matrix,
                  WeightMatrix values, UnitSums& sums);

/// The matrices of a layer that units of this kind consist of.
std::vector<TensorSpec> unit_matrices(const ModelConfig& config, Unit unit, std::int64_t layer);

/// Evidence with the squares of the weights, which every method may look at.
LayerEvidence weigh(const ModelConfig& config, Unit unit, std::int64_t layer, WeightSource& source,
                    ThreadPool& threads);

/// Column sums of [T, H D] joined to those of key/value heads.
ColumnSums by_group(const ColumnSums& columns, const ModelConfig& config);

/// From the activations that enter o and the values of o [E, H D].
HeadContributions head_contributions(std::span<const Tensor> heads, WeightMatrix o,
                                     const ModelConfig& config, Context& ctx);

/// wᵀ C w for each column w of down [E, F], C the covariance [E, E] of what the MLP puts out, given
/// as tensors [T, E]. Source: Guo et al. 2025 (SlimLLM), arXiv:2505.22689: the energy of a column
/// in the feature space of the output.
std::vector<double> feature_energy(std::span<const Tensor> outputs, WeightMatrix down,
                                   std::int64_t rows, Context& ctx);

}  // namespace pangu::compress
