// SPDX-License-Identifier: Apache-2.0
// The short look at model, machine and items that costs are told from: less than a second or two,
// and no reply of the model.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "adaptive/explore/cost.h"
#include "adaptive/explore/laboratory.h"

namespace pangu::adaptive {

struct CalibrationWork {
  const ProfileData& data;  ///< with the speed of the original; answers, as far as there are some
  std::span<const KindTask> tasks;
  std::span<const std::int64_t> ids;  ///< of the tasks
  std::span<const std::string> formats;
  bool carries_out = false;
};

/// Packs a small matrix in every format, runs a few solutions in the sandbox of code tasks, and
/// counts tokens of the first items and of the answers that come with them: how long the model's
/// own replies are is known once it has written some.
CostInputs calibrate_cost(Laboratory& laboratory, Context& ctx, const CalibrationWork& work);

}  // namespace pangu::adaptive
