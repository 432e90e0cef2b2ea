// SPDX-License-Identifier: Apache-2.0
#include "base/processor_time.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace pangu {
namespace {

std::optional<ProcessorTime> read(const std::string& text) {
  std::istringstream in(text);
  return read_processor_time(in);
}

TEST(ProcessorTime, IsReadFromTheLineOfAllProcessors) {
  const auto t = read(
      "cpu  100 20 30 4000 500 6 7 80 90 10\n"
      "cpu0 50 10 15 2000 250 3 3 40 45 5\nintr 12345\nctxt 5\n");
  ASSERT_TRUE(t);
  EXPECT_EQ(t->busy, 100 + 20 + 30 + 6 + 7) << "guests count as user already";
  EXPECT_EQ(t->steal, 80);
  EXPECT_EQ(t->total, 163 + 80 + 4500);
}

TEST(ProcessorTime, FewerColumnsAndOtherLinesFirst) {
  const auto t = read("intr 1 2 3\ncpu0 9 9 9 9\n\ncpu 1 2 3 4\n");
  ASSERT_TRUE(t);
  EXPECT_EQ(t->busy, 6);
  EXPECT_EQ(t->steal, 0);
  EXPECT_EQ(t->total, 10);
}

TEST(ProcessorTime, NothingWhereTheSystemSaysNothing) {
  EXPECT_FALSE(read(""));
  EXPECT_FALSE(read("cpu0 1 2 3 4 5 6 7 8\n"));
  EXPECT_FALSE(read("cpu 1 2\n"));
  EXPECT_FALSE(read("cpu what is this\n"));
}

TEST(ProcessorTime, OtherLoadIsWhatThisProcessDidNotUse) {
  const ProcessorTime before{.busy = 1000, .steal = 10, .total = 5000};
  const ProcessorTime after{.busy = 1300, .steal = 60, .total = 5500};
  // 300 ticks of work, 2.5 seconds of which were this process's.
  const OtherLoad load = other_load(before, after, 2.5, 100);
  EXPECT_DOUBLE_EQ(load.others, 50.0 / 500);
  EXPECT_DOUBLE_EQ(load.steal, 50.0 / 500);
}

TEST(ProcessorTime, SharesStaySharesWhateverIsCounted) {
  const ProcessorTime t{.busy = 1000, .steal = 10, .total = 5000};
  const OtherLoad none = other_load(t, t, 1, 100);
  EXPECT_EQ(none.others, 0);
  EXPECT_EQ(none.steal, 0);
  const ProcessorTime later{.busy = 1001, .steal = 9, .total = 5100};
  const OtherLoad load = other_load(t, later, 0.5, 100);
  EXPECT_EQ(load.others, 0) << "the own time is finer than the system's ticks";
  EXPECT_EQ(load.steal, 0);
}

TEST(ProcessorTime, AMeterNeedsTimeToPass) {
  EXPECT_FALSE(OtherLoadMeter().load());
}

}  // namespace
}  // namespace pangu
