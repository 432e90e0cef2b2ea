// SPDX-License-Identifier: Apache-2.0
// Packs the weights of a model from any source.
#pragma once

#include <memory>

#include "base/progress.h"
#include "models/language_model.h"
#include "models/weights/weight_maker.h"
#include "models/weights/weight_plan.h"
#include "models/weights/weight_source.h"

namespace pangu {

struct LoadWeightsOptions {
  /// Formats of the matrices in memory; by default those they are stored in.
  WeightFormats formats;
  ProgressFn progress;  ///< called with bytes packed; may be empty
};

/// Packs every weight for the kernels, a matrix at a time, so that memory peaks little above the
/// packed size. Which matrix is the output head is as find_output_head() says. Throws FileError or
/// ShapeError for missing or misshapen tensors, and Unsupported for tensors that the architecture
/// has no place for: to leave them out would give wrong answers. InputError for norms and biases
/// that are infinite or not a number.
std::unique_ptr<LanguageModel> load_language_model(const ModelConfig& config, WeightSource& source,
                                                   const LoadWeightsOptions& options, Context& ctx);

/// Weights one by one, for work that needs a part of a model at a time. `config` says whether the
/// head is tied; all must outlive the result.
std::unique_ptr<WeightMaker> stored_weights(const ModelConfig& config, WeightSource& source,
                                            const LoadWeightsOptions& options, Context& ctx);

}  // namespace pangu
