// SPDX-License-Identifier: Apache-2.0
#include "train/schedule.h"

#include <cmath>
#include <numbers>

namespace pangu {

double Schedule::rate(std::int64_t step) const {
  if (step <= warmup_steps) {
    return peak * static_cast<double>(step) / static_cast<double>(warmup_steps);
  }
  if (kind == Kind::kConstant) return peak;
  const double done = step > steps ? 1
                                   : static_cast<double>(step - warmup_steps - 1) /
                                         static_cast<double>(steps - warmup_steps);
  const double height =
      kind == Kind::kLinear ? 1 - done : 0.5 * (1 + std::cos(std::numbers::pi * done));
  return peak * (min_ratio + (1 - min_ratio) * height);
}

std::string_view name(Schedule::Kind kind) {
  switch (kind) {
    case Schedule::Kind::kConstant:
      return "constant";
    case Schedule::Kind::kLinear:
      return "linear";
    case Schedule::Kind::kCosine:
      break;
  }
  return "cosine";
}

}  // namespace pangu
