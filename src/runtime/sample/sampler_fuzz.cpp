// SPDX-License-Identifier: Apache-2.0
// Input: 28 bytes of options, then logits as raw f32. Whatever the bits, the result is an error or
// a distribution that keeps its promises.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "pangu/error.h"
#include "runtime/sample/sampler.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kHeader = 28;
  if (size < kHeader) return 0;
  pangu::SamplingOptions o;
  std::memcpy(&o.temperature, data, 4);
  std::memcpy(&o.top_k, data + 4, 4);
  std::memcpy(&o.top_p, data + 8, 4);
  std::memcpy(&o.min_p, data + 12, 4);
  std::memcpy(&o.repetition_penalty, data + 16, 4);
  std::memcpy(&o.presence_penalty, data + 20, 4);
  std::memcpy(&o.frequency_penalty, data + 24, 4);
  std::vector<float> logits((size - kHeader) / 4);
  if (!logits.empty()) std::memcpy(logits.data(), data + kHeader, logits.size() * 4);
  try {
    const pangu::Sampler sampler(o);
    auto history = sampler.make_history();
    for (std::size_t i = 0; i < std::min<std::size_t>(logits.size(), 5); ++i) {
      history.push(static_cast<pangu::TokenId>(i / 2));
    }
    pangu::SamplerScratch scratch;
    pangu::Distribution d;
    sampler.process(logits, history, scratch, d);
    if (d.candidates.empty()) std::abort();
    double sum = 0.0;
    for (std::size_t i = 0; i < d.candidates.size(); ++i) {
      const auto& c = d.candidates[i];
      const bool is_ordered = i == 0 || d.candidates[i - 1].id < c.id;
      const bool is_token = c.id >= 0 && static_cast<std::size_t>(c.id) < logits.size();
      if (!is_ordered || !is_token || !(c.probability > 0.0)) std::abort();
      if (std::isinf(logits[static_cast<std::size_t>(c.id)])) std::abort();
      sum += c.probability;
    }
    if (std::abs(sum - 1.0) > 1e-12) std::abort();
    if (d.probability(sampler.sample(logits, history, scratch)) <= 0.0) std::abort();
  } catch (const pangu::Error&) {
  }
  return 0;
}
