// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace pangu::compress {

/// What SlimLLM scores depend on besides the evidence.
struct SlimOptions {
  int feature_power = 1;  ///< of the covariance of the output in a neuron's score, 0 or 1
};

}  // namespace pangu::compress
