// SPDX-License-Identifier: Apache-2.0
// Checkpoints that other programs quantized: recognized, so that a message can name the format and
// who makes it. Those that say so in config.json are refused by
// models/config/quantization_config.h.
#pragma once

#include "io/checkpoint.h"

namespace pangu {

/// Throws Unsupported if the tensors are in the form of another program: msModelSlim, whose
/// quant_model_description.json says the type of every tensor, or one that is known by the names of
/// its tensors. Throws FileError for a description that cannot be read.
void refuse_foreign_quantization(const Checkpoint& checkpoint);

}  // namespace pangu
