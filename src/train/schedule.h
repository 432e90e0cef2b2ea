// SPDX-License-Identifier: Apache-2.0
// The learning rate of every step.
#pragma once

#include <cstdint>
#include <string_view>

namespace pangu {

struct Schedule {
  enum class Kind : std::uint8_t { kConstant, kLinear, kCosine };

  Kind kind = Kind::kCosine;
  double peak = 3e-4;             ///< learning rate after warm-up
  std::int64_t warmup_steps = 0;  ///< the rate rises from peak / warmup to peak
  double min_ratio = 0.1;         ///< the last step's rate is peak * min_ratio, unless constant
  std::int64_t steps = 1;         ///< of the whole run

  /// Rate of step `step`, counted from 1. Steps past the end keep the last rate.
  double rate(std::int64_t step) const;
};

/// "constant", "linear", "cosine".
std::string_view name(Schedule::Kind kind);

}  // namespace pangu
