// SPDX-License-Identifier: Apache-2.0
#include "base/cpu.h"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <set>
#include <string>
#include <thread>

#include "base/cgroup.h"
#include "base/error.h"

namespace pangu {
namespace {

struct NamedIsa {
  std::string_view name;
  Isa isa;
};

/// Slowest first. Each runs wherever a later one does, except across families of processors.
constexpr NamedIsa kNamedIsas[] = {{"ref", Isa::kRef},
                                   {"avx2", Isa::kAvx2},
                                   {"avx512", Isa::kAvx512},
                                   {"avx512vnni", Isa::kAvx512Vnni},
                                   {"avx512bf16", Isa::kAvx512Bf16}};

/// All that this processor has.
Isa processor_features() {
  Isa out;
#if defined(__x86_64__)
  // These builtins also ask the operating system whether it saves the wide registers. F16C is older
  // than AVX2 on every processor that has the latter.
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    out = out | CpuFeature::kAvx2;
  }
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
    out = out | CpuFeature::kAvx512;
  }
  if (__builtin_cpu_supports("avx512vnni")) out = out | CpuFeature::kVnni512;
  if (__builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512vbmi")) {
    out = out | CpuFeature::kBf16512;
  }
#endif
  return out;
}

bool supports(Isa isa) {
  static const Isa all = processor_features();
  return all.has(isa);
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
  return std::ranges::find(kNamedIsas, isa, &NamedIsa::isa)->name;
}

std::vector<Isa> known_isas() {
  std::vector<Isa> isas;
  for (const NamedIsa& row : kNamedIsas) isas.push_back(row.isa);
  return isas;
}

std::vector<Isa> supported_isas() {
  std::vector<Isa> isas = known_isas();
  std::erase_if(isas, [](Isa isa) { return !supports(isa); });
  return isas;
}

Isa detected_isa() {
  static const Isa best = supported_isas().back();
  return best;
}

Isa require_isa(std::string_view wanted) {
  if (wanted.empty() || wanted == "auto") return detected_isa();
  const auto* const found = std::ranges::find(kNamedIsas, wanted, &NamedIsa::name);
  if (found == std::end(kNamedIsas)) {
    fail<ConfigError>(
        "[isa] '{}' is not known. Use auto, ref, avx2, avx512, avx512vnni or avx512bf16.", wanted);
  }
  if (!supports(found->isa)) {
    fail<Unsupported>("[isa] this processor ({}) lacks {}; the best it has is {}. Use --isa auto.",
                      cpu_name(), wanted, name(detected_isa()));
  }
  return found->isa;
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
