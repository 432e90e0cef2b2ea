// SPDX-License-Identifier: Apache-2.0
#include "runtime/sample/logits_scan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

#include "pangu/error.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

constexpr float kScanInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// Values on a coarse grid, so that ties are frequent.
std::vector<float> random_logits(std::size_t n, std::mt19937_64& generator) {
  std::vector<float> logits(n);
  for (float& v : logits) v = static_cast<float>(static_cast<int>(generator() % 41) - 20) * 0.5f;
  return logits;
}

TEST(LogitsScan, ArgmaxIsTheLowestIdOfTheLargest) {
  std::mt19937_64 generator(test::seed());
  for (const std::size_t n : {1, 2, 15, 16, 17, 63, 64, 65, 1023, 1024, 1025, 5000}) {
    for (int round = 0; round < 20; ++round) {
      const auto logits = random_logits(n, generator);
      const auto want = std::max_element(logits.begin(), logits.end()) - logits.begin();
      ASSERT_EQ(argmax(logits), want) << n;
      std::vector<float> block_max;
      ASSERT_EQ(scan_blocks(logits, block_max), logits[static_cast<std::size_t>(want)]);
      ASSERT_EQ(block_max.size(), (n + kScanBlock - 1) / kScanBlock);
    }
  }
  EXPECT_EQ(argmax(std::vector<float>{-1.0f, -0.0f, 0.0f}), 1);  // -0 and 0 are equal
  EXPECT_EQ(argmax(std::vector<float>{-kScanInfinity, -3e38f}), 1);
}

TEST(LogitsScan, TopNEqualsTheHeadOfASortedList) {
  std::mt19937_64 generator(test::seed());
  std::vector<float> block_max, scratch;
  std::vector<ScoredToken> top;
  for (const std::size_t size : {1, 63, 64, 65, 1000, 10000}) {
    auto logits = random_logits(size, generator);
    for (std::size_t i = 1; i < size; i += 3) logits[i] = -kScanInfinity;
    std::vector<ScoredToken> sorted;
    for (std::size_t i = 0; i < size; ++i) {
      if (logits[i] > -kScanInfinity) sorted.push_back({logits[i], static_cast<TokenId>(i)});
    }
    std::sort(sorted.begin(), sorted.end(), ranks_before);
    scan_blocks(logits, block_max);
    for (const std::size_t n : {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{50},
                                std::size_t{157}, size - 1, size, size + 5}) {
      collect_top(logits, block_max, n, scratch, top);
      std::sort(top.begin(), top.end(), ranks_before);
      ASSERT_EQ(top.size(), std::min(n, sorted.size()));
      for (std::size_t i = 0; i < top.size(); ++i) ASSERT_EQ(top[i].id, sorted[i].id);
    }
  }
}

TEST(LogitsScan, RefusesWhatIsNotFiniteWhereverItStands) {
  std::vector<float> block_max;
  for (const std::size_t n : {1, 16, 17, 64, 65, 1025}) {
    for (std::size_t at = 0; at < n; ++at) {
      for (const float value : {kNan, -kNan, kScanInfinity}) {
        std::vector<float> logits(n, 1.0f);
        logits[at] = value;
        ASSERT_THROW(argmax(logits), NumericError) << at;
        ASSERT_THROW(scan_blocks(logits, block_max), NumericError) << at;
      }
    }
  }
  PANGU_EXPECT_ERROR(argmax(std::vector<float>{1, 2, kNan, 4}), NumericError, "token 2 of 4", "nan",
                     "checkpoint may be damaged", "--dtype f32");
  PANGU_EXPECT_ERROR(argmax(std::vector<float>{1, kScanInfinity}), NumericError,
                     "token 1 of 2 is inf");
  PANGU_EXPECT_ERROR(argmax(std::vector<float>(70, -kScanInfinity)), NumericError,
                     "all 70 are -inf");
  PANGU_EXPECT_ERROR(scan_blocks(std::vector<float>(70, -kScanInfinity), block_max), NumericError,
                     "all 70 are -inf", "--dtype f32");
  PANGU_EXPECT_ERROR(argmax({}), ShapeError, "empty");
  PANGU_EXPECT_ERROR(scan_blocks({}, block_max), ShapeError, "empty");
}

}  // namespace
}  // namespace pangu
