// SPDX-License-Identifier: Apache-2.0
#include "base/processor_cores.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
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

struct Core {
  double speed = 0;
  std::vector<int> processors;
};

/// By the list of their hardware threads; those that are much slower than the fastest left out.
std::map<std::string, Core> find_fast_cores(const std::filesystem::path& folder,
                                            const std::vector<int>& allowed) {
  std::map<std::string, Core> cores;
  double fastest = 0;
  for (const int number : allowed) {
    const std::string name = "cpu" + std::to_string(number);
    const std::string siblings = first_word(folder / name / "topology/thread_siblings_list");
    Core& core = cores[siblings.empty() ? name : siblings];
    core.speed = speed_of(folder / name);
    core.processors.push_back(number);
    fastest = std::max(fastest, core.speed);
  }
  std::erase_if(cores, [&](const auto& core) { return core.second.speed < kFastShare * fastest; });
  return cores;
}

}  // namespace

int fast_cores(const std::filesystem::path& folder, const std::vector<int>& allowed) {
  return std::max(static_cast<int>(find_fast_cores(folder, allowed).size()), 1);
}

std::vector<int> fast_processors(const std::filesystem::path& folder,
                                 const std::vector<int>& allowed) {
  std::set<int> fast;
  for (const auto& [name, core] : find_fast_cores(folder, allowed)) {
    fast.insert(core.processors.begin(), core.processors.end());
  }
  std::vector<int> out;
  std::ranges::copy_if(allowed, std::back_inserter(out),
                       [&](int number) { return fast.contains(number); });
  return out;
}

}  // namespace pangu
