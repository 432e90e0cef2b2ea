// SPDX-License-Identifier: Apache-2.0
#include "base/cgroup.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/support.h"

namespace pangu {
namespace {

/// A system of control groups in a folder.
class CgroupTest : public testing::Test {
 protected:
  void write(const std::string& file, const std::string& text) {
    test::write_file(scratch_ / file, text + "\n");
  }
  CgroupFiles files() { return {.self = scratch_ / "self", .root = scratch_ / "fs"}; }

  test::ScratchDir scratch_;
};

TEST_F(CgroupTest, Version2TakesTheLowestLimitOfTheGroupsAround) {
  write("self", "0::/system.slice/model.service");
  write("fs/system.slice/model.service/memory.max", "max");
  write("fs/system.slice/model.service/cpu.max", "max 100000");
  EXPECT_FALSE(cgroup_memory_limit(files()));
  EXPECT_FALSE(cgroup_cpus(files()));
  write("fs/system.slice/memory.max", "3000000000");
  write("fs/system.slice/cpu.max", "150000 100000");
  EXPECT_EQ(cgroup_memory_limit(files()), 3'000'000'000);
  EXPECT_EQ(cgroup_cpus(files()), 1.5);
  write("fs/system.slice/model.service/memory.high", "2000000000");
  EXPECT_EQ(cgroup_memory_limit(files()), 2'000'000'000);
}

TEST_F(CgroupTest, Version1HasAFolderForEachController) {
  write("self", "12:cpuset:/other\n7:cpu,cpuacct:/docker/ab\n4:memory:/docker/ab\n0::/");
  write("fs/memory/docker/ab/memory.limit_in_bytes", "1073741824");
  write("fs/memory/memory.limit_in_bytes", "9223372036854771712");
  write("fs/cpu/docker/ab/cpu.cfs_quota_us", "50000");
  write("fs/cpu/docker/ab/cpu.cfs_period_us", "100000");
  write("fs/cpu/cpu.cfs_quota_us", "-1");
  write("fs/cpu/cpu.cfs_period_us", "100000");
  EXPECT_EQ(cgroup_memory_limit(files()), 1'073'741'824);
  EXPECT_EQ(cgroup_cpus(files()), 0.5);
}

TEST_F(CgroupTest, PathsOfTheHostFallBackToWhatIsMounted) {
  write("self", "0::/../../host/group");
  write("fs/memory.max", "500000000");
  EXPECT_EQ(cgroup_memory_limit(files()), 500'000'000);
}

TEST_F(CgroupTest, NothingToReadIsNoLimit) {
  EXPECT_FALSE(cgroup_memory_limit(files()));
  write("self", "nonsense\n:\n0::/a");
  write("fs/a/memory.max", "much");
  write("fs/a/cpu.max", "1 0");
  EXPECT_FALSE(cgroup_memory_limit(files()));
  EXPECT_FALSE(cgroup_cpus(files()));
}

}  // namespace
}  // namespace pangu
