// SPDX-License-Identifier: Apache-2.0
#include "base/processor_cores.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/support.h"

namespace pangu {
namespace {

/// A folder as the system makes one.
class FastCores : public ::testing::Test {
 protected:
  void has(int cpu, const std::string& file, const std::string& content) {
    test::write_file(scratch_.path() / ("cpu" + std::to_string(cpu)) / file, content + "\n");
  }
  std::vector<int> fast_of(const std::vector<int>& allowed) const {
    return fast_processors(scratch_.path(), allowed);
  }
  int among(const std::vector<int>& allowed) const { return fast_cores(scratch_.path(), allowed); }

 private:
  test::ScratchDir scratch_;
};

TEST_F(FastCores, AllCountWhereTheSystemSaysNothing) {
  EXPECT_EQ(among({0, 1, 2}), 3);
  EXPECT_EQ(among({}), 1);
}

TEST_F(FastCores, HardwareThreadsOfACoreCountOnce) {
  for (const int cpu : {0, 2}) has(cpu, "topology/thread_siblings_list", "0,2");
  for (const int cpu : {1, 3}) has(cpu, "topology/thread_siblings_list", "1,3");
  EXPECT_EQ(among({0, 1, 2, 3}), 2);
  EXPECT_EQ(among({0, 2}), 1);
  EXPECT_EQ(fast_of({0, 1, 3}), (std::vector<int>{0, 1, 3})) << "all threads of each core";
}

TEST_F(FastCores, SmallCoresAreLeftOut) {
  for (const int cpu : {0, 1, 2, 3}) has(cpu, "cpu_capacity", "414");
  for (const int cpu : {4, 5, 6}) has(cpu, "cpu_capacity", "866");
  has(7, "cpu_capacity", "1024");
  EXPECT_EQ(among({0, 1, 2, 3, 4, 5, 6, 7}), 4);
  EXPECT_EQ(among({0, 1, 4}), 1) << "the process may not run on the others";
  EXPECT_EQ(among({0, 1}), 2) << "small cores are all it has";
  EXPECT_EQ(fast_of({0, 1, 2, 3, 4, 5, 6, 7}), (std::vector<int>{4, 5, 6, 7}));
  EXPECT_EQ(fast_of({0, 1}), (std::vector<int>{0, 1}));
}

TEST_F(FastCores, ClockRatesStandInForCapacities) {
  for (const int cpu : {0, 1}) has(cpu, "cpufreq/cpuinfo_max_freq", "1800000");
  for (const int cpu : {2, 3}) has(cpu, "cpufreq/cpuinfo_max_freq", "3000000");
  EXPECT_EQ(among({0, 1, 2, 3}), 4) << "just within";
  for (const int cpu : {0, 1}) has(cpu, "cpufreq/cpuinfo_max_freq", "1700000");
  EXPECT_EQ(among({0, 1, 2, 3}), 2);
  has(0, "cpu_capacity", "what is this");
  EXPECT_EQ(among({0, 1, 2, 3}), 2);
}

}  // namespace
}  // namespace pangu
