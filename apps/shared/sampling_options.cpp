// SPDX-License-Identifier: Apache-2.0
#include "apps/shared/sampling_options.h"

#include <random>

namespace pangu::app {

SamplingOptions SamplingFlags::over(SamplingOptions s) const {
  s.temperature = temperature.value_or(s.temperature);
  s.top_k = top_k.value_or(s.top_k);
  s.top_p = top_p.value_or(s.top_p);
  s.min_p = min_p.value_or(s.min_p);
  s.repetition_penalty = repetition_penalty.value_or(s.repetition_penalty);
  s.presence_penalty = presence_penalty.value_or(s.presence_penalty);
  s.frequency_penalty = frequency_penalty.value_or(s.frequency_penalty);
  if (seed) {
    s.seed = static_cast<std::uint64_t>(*seed);
  } else if (s.temperature > 0) {
    std::random_device device;
    s.seed = device();  // 32 bits: short enough to be typed again
  }
  return s;
}

}  // namespace pangu::app
