// SPDX-License-Identifier: Apache-2.0
// Limits that containers and services put on this process: Linux control groups, versions 1 and 2.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace pangu {

/// Where the system tells of them; elsewhere for tests.
struct CgroupFiles {
  std::filesystem::path self = "/proc/self/cgroup";
  std::filesystem::path root = "/sys/fs/cgroup";
};

/// The lowest memory limit of this process's groups and of those around them, in bytes; nothing
/// where there is none.
std::optional<std::int64_t> cgroup_memory_limit(const CgroupFiles& files = {});

/// CPUs' worth of time that they allow, such as 1.5; nothing where there is no limit.
std::optional<double> cgroup_cpus(const CgroupFiles& files = {});

}  // namespace pangu
