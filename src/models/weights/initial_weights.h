// SPDX-License-Identifier: Apache-2.0
// What the weights of a new model begin as.
#pragma once

#include <cstdint>

namespace pangu {

/// Standard deviations of the matrices of a new model, of L layers and hidden size E.
enum class Initializer : std::uint8_t {
  kGpt2,  ///< `std`; std / sqrt(2 L) where a branch ends. Radford et al. 2019, section 2.3
  kTiny,  ///< sqrt(1 / (2 E L)); 0.5 of the embedding. Pangu Ultra, arXiv:2504.07866
};

/// Initial values of a new model: matrices are normally distributed, biases are 0 and norms 1, but
/// norms behind branches c / sqrt(L) with c = 0.283 of attention and 0.432 of the MLP
/// (depth-scaled sandwich norm, arXiv:2504.07866). The same seed gives the same values on every
/// machine.
struct InitialWeights {
  std::uint64_t seed = 0;
  Initializer kind = Initializer::kGpt2;
  double std = 0.02;  ///< of kGpt2
};

}  // namespace pangu
