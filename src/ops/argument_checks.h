// SPDX-License-Identifier: Apache-2.0
// What several ops ask of their arguments.
#pragma once

#include "ops/context.h"

namespace pangu::ops {

/// Throws Unsupported unless an op can write results of this type.
inline void check_output_type(const char* op, DType out) {
  if (out != DType::kF32 && out != DType::kBF16) {
    fail<Unsupported>("[{}] results cannot be {}; f32 and bf16 are supported.", op, name(out));
  }
}

/// Throws ConfigError unless a norm's eps, which config key `key` gives, is positive.
inline void check_eps(const char* op, const char* key, float eps) {
  if (!(eps > 0.0f)) {
    fail<ConfigError>("[{}] eps is {}; it must be positive (config key {}).", op, eps, key);
  }
}

}  // namespace pangu::ops
