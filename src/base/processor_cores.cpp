// SPDX-License-Identifier: Apache-2.0
#include "base/processor_cores.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <string>

namespace pangu {
namespace {

// Slowest core that still counts, as a share of the fastest: middle cores of phones have two thirds
// of the large ones' capacity or more, small ones half or less.
constexpr double kFastShare = 0.6;

/// The first word of a small file, or an empty string.
std::string first_word(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::string word;
  in >> word;
  return word;
}

/// What a core can do, in any unit that is the same for all of them; 0 if the system says nothing.
double speed_of(const std::filesystem::path& cpu) {
  for (const char* file : {"cpu_capacity", "cpufreq/cpuinfo_max_freq"}) {
    double speed = 0;
    if (std::ifstream(cpu / file) >> speed && speed > 0) return speed;
  }
  return 0;
}

}  // namespace

int fast_cores(const std::filesystem::path& folder, const std::vector<int>& allowed) {
  std::map<std::string, double> speeds;  // of each core, by the list of its hardware threads
  double fastest = 0;
  for (const int number : allowed) {
    const std::string name = "cpu" + std::to_string(number);
    const std::string siblings = first_word(folder / name / "topology/thread_siblings_list");
    const double speed = speed_of(folder / name);
    speeds[siblings.empty() ? name : siblings] = speed;
    fastest = std::max(fastest, speed);
  }
  const auto fast = std::ranges::count_if(
      speeds, [&](const auto& core) { return core.second >= kFastShare * fastest; });
  return std::max(static_cast<int>(fast), 1);
}

}  // namespace pangu
