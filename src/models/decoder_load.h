// SPDX-License-Identifier: Apache-2.0
// Packs the weights of a decoder from any source.
#pragma once

#include "base/progress.h"
#include "models/decoder.h"
#include "models/weight_plan.h"
#include "models/weight_source.h"

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
Decoder load_decoder(const ModelConfig& config, WeightSource& source,
                     const LoadWeightsOptions& options, Context& ctx);

/// Packs layer `l` alone, as it is stored: for work that needs one layer at a time. Throws as
/// load_decoder does for tensors that are missing or misshapen.
DecoderLayer load_decoder_layer(const ModelConfig& config, int64_t l, WeightSource& source,
                                Context& ctx);

}  // namespace pangu
