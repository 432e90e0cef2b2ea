// SPDX-License-Identifier: Apache-2.0
// Ticks are round, and scales put values where they belong.
#include "report/svg_axis.h"

#include <gmock/gmock.h>

#include <limits>

namespace pangu {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr double kAxisNan = std::numeric_limits<double>::quiet_NaN();

std::vector<std::string> texts(const std::vector<AxisTick>& ticks) {
  std::vector<std::string> out;
  for (const AxisTick& t : ticks) out.push_back(t.text);
  return out;
}

TEST(AxisTicks, LinearOnesAreRoundAndWithinTheRange) {
  EXPECT_THAT(texts(axis_ticks(0, 1, false)), ElementsAre("0", "0.2", "0.4", "0.6", "0.8", "1"));
  EXPECT_THAT(texts(axis_ticks(-1.3, 2.1, false)),
              ElementsAre("-1", "-0.5", "0", "0.5", "1", "1.5", "2"));
  EXPECT_THAT(texts(axis_ticks(0, 60000, false)),
              ElementsAre("0", "10k", "20k", "30k", "40k", "50k", "60k"));
  EXPECT_THAT(texts(axis_ticks(2.001, 2.0065, false)),
              ElementsAre("2.001", "2.002", "2.003", "2.004", "2.005", "2.006"));
}

TEST(AxisTicks, LogarithmicOnesArePowersOfTen) {
  EXPECT_THAT(texts(axis_ticks(0.4, 30, true)), ElementsAre("0.5", "1", "2", "5", "10", "20"));
  EXPECT_THAT(texts(axis_ticks(1e3, 1e9, true)),
              ElementsAre("1k", "10k", "100k", "1M", "10M", "100M", "1G"));
  // Less than a decade has few round powers.
  EXPECT_THAT(texts(axis_ticks(300, 600, true)),
              ElementsAre("300", "350", "400", "450", "500", "550", "600"));
  EXPECT_LE(axis_ticks(1e-300, 1e300, true).size(), 10u);
}

TEST(AxisTicks, NoneForRangesThatAreNone) {
  EXPECT_THAT(axis_ticks(1, 1, false), IsEmpty());
  EXPECT_THAT(axis_ticks(2, 1, true), IsEmpty());
  EXPECT_THAT(axis_ticks(0, 1, true), IsEmpty());
  EXPECT_THAT(axis_ticks(kAxisNan, 1, false), IsEmpty());
  EXPECT_THAT(axis_ticks(0, std::numeric_limits<double>::infinity(), false), IsEmpty());
  // A range far narrower than its distance from zero would need digits that nobody reads.
  EXPECT_EQ(axis_ticks(1e9, 1e9 + 1e-3, false).size(), 1u);
}

AxisRange range_of(std::initializer_list<double> values, bool log = false) {
  AxisRange range(log);
  for (const double value : values) range.add(value);
  return range;
}

TEST(AxisRange, TakesWhatAnAxisCanShow) {
  EXPECT_TRUE(range_of({}).empty());
  EXPECT_TRUE(range_of({kAxisNan, -std::numeric_limits<double>::infinity()}).empty());
  EXPECT_TRUE(range_of({0, -3}, true).empty());
  const AxisRange negative = range_of({-5, kAxisNan, -7});
  EXPECT_EQ(negative.min, -7);
  EXPECT_EQ(negative.max, -5);
}

TEST(AxisScale, GoesFromOneEndToTheOther) {
  const AxisScale x(range_of({0, 10}), 100, 200);
  EXPECT_DOUBLE_EQ(x.at(0), 100);
  EXPECT_DOUBLE_EQ(x.at(10), 200);
  EXPECT_DOUBLE_EQ(x.share(2.5), 0.25);
  EXPECT_FALSE(x.shows(kAxisNan));
  const AxisScale y(range_of({1, 100}, true), 500, 100, 0, 0.5);  // upwards, with room above
  EXPECT_DOUBLE_EQ(y.at(1), 500);
  EXPECT_DOUBLE_EQ(y.at(1000), 100);
  EXPECT_FALSE(y.shows(0));
  EXPECT_THAT(texts(y.ticks()),
              ElementsAre("1", "2", "5", "10", "20", "50", "100", "200", "500", "1k"));
}

TEST(AxisScale, OneValueAndNoneHaveRoomToo) {
  EXPECT_DOUBLE_EQ(AxisScale(range_of({7}), 0, 100).share(7), 0.5);
  EXPECT_DOUBLE_EQ(AxisScale(range_of({0}), 0, 100).share(0), 0.5);
  EXPECT_DOUBLE_EQ(AxisScale(range_of({3}, true), 0, 100).share(3), 0.5);
  EXPECT_DOUBLE_EQ(AxisScale(range_of({}), 0, 100).at(1), 100);
  EXPECT_DOUBLE_EQ(AxisScale(range_of({}, true), 0, 100).at(10), 100);
}

}  // namespace
}  // namespace pangu
