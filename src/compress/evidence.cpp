// SPDX-License-Identifier: Apache-2.0
#include "compress/evidence.h"

#include <algorithm>

#include "base/error.h"
#include "compress/matrix.h"

namespace pangu::compress {
namespace {

/// Which unit an element of a matrix belongs to.
struct UnitAxis {
  bool by_row;          ///< or by column
  std::int64_t stride;  ///< neighbours of one unit
  bool writes;          ///< into UnitSums::out
};

UnitAxis axis_of(const ModelConfig& c, Unit unit, const TensorSpec& matrix) {
  const bool writes = ends_branch(matrix.role);
  const auto along = [&](Axis axis, std::int64_t stride) {
    return UnitAxis{.by_row = matrix.row_axis == axis, .stride = stride, .writes = writes};
  };
  if (unit == Unit::kNeurons && matrix.has(Axis::kNeurons)) return along(Axis::kNeurons, 1);
  if (unit == Unit::kChannels && matrix.has(Axis::kResidual)) return along(Axis::kResidual, 1);
  if (unit == Unit::kHeads && matrix.has(Axis::kKvHeads)) return along(Axis::kKvHeads, c.head_dim);
  if (unit == Unit::kHeads && matrix.has(Axis::kQueryHeads)) {
    return along(Axis::kQueryHeads, c.n_heads / c.n_kv_heads * c.head_dim);
  }
  if (unit == Unit::kLayers) return {.by_row = true, .stride = matrix.rows, .writes = writes};
  fail<Unsupported>("[prune] {} has no {}.", matrix.name, name(unit));
}

}  // namespace

std::vector<float> read_matrix(WeightSource& source, const TensorSpec& matrix,
                               ThreadPool& threads) {
  const std::int64_t k = matrix.k;
  const StoredMatrix m = source.matrix(matrix.name, matrix.rows, k);
  std::vector<float> values(static_cast<std::size_t>(matrix.count()));
  threads.parallel_for(m.rows, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t r = begin; r < end; ++r) decode_row(m.row(r), k, values.data() + r * k);
  });
  source.release(matrix.name);
  return values;
}

void add_to_units(const ModelConfig& config, Unit unit, const TensorSpec& matrix,
                  WeightMatrix values, UnitSums& sums) {
  const UnitAxis axis = axis_of(config, unit, matrix);
  std::vector<double>& out = axis.writes ? sums.out : sums.in;
  const std::int64_t rows = matrix.rows, k = matrix.k;
  for (std::int64_t r = 0; r < rows; ++r) {
    const float* const row = values.data() + r * k;
    if (axis.by_row) {
      double sum = 0;
      for (std::int64_t c = 0; c < k; ++c) sum += row[c];
      out[static_cast<std::size_t>(r / axis.stride)] += sum;
    } else {
      for (std::int64_t c = 0; c < k; ++c) {
        out[static_cast<std::size_t>(c / axis.stride)] += row[c];
      }
    }
  }
}

std::vector<TensorSpec> unit_matrices(const ModelConfig& c, Unit unit, std::int64_t layer) {
  std::vector<TensorSpec> all = layer_tensors(c, layer);
  std::erase_if(all, [&](const TensorSpec& t) {
    const bool of_heads = t.has(Axis::kQueryHeads) || t.has(Axis::kKvHeads);
    return !t.is_matrix() || (unit == Unit::kHeads && !of_heads) ||
           (unit == Unit::kNeurons && !t.has(Axis::kNeurons));
  });
  return all;
}

LayerEvidence weigh(const ModelConfig& config, Unit unit, std::int64_t layer, WeightSource& source,
                    ThreadPool& threads) {
  LayerEvidence e{.unit = unit, .layer = layer, .units = unit_count(config, unit, layer)};
  e.squares.in.assign(static_cast<std::size_t>(e.units), 0.0);
  e.squares.out = e.squares.in;
  for (const TensorSpec& matrix : unit_matrices(config, unit, layer)) {
    std::vector<float> values = read_matrix(source, matrix, threads);
    for (float& w : values) w *= w;
    add_to_units(config, unit, matrix, values, e.squares);
  }
  return e;
}

ColumnSums by_group(const ColumnSums& columns, const ModelConfig& config) {
  const auto groups = static_cast<std::size_t>(config.n_kv_heads);
  const std::size_t block = columns.sum.size() / groups;
  ColumnSums out{.tokens = columns.tokens,
                 .sum = std::vector<double>(groups),
                 .magnitude = std::vector<double>(groups),
                 .squares = std::vector<double>(groups),
                 .largest_square = std::vector<double>(groups)};
  for (std::size_t c = 0; c < columns.sum.size(); ++c) {
    const std::size_t g = c / block;
    out.sum[g] += columns.sum[c];
    out.magnitude[g] += columns.magnitude[c];
    out.squares[g] += columns.squares[c];
    out.largest_square[g] = std::max(out.largest_square[g], columns.largest_square[c]);
  }
  return out;
}

/// With A the columns of activations and O the matrix, <P_g, P_h> is the sum over i of g and j of h
/// of (OᵀO)_ij (AᵀA)_ij: the contributions themselves are never made.
HeadContributions head_contributions(std::span<const Tensor> heads, WeightMatrix o,
                                     const ModelConfig& config, Context& ctx) {
  const std::int64_t E = config.hidden_size, G = config.n_kv_heads;
  const Tensor matrix = matrix_of(o, E, ctx);
  const std::int64_t Q = matrix.dim(1), block = Q / G;
  const ColumnSums sums = column_sums(heads, ctx);
  const Tensor a = gram(heads, ctx);
  const Tensor w = transposed_times(matrix, matrix, ctx);
  // The mean of P_g over all of its T E entries.
  std::vector<double> mean(static_cast<std::size_t>(G));
  for (std::int64_t e = 0; e < E; ++e) {
    for (std::int64_t i = 0; i < Q; ++i) {
      mean[static_cast<std::size_t>(i / block)] +=
          o[static_cast<std::size_t>(e * Q + i)] * sums.sum[static_cast<std::size_t>(i)];
    }
  }
  const double entries = static_cast<double>(sums.tokens) * static_cast<double>(E);
  for (double& m : mean) m /= entries;
  HeadContributions out{.groups = G,
                        .covariance = std::vector<double>(static_cast<std::size_t>(G * G))};
  for (std::int64_t i = 0; i < Q; ++i) {
    for (std::int64_t h = 0; h < G; ++h) {
      out.covariance[static_cast<std::size_t>(i / block * G + h)] +=
          row_dot(a.columns(h * block, block), w.columns(h * block, block), i);
    }
  }
  for (std::size_t g = 0; g < mean.size(); ++g) {
    for (std::size_t h = 0; h < mean.size(); ++h) {
      out.covariance[g * mean.size() + h] -= entries * mean[g] * mean[h];
    }
  }
  return out;
}

std::vector<double> feature_energy(std::span<const Tensor> outputs, WeightMatrix down,
                                   std::int64_t rows, Context& ctx) {
  const Tensor w = matrix_of(down, rows, ctx);
  const std::int64_t F = w.dim(1);
  const ColumnSums sums = column_sums(outputs, ctx);
  const Tensor c = gram(outputs, ctx);
  centre(c, sums.sum, sums.tokens);
  const Tensor cw = times(c, w, ctx);
  std::vector<double> energy(static_cast<std::size_t>(F));
  for (std::int64_t e = 0; e < rows; ++e) {
    for (std::int64_t i = 0; i < F; ++i) {
      energy[static_cast<std::size_t>(i)] += double{w.data<float>()[e * F + i]} *
                                             cw.data<float>()[e * F + i] /
                                             static_cast<double>(sums.tokens);
    }
  }
  return energy;
}

}  // namespace pangu::compress
