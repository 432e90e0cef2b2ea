// SPDX-License-Identifier: Apache-2.0
#include "base/portable_math.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "tests/support/support.h"

namespace pangu {
namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

TEST(PortableMath, ExpIsWithinTwoUlp) {
  std::mt19937_64 generator(test::seed());
  for (const double range : {1e-9, 0.1, 1.0, 30.0, 700.0}) {
    std::uniform_real_distribution<double> distribution(-range, 0.0);
    for (int i = 0; i < 100000; ++i) {
      const double x = distribution(generator);
      const double want = static_cast<double>(std::exp(static_cast<long double>(x)));
      ASSERT_LE(std::abs(exp_nonpositive(x) - want), 2 * kEpsilon * want) << x;
    }
  }
}

TEST(PortableMath, ExpAtTheEnds) {
  EXPECT_EQ(exp_nonpositive(0.0), 1.0);
  EXPECT_EQ(exp_nonpositive(-0.0), 1.0);
  EXPECT_GT(exp_nonpositive(-700.0), 0.0);
  EXPECT_EQ(exp_nonpositive(-700.001), 0.0);
  EXPECT_EQ(exp_nonpositive(-1e300), 0.0);
  EXPECT_EQ(exp_nonpositive(-std::numeric_limits<double>::infinity()), 0.0);
}

TEST(PortableMath, LogIsWithinItsBound) {
  std::mt19937_64 generator(test::seed());
  for (const double range : {0.001, 1.0, 20.0, 700.0}) {
    std::uniform_real_distribution<double> distribution(-range, range);
    for (int i = 0; i < 100000; ++i) {
      const double x = std::exp(distribution(generator));
      const double want = static_cast<double>(std::log(static_cast<long double>(x)));
      ASSERT_LE(std::abs(log_positive(x) - want), 4e-16 * std::max(1.0, std::abs(want))) << x;
    }
  }
  EXPECT_EQ(log_positive(1.0), 0.0);
}

}  // namespace
}  // namespace pangu
