// SPDX-License-Identifier: Apache-2.0
#include "pangu/sampling.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "pangu/error.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

constexpr float kSamplingInfinity = std::numeric_limits<float>::infinity();

TEST(SamplingOptions, DefaultsAndLimitsAreValid) {
  SamplingOptions{}.validate();
  SamplingOptions low{.temperature = 0,
                      .top_k = 0,
                      .top_p = 0,
                      .min_p = 0,
                      .repetition_penalty = std::numeric_limits<float>::denorm_min(),
                      .presence_penalty = -2,
                      .frequency_penalty = -2,
                      .penalty_last_n = -1};
  low.validate();
  SamplingOptions high{.temperature = std::numeric_limits<float>::max(),
                       .top_k = std::numeric_limits<int>::max(),
                       .top_p = 1,
                       .min_p = 1,
                       .repetition_penalty = std::numeric_limits<float>::max(),
                       .presence_penalty = 2,
                       .frequency_penalty = 2,
                       .penalty_last_n = std::numeric_limits<int>::max(),
                       .seed = std::numeric_limits<std::uint64_t>::max()};
  high.validate();
}

TEST(SamplingOptions, EveryErrorNamesOptionValueAndRange) {
  const auto check = [](const SamplingOptions& o) { o.validate(); };
  PANGU_EXPECT_ERROR(check({.temperature = -0.5f}), ConfigError, "temperature", "-0.5",
                     "0 or more");
  PANGU_EXPECT_ERROR(check({.temperature = kSamplingInfinity}), ConfigError, "temperature", "inf");
  PANGU_EXPECT_ERROR(check({.temperature = NAN}), ConfigError, "temperature", "nan");
  PANGU_EXPECT_ERROR(check({.top_k = -1}), ConfigError, "top_k", "-1", "0 or more");
  PANGU_EXPECT_ERROR(check({.top_p = 1.5f}), ConfigError, "top_p", "1.5", "between 0 and 1");
  PANGU_EXPECT_ERROR(check({.top_p = -0.5f}), ConfigError, "top_p", "-0.5", "between 0 and 1");
  PANGU_EXPECT_ERROR(check({.top_p = NAN}), ConfigError, "top_p", "nan");
  PANGU_EXPECT_ERROR(check({.min_p = 1.5f}), ConfigError, "min_p", "1.5", "between 0 and 1");
  PANGU_EXPECT_ERROR(check({.min_p = -0.5f}), ConfigError, "min_p", "-0.5");
  PANGU_EXPECT_ERROR(check({.repetition_penalty = 0}), ConfigError, "repetition_penalty",
                     "above 0");
  PANGU_EXPECT_ERROR(check({.repetition_penalty = kSamplingInfinity}), ConfigError,
                     "repetition_penalty");
  PANGU_EXPECT_ERROR(check({.repetition_penalty = NAN}), ConfigError, "repetition_penalty");
  PANGU_EXPECT_ERROR(check({.presence_penalty = 2.5f}), ConfigError, "presence_penalty", "2.5",
                     "between -2 and 2");
  PANGU_EXPECT_ERROR(check({.frequency_penalty = -2.5f}), ConfigError, "frequency_penalty", "-2.5",
                     "between -2 and 2");
  PANGU_EXPECT_ERROR(check({.penalty_last_n = -2}), ConfigError, "penalty_last_n", "-2", "-1");
  PANGU_EXPECT_ERROR(check({.logit_bias = {{-3, 1}}}), ConfigError, "logit_bias", "-3");
  PANGU_EXPECT_ERROR(check({.logit_bias = {{3, NAN}}}), ConfigError, "logit_bias", "nan", "3");
  PANGU_EXPECT_ERROR(check({.logit_bias = {{3, 1}, {3, 2}}}), ConfigError, "each once");
}

TEST(SamplingOptions, PenaltiesAreOnOnlyIfTheyCanAct) {
  EXPECT_FALSE(SamplingOptions{}.has_penalties());
  EXPECT_TRUE(SamplingOptions{.repetition_penalty = 1.1f}.has_penalties());
  EXPECT_TRUE(SamplingOptions{.presence_penalty = 1}.has_penalties());
  EXPECT_TRUE(SamplingOptions{.frequency_penalty = 1}.has_penalties());
  EXPECT_FALSE((SamplingOptions{.frequency_penalty = 1, .penalty_last_n = 0}.has_penalties()));
}

}  // namespace
}  // namespace pangu
