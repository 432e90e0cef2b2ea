// SPDX-License-Identifier: Apache-2.0
#include "runtime/score/logprobs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "pangu/error.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

constexpr float kLogprobsInfinity = std::numeric_limits<float>::infinity();

long double reference_log_sum_exp(const std::vector<float>& logits) {
  const long double max = *std::max_element(logits.begin(), logits.end());
  long double sum = 0;
  for (const float v : logits) sum += std::exp(static_cast<long double>(v) - max);
  return max + std::log(sum);
}

TEST(Logprobs, AgreeWithLongDouble) {
  std::mt19937_64 generator(test::seed());
  for (const std::size_t n : {1, 2, 7, 8, 9, 100, 153376}) {
    std::normal_distribution<float> normal(-5.0f, 6.0f);
    std::vector<float> logits(n);
    for (float& v : logits) v = normal(generator);
    const double want = static_cast<double>(reference_log_sum_exp(logits));
    // Every term within 2 ulp; lanes of n / 8 additions, each with half an ulp of the sum.
    const double bound =
        (4.0 + static_cast<double>(n) / 8) * 0x1p-52 * std::max(1.0, std::abs(want));
    EXPECT_NEAR(log_sum_exp(logits), want, bound);
    const auto got = token_logprobs(logits, static_cast<TokenId>(n / 2), 5);
    EXPECT_EQ(got.chosen.id, static_cast<TokenId>(n / 2));
    EXPECT_FLOAT_EQ(got.chosen.logprob, static_cast<float>(logits[n / 2] - want));
    ASSERT_EQ(got.top.size(), std::min<std::size_t>(5, n));
    for (std::size_t i = 1; i < got.top.size(); ++i) {
      EXPECT_GE(got.top[i - 1].logprob, got.top[i].logprob);
    }
    EXPECT_EQ(got.top[0].id, argmax(logits));
  }
}

TEST(Logprobs, GoldenByHand) {
  // Probabilities 1/2, 1/4, 1/4: the tie goes to the lower id.
  const float ln2 = std::log(2.0f);
  const auto got = token_logprobs(std::vector<float>{0, ln2, -kLogprobsInfinity, 0}, 3, 4);
  EXPECT_FLOAT_EQ(got.chosen.logprob, -2 * ln2);
  ASSERT_EQ(got.top.size(), 3u);  // the masked token is no alternative
  EXPECT_EQ(got.top[0].id, 1);
  EXPECT_EQ(got.top[1].id, 0);
  EXPECT_EQ(got.top[2].id, 3);
  EXPECT_FLOAT_EQ(got.top[0].logprob, -ln2);
}

TEST(Logprobs, StayExactForHugeLogits) {
  EXPECT_EQ(log_sum_exp(std::vector<float>{3e38f, -3e38f}), static_cast<double>(3e38f));
  EXPECT_EQ(token_logprobs(std::vector<float>{3e38f, -kLogprobsInfinity}, 1, 0).chosen.logprob,
            -kLogprobsInfinity);
  EXPECT_FLOAT_EQ(token_logprobs(std::vector<float>{-9e4f, -9e4f}, 0, 0).chosen.logprob,
                  -std::log(2.0f));
}

TEST(Logprobs, EveryError) {
  const std::vector<float> logits{1, 2, 3};
  PANGU_EXPECT_ERROR(token_logprobs(logits, 3, 0), InputError, "token 3", "3 logits", "0 to 2");
  PANGU_EXPECT_ERROR(token_logprobs(logits, -1, 0), InputError, "token -1");
  PANGU_EXPECT_ERROR(token_logprobs(logits, 0, -1), ConfigError, "-1 top");
  PANGU_EXPECT_ERROR(token_logprobs({}, 0, 0), ShapeError, "empty");
  PANGU_EXPECT_ERROR(log_sum_exp(std::vector<float>{NAN}), NumericError, "nan");
  PANGU_EXPECT_ERROR(log_sum_exp(std::vector<float>{-kLogprobsInfinity}), NumericError, "-inf");
}

}  // namespace
}  // namespace pangu
