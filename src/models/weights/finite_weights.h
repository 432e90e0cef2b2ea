// SPDX-License-Identifier: Apache-2.0
// Weights that are infinite or no numbers: whatever is computed with one is no number either.
#pragma once

#include <span>
#include <string_view>

#include "io/safetensors.h"

namespace pangu {

/// Throws InputError naming the tensor, the element and its value unless all are finite.
void require_finite(std::span<const float> values, std::string_view tensor);

/// The same for a stored tensor; one that holds no floats passes.
void require_finite(const TensorView& tensor);

}  // namespace pangu
