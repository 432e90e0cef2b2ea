// SPDX-License-Identifier: Apache-2.0
#include "compress/allocation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "pangu/error.h"

namespace pangu::compress {
namespace {

using testing::ElementsAre;

std::int64_t sum(const std::vector<std::int64_t>& sizes) {
  return std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0});
}

/// Five rounds to 20% of 6144 neurons in multiples of 256, as openPangu-Embedded-1B was published.
TEST(KeptSize, IsThatOfThePublishedTaylorSchedule) {
  std::vector<std::int64_t> sizes;
  for (int round = 1; round <= 5; ++round) {
    sizes.push_back(
        kept_size(6144, 6144, ratio_after(0.2, round, 5, Pace::kLinear), {.align = 256}));
  }
  EXPECT_THAT(sizes, ElementsAre(5888, 5632, 5376, 5120, 4864));
}

TEST(KeptSize, RoundsUpAsCameraDoes) {
  const Rounding camera{.align = 64, .up = true};
  EXPECT_EQ(kept_size(12800, 12800, 0.2, camera), 10240);
  EXPECT_EQ(kept_size(6144, 6144, 0.2, camera), 4928);
  EXPECT_EQ(kept_size(100, 100, 0.01, camera), 100) << "never more than there are";
}

TEST(KeptSize, CountsHeadsAndLayersOneByOne) {
  const Rounding one{.align = 1, .up = true};
  EXPECT_EQ(kept_size(6, 6, 0.34, one), 4);
  EXPECT_EQ(kept_size(26, 26, 0.1, one), 24);
  EXPECT_EQ(kept_size(26, 26, 0.01, one), 26);
}

TEST(KeptSize, RefusesWhatCannotBe) {
  for (const double ratio : {0.0, 1.0, -0.5, 2.0, std::nan("")}) {
    EXPECT_THROW(kept_size(100, 100, ratio, {}), ConfigError) << ratio;
  }
  EXPECT_THROW(kept_size(1536, 1536, 0.2, {.align = 4096}), ConfigError);
}

TEST(RatioAfter, EndsAtTheRatio) {
  for (const Pace pace : {Pace::kLinear, Pace::kCubic}) {
    double before = 0;
    for (int round = 1; round <= 4; ++round) {
      const double now = ratio_after(0.5, round, 4, pace);
      EXPECT_GT(now, before);
      before = now;
    }
    EXPECT_DOUBLE_EQ(before, 0.5);
  }
  EXPECT_NEAR(ratio_after(0.5, 1, 4, Pace::kCubic), 0.5 * (1 - 0.421875), 1e-12);
}

TEST(Highest, KeepsOrderAndTakesTheFirstOfEquals) {
  EXPECT_THAT(highest(std::vector<double>{1, 5, 3, 5, 2}, 2), ElementsAre(1, 3));
  EXPECT_THAT(highest(std::vector<double>{1, 1, 1, 1}, 2), ElementsAre(0, 1));
  EXPECT_THAT(highest(std::vector<double>{3, 2, 1}, 3), ElementsAre(0, 1, 2));
}

TEST(ByScore, KeepsTheHighestOfAllLayers) {
  const std::vector<std::vector<double>> scores = {{9, 8, 7, 6}, {5, 1, 1, 1}, {9, 9, 1, 1}};
  const std::vector<std::int64_t> sizes = {2, 2, 3};
  EXPECT_THAT(by_score(sizes, scores, {.align = 1}), ElementsAre(4, 1, 2));
}

TEST(ByScore, KeepsTheTotalAndTheAlignment) {
  std::vector<std::vector<double>> scores(5);
  std::uint32_t state = 1;
  for (auto& layer : scores) {
    for (int i = 0; i < 256; ++i) {
      state = state * 1664525u + 1013904223u;
      layer.push_back((state >> 8) * 1.0);
    }
  }
  for (double& s : scores[2]) s *= 1e-9;  // nothing of it would stay
  const std::vector<std::int64_t> sizes(5, 192);
  const auto got = by_score(sizes, scores, {.align = 32});
  EXPECT_EQ(sum(got), sum(sizes));
  for (const std::int64_t size : got) EXPECT_EQ(size % 32, 0);
  EXPECT_EQ(got[2], 32) << "no layer loses all of its neurons";
}

TEST(ByImportance, GivesMoreToLayersThatMatterAndKeepsTheTotal) {
  const std::vector<std::int64_t> sizes(4, 768), available(4, 1024);
  const std::vector<double> importance = {0.9, 0.1, 0.2, 0.4};
  const auto got = by_importance(sizes, available, importance, {.align = 64});
  EXPECT_EQ(sum(got), sum(sizes));
  EXPECT_GT(got[0], got[3]);
  EXPECT_GE(got[3], got[2]);
  EXPECT_GE(got[2], got[1]);
  for (const std::int64_t size : got) {
    EXPECT_EQ(size % 64, 0);
    EXPECT_GE(size, 512);
    EXPECT_LE(size, 1024);
  }
}

TEST(Allocation, NamesAreReadBack) {
  for (const auto a : {Allocation::kUniform, Allocation::kGlobal, Allocation::kSensitivity}) {
    EXPECT_EQ(parse_allocation(name(a)), a);
  }
  EXPECT_THROW(parse_allocation("even"), ConfigError);
}

}  // namespace
}  // namespace pangu::compress
