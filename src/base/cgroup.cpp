// SPDX-License-Identifier: Apache-2.0
#include "base/cgroup.h"

#include <algorithm>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace pangu {
namespace {

namespace fs = std::filesystem;

/// The folders of a controller ("memory", "cpu") that speak about this process, the innermost
/// first. A line of /proc/self/cgroup is "0::/path" in version 2 and "7:cpu,cpuacct:/path" in
/// version 1, where each controller has a folder of its name.
std::vector<fs::path> group_folders(const CgroupFiles& files, std::string_view controller) {
  std::vector<fs::path> folders;
  std::ifstream in(files.self);
  for (std::string line; std::getline(in, line);) {
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string list = "," + line.substr(first + 1, second - first - 1) + ",";
    const bool is_unified = list == ",,";
    if (!is_unified && list.find("," + std::string(controller) + ",") == std::string::npos)
      continue;
    const fs::path mount = is_unified ? files.root : files.root / controller;
    // In a container the path may be one of the host, which is not to be seen: the mount remains.
    fs::path group = fs::path(line.substr(second + 1)).relative_path().lexically_normal();
    for (; !group.empty() && group != "." && *group.begin() != ".."; group = group.parent_path()) {
      folders.push_back(mount / group);
    }
    folders.push_back(mount);
  }
  return folders;
}

/// The numbers at the start of a small file; "max" and "-1" (no limit) end them.
std::vector<double> numbers_of(const fs::path& file) {
  std::vector<double> numbers;
  std::ifstream in(file);
  for (double value = 0; in >> value && value >= 0;) numbers.push_back(value);
  return numbers;
}

}  // namespace

std::optional<std::int64_t> cgroup_memory_limit(const CgroupFiles& files) {
  // Version 1 writes "no limit" as the largest number of whole pages.
  constexpr double kUnlimited = 0x1p62;
  std::optional<std::int64_t> least;
  for (const fs::path& folder : group_folders(files, "memory")) {
    for (const char* name : {"memory.max", "memory.high", "memory.limit_in_bytes"}) {
      const std::vector<double> limit = numbers_of(folder / name);
      if (limit.empty() || limit[0] >= kUnlimited) continue;
      const auto bytes = static_cast<std::int64_t>(limit[0]);
      least = least ? std::min(*least, bytes) : bytes;
    }
  }
  return least;
}

std::optional<double> cgroup_cpus(const CgroupFiles& files) {
  std::optional<double> least;
  for (const fs::path& folder : group_folders(files, "cpu")) {
    std::vector<double> limit = numbers_of(folder / "cpu.max");  // quota and period
    if (limit.empty()) {
      limit = numbers_of(folder / "cpu.cfs_quota_us");
      for (const double period : numbers_of(folder / "cpu.cfs_period_us")) limit.push_back(period);
    }
    if (limit.size() != 2 || limit[1] <= 0) continue;
    const double cpus = limit[0] / limit[1];
    least = least ? std::min(*least, cpus) : cpus;
  }
  return least;
}

}  // namespace pangu
