// SPDX-License-Identifier: Apache-2.0
#include "base/cpu.h"

#include <sched.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <set>
#include <string>
#include <thread>

#include "base/cgroup.h"
#include "base/error.h"

namespace pangu {
namespace {

constexpr std::array<std::string_view, 5> kNames{"ref", "avx2", "avx512", "avx512vnni",
                                                 "avx512bf16"};

bool supports(Isa isa) {
#if defined(__x86_64__)
  // These builtins also ask the operating system whether it saves the wide registers.
  switch (isa) {
    case Isa::kRef:
      return true;
    case Isa::kAvx2:
      // F16C is older than AVX2 on every processor that has the latter.
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case Isa::kAvx512:
      return supports(Isa::kAvx2) && __builtin_cpu_supports("avx512f") &&
             __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
             __builtin_cpu_supports("avx512vl");
    case Isa::kAvx512Vnni:
      return supports(Isa::kAvx512) && __builtin_cpu_supports("avx512vnni");
    case Isa::kAvx512Bf16:
      return supports(Isa::kAvx512Vnni) && __builtin_cpu_supports("avx512bf16") &&
             __builtin_cpu_supports("avx512vbmi");
  }
  return false;
#else
  return isa == Isa::kRef;
#endif
}

/// The first word of a small system file, or an empty string.
std::string first_word(const std::string& path) {
  std::ifstream in(path);
  std::string word;
  in >> word;
  return word;
}

/// Cores that two hardware threads share count once.
int physical_cores(const cpu_set_t& allowed) {
  std::set<std::string> cores;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &allowed)) continue;
    const std::string siblings = first_word("/sys/devices/system/cpu/cpu" + std::to_string(cpu) +
                                            "/topology/thread_siblings_list");
    cores.insert(siblings.empty() ? "cpu" + std::to_string(cpu) : siblings);
  }
  return static_cast<int>(cores.size());
}

}  // namespace

std::string_view name(Isa isa) {
  return kNames[static_cast<std::size_t>(isa)];
}

std::vector<Isa> supported_isas() {
  std::vector<Isa> isas;
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (supports(static_cast<Isa>(i))) isas.push_back(static_cast<Isa>(i));
  }
  return isas;
}

Isa detected_isa() {
  static const Isa best = supported_isas().back();
  return best;
}

Isa require_isa(std::string_view wanted) {
  if (wanted.empty() || wanted == "auto") return detected_isa();
  const auto found = std::find(kNames.begin(), kNames.end(), wanted);
  if (found == kNames.end()) {
    fail<ConfigError>(
        "[isa] '{}' is not known. Use auto, ref, avx2, avx512, avx512vnni or avx512bf16.", wanted);
  }
  const Isa isa = static_cast<Isa>(found - kNames.begin());
  if (!supports(isa)) {
    fail<Unsupported>("[isa] this processor ({}) lacks {}; the best it has is {}. Use --isa auto.",
                      cpu_name(), wanted, name(detected_isa()));
  }
  return isa;
}

std::string cpu_name() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    const auto colon = line.find(": ");
    if (line.rfind("model name", 0) == 0 && colon != std::string::npos)
      return line.substr(colon + 2);
  }
  return "unknown processor";
}

int default_threads() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  int cores = static_cast<int>(std::thread::hardware_concurrency());
  if (sched_getaffinity(0, sizeof(allowed), &allowed) == 0) cores = physical_cores(allowed);
  const double quota = std::ceil(cgroup_cpus().value_or(1e9));
  return std::clamp(static_cast<int>(std::min<double>(cores, quota)), 1, 1024);
}

}  // namespace pangu
