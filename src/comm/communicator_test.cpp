// SPDX-License-Identifier: Apache-2.0
#include "comm/communicator.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <span>
#include <thread>
#include <vector>

#include "comm/launcher.h"
#include "comm/single_process.h"
#include "comm/testing/thread_group.h"

namespace pangu {
namespace {

using testing::ElementsAre;

TEST(Communicator, OneProcessAddsNothing) {
  SingleProcess alone;
  std::vector<float> values{1.5f, -2.0f};
  std::vector<double> sums{0.25};
  alone.all_reduce_sum(std::span<float>(values));
  alone.all_reduce_sum(std::span<double>(sums));
  alone.barrier();
  EXPECT_EQ(alone.rank(), 0);
  EXPECT_EQ(alone.size(), 1);
  EXPECT_THAT(values, ElementsAre(1.5f, -2.0f));
  EXPECT_THAT(sums, ElementsAre(0.25));
}

TEST(Communicator, EveryRankHasTheSumOfAll) {
  constexpr int kRanks = 3;
  test::ThreadGroup group(kRanks);
  std::vector<std::vector<float>> values(kRanks);
  {
    std::vector<std::jthread> ranks;
    for (int rank = 0; rank < kRanks; ++rank) {
      ranks.emplace_back([&, rank] {
        test::ThreadGroup::Rank communicator(group, rank);
        std::vector<float>& mine = values[static_cast<std::size_t>(rank)];
        mine = {static_cast<float>(rank), 1.0f};
        communicator.all_reduce_sum(std::span<float>(mine));
      });
    }
  }
  for (const std::vector<float>& mine : values) EXPECT_THAT(mine, ElementsAre(3.0f, 3.0f));
}

/// Sets a variable of the environment while it lives.
class Variable {
 public:
  explicit Variable(const char* name) : name_(name) { ::setenv(name, "2", 1); }
  ~Variable() { ::unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

TEST(Launcher, IsKnownByTheVariablesThatItSets) {
  if (is_launched_in_group()) GTEST_SKIP() << "these tests were themselves started by mpirun";
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_RANK"}) {
    const Variable variable(name);
    EXPECT_TRUE(is_launched_in_group()) << name;
  }
  EXPECT_FALSE(is_launched_in_group());
}

}  // namespace
}  // namespace pangu
