// SPDX-License-Identifier: Apache-2.0
// Intervals and tests against published values and closed forms.
#include "eval/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/support/support.h"

namespace pangu::eval {
namespace {

TEST(Statistics, WilsonAsRComputesIt) {
  // R 4: prop.test(8, 10, correct = FALSE), prop.test(81, 263, ...) as in Newcombe 1998, method 3.
  EXPECT_NEAR(wilson(8, 10).low, 0.4901625, 1e-7);
  EXPECT_NEAR(wilson(8, 10).high, 0.9433178, 1e-7);
  EXPECT_NEAR(wilson(81, 263).low, 0.2553, 5e-5);
  EXPECT_NEAR(wilson(81, 263).high, 0.3662, 5e-5);
  EXPECT_EQ(wilson(0, 10).low, 0);
  EXPECT_NEAR(wilson(0, 10).high, 0.2775328, 1e-7);
  EXPECT_EQ(wilson(10, 10).high, 1);
  EXPECT_EQ(wilson(0, 0), (Interval{0, 1}));
  PANGU_EXPECT_ERROR(wilson(3, 2), InputError, "3 of 2");
  PANGU_EXPECT_ERROR(wilson(-1, 2), InputError, "-1 of 2");
}

TEST(Statistics, McNemarIsABinomialTestAtOneHalf) {
  EXPECT_EQ(mcnemar_exact(0, 0), 1);
  EXPECT_EQ(mcnemar_exact(5, 5), 1);
  EXPECT_NEAR(mcnemar_exact(10, 2), 2 * (1 + 12 + 66) / 4096.0, 1e-12);
  EXPECT_NEAR(mcnemar_exact(0, 6), 2 / 64.0, 1e-12);
  EXPECT_EQ(mcnemar_exact(2, 10), mcnemar_exact(10, 2));
  EXPECT_LT(mcnemar_exact(3000, 2000), 1e-40);
  EXPECT_GT(mcnemar_exact(3000, 2999), 0.98);
}

TEST(Statistics, ARatioOfEqualWeightsIsAMeanWithItsStandardError) {
  std::vector<Cluster> clusters;
  for (const double v : {1.0, 2.0, 4.0, 5.0}) clusters.push_back({v, 1});
  const Ratio r = ratio_of(clusters);
  EXPECT_DOUBLE_EQ(r.value, 3);
  const double error = std::sqrt((4 + 1 + 1 + 4) / 3.0 / 4.0);
  EXPECT_NEAR(r.ci95.low, 3 - kZ95 * error, 1e-12);
  EXPECT_NEAR(r.ci95.high, 3 + kZ95 * error, 1e-12);
  // Proportional values leave nothing unexplained.
  const std::vector<Cluster> proportional{{2, 1}, {20, 10}, {6, 3}};
  EXPECT_DOUBLE_EQ(ratio_of(proportional).value, 2);
  EXPECT_NEAR(ratio_of(proportional).ci95.high, 2, 1e-12);
  EXPECT_EQ(ratio_of(std::vector<Cluster>{{3, 2}}).ci95, (Interval{1.5, 1.5}));
  EXPECT_EQ(ratio_of({}).value, 0);
}

TEST(Statistics, TheBootstrapAgreesWithTheDeltaMethodAndRepeats) {
  std::vector<Cluster> clusters;
  for (int i = 0; i < (test::kSanitized ? 60 : 400); ++i)
    clusters.push_back({std::sin(i) + 2, 1.0 + i % 3});
  const Ratio r = ratio_of(clusters);
  const Interval b = bootstrap_ratio(clusters, test::seed());
  const double width = r.ci95.high - r.ci95.low;
  EXPECT_NEAR(b.low, r.ci95.low, 0.1 * width);
  EXPECT_NEAR(b.high, r.ci95.high, 0.1 * width);
  EXPECT_EQ(bootstrap_ratio(clusters, 7), bootstrap_ratio(clusters, 7));
  EXPECT_NE(bootstrap_ratio(clusters, 7), bootstrap_ratio(clusters, 8));
  EXPECT_EQ(bootstrap_ratio({}, 7), Interval{});
}

TEST(Statistics, APooledShareIsWilsonsOfAsManyUnitsAsItsVarianceIsWorth) {
  // Clusters of one unit each: nothing hangs together, and the interval is Wilson's but for n - 1.
  std::vector<Cluster> units;
  for (int i = 0; i < 1000; ++i) units.push_back({i % 5 == 0 ? 1.0 : 0.0, 1});
  const Ratio single = share_of(units);
  EXPECT_DOUBLE_EQ(single.value, 0.2);
  EXPECT_NEAR(single.ci95.low, wilson(200, 1000).low, 2e-5);
  EXPECT_NEAR(single.ci95.high, wilson(200, 1000).high, 2e-5);
  // Of clusters that are all right or all wrong, each counts as one unit.
  std::vector<Cluster> whole;
  for (int i = 0; i < 100; ++i) whole.push_back({i % 5 == 0 ? 10.0 : 0.0, 10});
  const Ratio pooled = share_of(whole);
  EXPECT_DOUBLE_EQ(pooled.value, 0.2);
  EXPECT_NEAR(pooled.ci95.low, wilson(20, 100).low, 2e-3);
  EXPECT_NEAR(pooled.ci95.high, wilson(20, 100).high, 2e-3);
  // More alike than chance makes them: no better than chance is claimed.
  const std::vector<Cluster> alike(50, {2, 10});
  EXPECT_EQ(share_of(alike).ci95, wilson(100, 500));
  // Where the variance says nothing, units are all there is.
  const std::vector<Cluster> all{{7, 7}, {13, 13}}, one{{3, 4}};
  EXPECT_EQ(share_of(all).ci95, wilson(20, 20));
  EXPECT_EQ(share_of(one).ci95, wilson(3, 4));
  EXPECT_EQ(share_of({}).ci95, (Interval{0, 1}));
}

TEST(Statistics, QuantilesAreThoseOfNumpy) {
  const std::vector<double> v{1, 2, 4, 8};
  // numpy.quantile(v, q)
  EXPECT_EQ(quantile(v, 0), 1);
  EXPECT_EQ(quantile(v, 1), 8);
  EXPECT_DOUBLE_EQ(quantile(v, 0.5), 3);
  EXPECT_DOUBLE_EQ(quantile(v, 0.9), 6.8);
  EXPECT_DOUBLE_EQ(quantile(v, 0.25), 1.75);
  const std::vector<double> one{5};
  for (const double q : {0.0, 0.5, 0.999, 1.0}) EXPECT_EQ(quantile(one, q), 5);
  // Every value of a sorted list stands where its share is.
  std::vector<double> many;
  for (int i = 0; i <= 1000; ++i) many.push_back(i * i);
  for (int i = 0; i <= 1000; ++i) EXPECT_NEAR(quantile(many, i / 1000.0), i * i, 1e-6) << i;
  PANGU_EXPECT_ERROR(quantile({}, 0.5), InputError, "0 values");
  PANGU_EXPECT_ERROR(quantile(v, 1.1), InputError, "1.1");
  PANGU_EXPECT_ERROR(quantile(v, std::nan("")), InputError, "nan");
}

}  // namespace
}  // namespace pangu::eval
