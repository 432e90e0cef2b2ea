// SPDX-License-Identifier: Apache-2.0
// The tensors that the files of a model really have: what a copy of it must hold.
#pragma once

#include <vector>

#include "models/schema.h"
#include "models/weights/weight_source.h"

namespace pangu {

/// The tensors in the order of model_tensors(), with the biases that `source` has; without a head
/// where `config` ties it, which must be as find_output_head() found. Throws Unsupported if the
/// source has tensors besides, which a copy would lose.
std::vector<TensorSpec> stored_tensors(const ModelConfig& config, const WeightSource& source);

/// Throws Unsupported if the source has tensors that neither are `known` by name nor follow from
/// the config: there would be no place for them.
void refuse_unknown_tensors(const ModelConfig& config, const WeightSource& source,
                            const std::vector<TensorSpec>& known);

}  // namespace pangu
