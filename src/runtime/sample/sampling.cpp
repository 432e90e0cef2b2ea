// SPDX-License-Identifier: Apache-2.0
// Checks of the options in pangu/sampling.h.
#include "pangu/sampling.h"

#include <cmath>
#include <string_view>
#include <unordered_set>

#include "base/error.h"

namespace pangu {
namespace {

void check_between(std::string_view option, float value, float low, float high) {
  // Written so that NaN fails too.
  if (value >= low && value <= high) return;
  fail<ConfigError>("[sampling] {} is {}. It must be between {} and {}. Change {}.", option, value,
                    low, high, option);
}

}  // namespace

bool SamplingOptions::has_penalties() const {
  return penalty_last_n != 0 &&
         (repetition_penalty != 1.0f || presence_penalty != 0.0f || frequency_penalty != 0.0f);
}

void SamplingOptions::validate() const {
  if (!std::isfinite(temperature) || temperature < 0.0f) {
    fail<ConfigError>(
        "[sampling] temperature is {}. It must be a finite number, 0 or more. "
        "Use 0 for greedy decoding, 1 for the model's own distribution.",
        temperature);
  }
  if (top_k < 0) {
    fail<ConfigError>("[sampling] top_k is {}. It must be 0 or more. Use 0 to turn it off.", top_k);
  }
  check_between("top_p", top_p, 0.0f, 1.0f);
  check_between("min_p", min_p, 0.0f, 1.0f);
  if (!std::isfinite(repetition_penalty) || repetition_penalty <= 0.0f) {
    fail<ConfigError>(
        "[sampling] repetition_penalty is {}. It must be a finite number above 0. "
        "Use 1 to turn it off; 1.05 to 1.2 are usual.",
        repetition_penalty);
  }
  check_between("presence_penalty", presence_penalty, -2.0f, 2.0f);
  check_between("frequency_penalty", frequency_penalty, -2.0f, 2.0f);
  std::unordered_set<TokenId> biased;
  for (const LogitBias& one : logit_bias) {
    if (!std::isfinite(one.bias) || one.id < 0 || !biased.insert(one.id).second) {
      fail<ConfigError>(
          "[sampling] logit_bias has {} for token {}. Ids of 0 or more were expected, each once, "
          "with a finite number.",
          one.bias, one.id);
    }
  }
  if (penalty_last_n < -1) {
    fail<ConfigError>(
        "[sampling] penalty_last_n is {}. It must be -1 (all tokens), 0 (none) or "
        "the number of last tokens the penalties look at.",
        penalty_last_n);
  }
}

}  // namespace pangu
