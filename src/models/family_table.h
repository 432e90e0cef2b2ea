// SPDX-License-Identifier: Apache-2.0
// The families of models: what each must give, and which architecture belongs to which. A new
// family is a folder beside dense/, a row in family_table.cpp, and its tests.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "models/language_model.h"
#include "models/layer_walk.h"
#include "models/schema_rows.h"
#include "models/weights/weight_maker.h"
#include "models/weights/weight_source.h"

namespace pangu {

struct ModelFamily {
  std::string_view name;
  /// What a model of this config consists of, in the order of a forward pass.
  std::span<const TensorRow> (*tensors)(const ModelConfig& config);
  /// Puts a model together from the weights that `make` gives.
  std::unique_ptr<LanguageModel> (*build)(const ModelConfig& config, WeightMaker& make);
  /// See models/layer_walk.h.
  std::unique_ptr<LayerWalk> (*walk)(const ModelConfig& config, WeightSource& source,
                                     std::vector<Batch> texts, Context& ctx);
};

/// The family of the config's architecture. Throws Unsupported for an unknown one.
const ModelFamily& family_of(const ModelConfig& config);

}  // namespace pangu
