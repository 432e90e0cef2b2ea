// SPDX-License-Identifier: Apache-2.0
// The dense family, as the table of families knows it.
#pragma once

#include "models/family_table.h"

namespace pangu {

std::span<const TensorRow> dense_tensors(const ModelConfig& config);

std::unique_ptr<LanguageModel> build_dense(const ModelConfig& config, WeightMaker& make);

std::unique_ptr<LayerWalk> walk_dense(const ModelConfig& config, WeightSource& source,
                                      std::vector<Batch> texts, Context& ctx);

}  // namespace pangu
