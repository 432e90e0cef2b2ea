// SPDX-License-Identifier: Apache-2.0
// The tables that models/schema.h is made of: one row for each weight of a family.
#pragma once

#include <span>
#include <string_view>

#include "models/schema.h"

namespace pangu {

struct TensorRow {
  TensorRole role;
  /// Without ".weight"; in a layer, what stands behind "model.layers.N."
  std::string_view name;
  /// The same in GGUF files, behind "blk.N."
  std::string_view gguf;
  bool in_layer;
  Axis rows;
  Axis columns = Axis::kNone;
  TensorInput input = TensorInput::kNone;
  /// Whether a model of this config has the weight; always where there is no function.
  bool (*exists)(const ModelConfig&) = nullptr;
  /// Whether the config announces a bias; there is none where there is no function.
  bool (*bias)(const ModelConfig&) = nullptr;
};

/// The weights of a model of this config, in the order of a forward pass; those of all layers stand
/// once, together.
std::span<const TensorRow> tensor_rows(const ModelConfig& config);

/// How many elements run along an axis, in layer `layer` where that matters; 0 of kNone.
std::int64_t axis_size(const ModelConfig& config, Axis axis, std::int64_t layer);

}  // namespace pangu
