// SPDX-License-Identifier: Apache-2.0
#include "models/parameter_count.h"

#include <algorithm>

#include "models/schema_rows.h"

namespace pangu {
namespace {

/// Calls visit(row, layer) for every weight that a model of this config has.
template <class Visit>
void for_each_weight(const ModelConfig& config, Visit visit) {
  for (const TensorRow& row : tensor_rows(config)) {
    if (row.exists && !row.exists(config)) continue;
    const std::int64_t times = row.in_layer ? config.n_layers : 1;
    for (std::int64_t l = 0; l < times; ++l) visit(row, row.in_layer ? l : kNoLayer);
  }
}

/// Weights of a matrix, elements of a vector.
std::int64_t weights_of(const ModelConfig& config, const TensorRow& row, std::int64_t layer) {
  const std::int64_t rows = axis_size(config, row.rows, layer);
  return row.columns == Axis::kNone ? rows : rows * axis_size(config, row.columns, layer);
}

std::int64_t& count_of(ParameterCount& count, ModelPart part) {
  switch (part) {
    case ModelPart::kEmbedding:
      return count.embedding;
    case ModelPart::kHead:
      return count.head;
    case ModelPart::kAttention:
      return count.attention;
    case ModelPart::kMlp:
      return count.mlp;
    case ModelPart::kNorms:
      break;
  }
  return count.norms;
}

}  // namespace

ParameterCount parameter_count(const ModelConfig& config) {
  ParameterCount count;
  for_each_weight(config, [&](const TensorRow& row, std::int64_t layer) {
    std::int64_t& n = count_of(count, part_of(row.role));
    n += weights_of(config, row, layer);
    if (row.bias && row.bias(config)) n += axis_size(config, row.rows, layer);
  });
  return count;
}

std::int64_t product_flops(const ModelConfig& config) {
  // The head's are counted whether it is a matrix of its own or the embedding.
  std::int64_t weights = config.vocab_size * config.hidden_size;
  for_each_weight(config, [&](const TensorRow& row, std::int64_t layer) {
    if (row.in_layer && row.columns != Axis::kNone) weights += weights_of(config, row, layer);
  });
  return 2 * weights;
}

}  // namespace pangu
