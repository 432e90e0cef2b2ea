// SPDX-License-Identifier: Apache-2.0
// The first-order effect of every weight on the loss of calibration text, joined to units.
#pragma once

#include <span>
#include <vector>

#include "base/progress.h"
#include "compress/evidence.h"
#include "train/token_batch.h"

namespace pangu::compress {

/// For each layer, sums over its units of |weight * gradient|; the gradient is that of the mean
/// cross-entropy over all targets of all sequences, signed until the end. Only the matrices of such
/// units have gradients, in f32; weights stay packed. Arithmetic is that of `ctx`.
/// Throws what loading the weights throws, and NumericError for a loss that is not finite.
std::vector<UnitSums> taylor_sums(const ModelConfig& config, WeightSource& source, Unit unit,
                                  std::span<const TokenBatch> sequences, const ProgressFn& progress,
                                  Context& ctx);

}  // namespace pangu::compress
