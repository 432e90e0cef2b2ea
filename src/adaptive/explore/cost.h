// SPDX-License-Identifier: Apache-2.0
// How long a run will take, told before it: from rates of the original, a few matrices packed, and
// what races have needed so far.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "adaptive/explore/plan.h"
#include "adaptive/profile/profile_data.h"

namespace pangu::adaptive {

/// Tokens of an item of a task, as far as they are known.
struct ItemCost {
  double prompt = 0;
  double reply_low = 1, reply = 1, reply_high = 1;
  double program_s = 0;        ///< of code: to run what was written, all jobs together
  std::int64_t kept_back = 0;  ///< items that a choice is checked on
};

/// What a short calibration says of this model on this machine.
struct CostInputs {
  double load_s = 0;                          ///< of the original
  std::map<std::string, double> pack_s;       ///< by format: what loading in it takes beyond that
  std::map<std::int64_t, ItemCost> items;     ///< by task
  double divergence_tokens = 0;               ///< of the texts that divergence is measured on
  double divergence_logits = 0;               ///< numbers that are compared on them
  std::int64_t decode_tokens = 16, many = 8;  ///< of readings of speed
  std::int64_t prompt_tokens = 128;
  bool carries_out = false;  ///< whether choices are checked and written afterwards
  double weight_bytes = 0;   ///< of the original
};

struct CostEstimate {
  double low_s = 0, about_s = 0, high_s = 0;

  CostEstimate& operator+=(const CostEstimate& other);
  bool operator==(const CostEstimate&) const = default;
};

/// Seconds that what next_work() asks for will take. `data` is of the scope alone and has the speed
/// of the original; variants whose speed is not known count as being as fast.
CostEstimate estimate_cost(const ProfileData& data, const Scope& scope, const CostInputs& inputs);

}  // namespace pangu::adaptive
