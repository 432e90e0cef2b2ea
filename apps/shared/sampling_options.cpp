// SPDX-License-Identifier: Apache-2.0
#include "apps/shared/sampling_options.h"

#include <fmt/format.h>

#include <charconv>
#include <limits>
#include <random>

#include "apps/shared/common_options.h"
#include "apps/shared/lists.h"
#include "base/clipped.h"

namespace pangu::app {
namespace {

constexpr double kMostBias = 100;

/// Of a list that was checked.
std::vector<LogitBias> read_logit_bias(const std::string& list) {
  std::vector<LogitBias> out;
  for (const std::string& item : list_items(list)) {
    const std::size_t sign = item.find('=');
    LogitBias& one = out.emplace_back();
    std::from_chars(item.data(), item.data() + sign, one.id);
    one.bias = std::stof(item.substr(sign + 1));
  }
  return out;
}

}  // namespace

CLI::Validator logit_bias_list() {
  const CLI::Validator id = whole_number(0, std::numeric_limits<TokenId>::max());
  const CLI::Validator bias = number_in({.min = -kMostBias, .max = kMostBias});
  const auto check = [id, bias](std::string& item) -> std::string {
    const std::size_t sign = item.find('=');
    if (sign == std::string::npos) {
      return fmt::format("'{}' is no ID=B, such as 17=-100", clipped(item, 40));
    }
    std::string left = item.substr(0, sign), right = item.substr(sign + 1);
    if (std::string error = id(left); !error.empty()) return error;
    return bias(right);
  };
  return list_of({check, ""});
}

SamplingOptions SamplingFlags::over(SamplingOptions s) const {
  s.temperature = temperature.value_or(s.temperature);
  s.top_k = top_k.value_or(s.top_k);
  s.top_p = top_p.value_or(s.top_p);
  s.min_p = min_p.value_or(s.min_p);
  s.repetition_penalty = repetition_penalty.value_or(s.repetition_penalty);
  s.presence_penalty = presence_penalty.value_or(s.presence_penalty);
  s.frequency_penalty = frequency_penalty.value_or(s.frequency_penalty);
  if (!logit_bias.empty()) s.logit_bias = read_logit_bias(logit_bias);
  if (seed) {
    s.seed = static_cast<std::uint64_t>(*seed);
  } else if (s.temperature > 0) {
    std::random_device device;
    s.seed = device();  // 32 bits: short enough to be typed again
  }
  return s;
}

}  // namespace pangu::app
