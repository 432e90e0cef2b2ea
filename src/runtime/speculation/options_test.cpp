// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "pangu/speculation.h"

namespace pangu {
namespace {

TEST(SpeculationStats, ARatioOfFewPassesIsNotKnown) {
  SpeculationStats enough;
  enough.passes = 128;
  enough.plain = 3;
  enough.total_s = 0.2;
  EXPECT_TRUE(enough.speed_up_is_known());
  SpeculationStats few = enough, one_kind = enough, quick = enough;
  few.passes = 127;
  one_kind.plain = 2;
  quick.total_s = 0.19;
  EXPECT_FALSE(few.speed_up_is_known());
  EXPECT_FALSE(one_kind.speed_up_is_known());
  EXPECT_FALSE(quick.speed_up_is_known());
  EXPECT_FALSE(SpeculationStats().speed_up_is_known());
  // Of several replies together it may be.
  quick.add(few);
  EXPECT_EQ(quick.plain, 6);
  EXPECT_TRUE(quick.speed_up_is_known());
}

}  // namespace
}  // namespace pangu
