// SPDX-License-Identifier: Apache-2.0
// Zeros in place of smaller matrices: the same answers as after a cut, in the old shapes.
#pragma once

#include "compress/cut_checkpoint.h"
#include "models/weights/weight_source.h"
#include "ops/context.h"

namespace pangu::compress {

/// Adds to `edits` the zeros that make neurons, heads and layers that `cut` removes have no effect,
/// and makes `cut` leave everything. Throws ConfigError if channels are removed: norms look at all
/// of them.
void mask_instead(Cut& cut, const ModelConfig& config, WeightSource& source, TensorEdits& edits,
                  Context& ctx);

}  // namespace pangu::compress
