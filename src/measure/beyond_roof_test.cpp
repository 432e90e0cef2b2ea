// SPDX-License-Identifier: Apache-2.0
#include "measure/beyond_roof.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pangu {
namespace {

TEST(BeyondRoof, SaysNothingOfWhatIsPossible) {
  EXPECT_EQ(beyond_roof(90, 0.9, {.median = 100, .min = 50, .max = 100}, false), BeyondRoof::kNo);
  EXPECT_EQ(beyond_roof(100, 1.0, {.median = 100, .min = 100, .max = 100}, true), BeyondRoof::kNo);
}

TEST(BeyondRoof, TellsABusyMachineFromAWeakProbe) {
  // A steady roofline that was passed is none.
  EXPECT_EQ(beyond_roof(127, 1.27, {.median = 100, .min = 97, .max = 103}, false),
            BeyondRoof::kWeakProbe);
  // One that wavers was measured while something else ran, and so was one that was higher once.
  EXPECT_EQ(beyond_roof(127, 1.27, {.median = 100, .min = 80, .max = 110}, false),
            BeyondRoof::kBusy);
  EXPECT_EQ(beyond_roof(104, 1.04, {.median = 100, .min = 98, .max = 105}, false),
            BeyondRoof::kBusy);
}

TEST(BeyondRoof, CachesAreFasterThanMemory) {
  EXPECT_EQ(beyond_roof(300, 3.0, {.median = 100, .min = 99, .max = 101}, true),
            BeyondRoof::kCached);
}

TEST(BeyondRoof, ABlockThatCachesHoldIsRemarkedOn) {
  constexpr std::int64_t kMiB = 1 << 20;
  EXPECT_THAT(*cached_roof_remark(100 * kMiB, 480 * kMiB), testing::HasSubstr("caches hold 480"));
  EXPECT_TRUE(cached_roof_remark(959 * kMiB, 480 * kMiB));
  EXPECT_FALSE(cached_roof_remark(960 * kMiB, 480 * kMiB));
  EXPECT_FALSE(cached_roof_remark(512 * kMiB, 0));
  EXPECT_FALSE(cached_roof_remark(0, 480 * kMiB));  // not measured
}

}  // namespace
}  // namespace pangu
