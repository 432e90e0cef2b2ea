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

UnitAxis axis_of(const ModelConfig& c, Unit unit, const std::string& part, std::int64_t rows) {
  const bool is_output = part == "mlp.down_proj" || part == "self_attn.o_proj";
  switch (unit) {
    case Unit::kNeurons:
      return {.by_row = !is_output, .stride = 1, .writes = is_output};
    case Unit::kHeads: {
      const bool shared = part == "self_attn.q_proj" || is_output;
      const std::int64_t heads = shared ? c.n_heads / c.n_kv_heads : 1;
      return {.by_row = !is_output, .stride = heads * c.head_dim, .writes = is_output};
    }
    case Unit::kChannels:
      return {.by_row = is_output, .stride = 1, .writes = is_output};
    case Unit::kLayers:
      return {.by_row = true, .stride = rows, .writes = is_output};
    case Unit::kWeights:
      break;
  }
  fail<Unsupported>("[prune] {} has no units of this kind.", part);
}

}  // namespace

std::vector<float> read_matrix(WeightSource& source, const std::string& name, std::int64_t rows,
                               std::int64_t k, ThreadPool& threads) {
  const StoredMatrix m = source.matrix(name, rows, k);
  std::vector<float> values(static_cast<std::size_t>(rows * k));
  threads.parallel_for(rows, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t r = begin; r < end; ++r) decode_row(m.row(r), k, values.data() + r * k);
  });
  source.release(name);
  return values;
}

void add_to_units(const ModelConfig& config, Unit unit, const std::string& part,
                  WeightMatrix values, std::int64_t rows, std::int64_t k, UnitSums& sums) {
  const UnitAxis axis = axis_of(config, unit, part, rows);
  std::vector<double>& out = axis.writes ? sums.out : sums.in;
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

std::vector<UnitMatrix> unit_matrices(const ModelConfig& c, Unit unit, std::int64_t layer) {
  const std::int64_t E = c.hidden_size, Q = c.n_heads * c.head_dim, K = c.n_kv_heads * c.head_dim;
  const std::int64_t F = c.intermediate_size[static_cast<std::size_t>(layer)];
  std::vector<UnitMatrix> all;
  if (unit != Unit::kNeurons) {
    all = {{"self_attn.q_proj", Q, E},
           {"self_attn.k_proj", K, E},
           {"self_attn.v_proj", K, E},
           {"self_attn.o_proj", E, Q}};
  }
  if (unit != Unit::kHeads) {
    all.insert(all.end(),
               {{"mlp.gate_proj", F, E}, {"mlp.up_proj", F, E}, {"mlp.down_proj", E, F}});
  }
  return all;
}

LayerEvidence weigh(const ModelConfig& config, Unit unit, std::int64_t layer, WeightSource& source,
                    ThreadPool& threads) {
  LayerEvidence e{.unit = unit, .layer = layer, .units = unit_count(config, unit, layer)};
  e.squares.in.assign(static_cast<std::size_t>(e.units), 0.0);
  e.squares.out = e.squares.in;
  for (const auto& [part, rows, k] : unit_matrices(config, unit, layer)) {
    std::vector<float> values = read_matrix(
        source, fmt::format("model.layers.{}.{}.weight", layer, part), rows, k, threads);
    for (float& w : values) w *= w;
    add_to_units(config, unit, part, values, rows, k, e.squares);
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
