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
  double min_ratio = 0.1;         ///< what the rate falls to, unless constant: see rate()
  std::int64_t steps = 1;         ///< of the whole run

  /// Rate of step `step`, counted from 1. The first step after warm-up has the peak; peak *
  /// min_ratio is what the step after the last one would have, and those past the end do have: so
  /// every step of a run moves the weights, where min_ratio is 0 too.
  double rate(std::int64_t step) const;
};

/// "constant", "linear", "cosine".
std::string_view name(Schedule::Kind kind);

}  // namespace pangu
