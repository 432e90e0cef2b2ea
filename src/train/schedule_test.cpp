// SPDX-License-Identifier: Apache-2.0
#include "train/schedule.h"

#include <gtest/gtest.h>

#include <cmath>

namespace pangu {
namespace {

using Kind = Schedule::Kind;

TEST(Schedule, WarmUpRisesInEqualStepsToThePeak) {
  for (const Kind kind : {Kind::kConstant, Kind::kLinear, Kind::kCosine}) {
    const Schedule s{.kind = kind, .peak = 8, .warmup_steps = 4, .min_ratio = 0, .steps = 100};
    for (int step = 1; step <= 4; ++step) EXPECT_DOUBLE_EQ(s.rate(step), 2.0 * step);
    EXPECT_LE(s.rate(5), 8);
  }
}

TEST(Schedule, FormulasAfterWarmUp) {
  Schedule s{.kind = Kind::kLinear, .peak = 2, .warmup_steps = 10, .min_ratio = 0.25, .steps = 50};
  EXPECT_DOUBLE_EQ(s.rate(11), 2);
  EXPECT_DOUBLE_EQ(s.rate(31), 2 * (0.25 + 0.75 * 0.5));
  EXPECT_DOUBLE_EQ(s.rate(50), 2 * (0.25 + 0.75 / 40));
  EXPECT_DOUBLE_EQ(s.rate(51), 0.5);
  EXPECT_DOUBLE_EQ(s.rate(80), 0.5);
  s.kind = Kind::kCosine;
  EXPECT_DOUBLE_EQ(s.rate(21), 2 * (0.25 + 0.75 * 0.5 * (1 + std::sqrt(0.5))));
  EXPECT_DOUBLE_EQ(s.rate(51), 0.5);
  s.kind = Kind::kConstant;
  EXPECT_DOUBLE_EQ(s.rate(50), 2);
}

TEST(Schedule, WithoutWarmUpAndWithNothingElse) {
  const Schedule falling{.kind = Kind::kLinear, .peak = 1, .min_ratio = 0, .steps = 4};
  EXPECT_DOUBLE_EQ(falling.rate(1), 1);
  EXPECT_DOUBLE_EQ(falling.rate(4), 0.25);
  const Schedule all{.kind = Kind::kCosine, .peak = 1, .warmup_steps = 4, .steps = 4};
  EXPECT_DOUBLE_EQ(all.rate(4), 1);
}

TEST(Schedule, NeverRisesAfterWarmUp) {
  for (const Kind kind : {Kind::kLinear, Kind::kCosine}) {
    const Schedule s{.kind = kind, .peak = 1, .warmup_steps = 3, .min_ratio = 0.1, .steps = 37};
    for (int step = 4; step < 37; ++step) EXPECT_GT(s.rate(step), s.rate(step + 1));
  }
}

TEST(Schedule, EveryStepOfEveryRunMovesTheWeights) {
  for (const Kind kind : {Kind::kConstant, Kind::kLinear, Kind::kCosine}) {
    for (int steps = 1; steps <= 9; ++steps) {
      for (int warmup = 0; warmup <= steps + 1; ++warmup) {
        const Schedule s{
            .kind = kind, .peak = 1, .warmup_steps = warmup, .min_ratio = 0, .steps = steps};
        for (int step = 1; step <= steps; ++step) {
          EXPECT_GT(s.rate(step), 0) << name(kind) << " " << steps << " " << warmup << " " << step;
          EXPECT_LE(s.rate(step), 1);
        }
      }
    }
  }
}

}  // namespace
}  // namespace pangu
