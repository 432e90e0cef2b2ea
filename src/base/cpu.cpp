// SPDX-License-Identifier: Apache-2.0
#include "base/cpu.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif
#if defined(__aarch64__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>

#include "base/allowed_processors.h"
#include "base/cgroup.h"
#include "base/error.h"
#include "base/processor_cores.h"

namespace pangu {
namespace {

struct NamedIsa {
  std::string_view name;
  Isa isa;
};

/// Slowest first. Few include all those before them: processors with AVX-512 may lack AVX-VNNI.
constexpr NamedIsa kNamedIsas[] = {{"ref", Isa::kRef},
                                   {"avx2", Isa::kAvx2},
                                   {"avxvnni", Isa::kAvxVnni},
                                   {"avx512", Isa::kAvx512},
                                   {"avx512vnni", Isa::kAvx512Vnni},
                                   {"avx512bf16", Isa::kAvx512Bf16},
                                   {"amx", Isa::kAmx},
                                   {"neon", Isa::kNeon},
                                   {"neon-dotprod", Isa::kNeonDotProd},
                                   {"neon-i8mm", Isa::kNeonI8mm}};

#if defined(__x86_64__)
/// g++ 12's builtin does not know this one: leaf 7, subleaf 1.
bool supports_avx_vnni() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  constexpr unsigned kAvxVnni = 1u << 4;
  return __get_cpuid_count(7, 1, &a, &b, &c, &d) != 0 && (a & kAvxVnni) != 0;
}

/// Whether there are tiles, and Linux lets this process use them: their 8 KiB of registers must be
/// asked for, or the first tile is an illegal instruction.
bool supports_amx() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  constexpr unsigned kBf16 = 1u << 22, kTile = 1u << 24, kInt8 = 1u << 25,
                     kAll = kBf16 | kTile | kInt8;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0 || (d & kAll) != kAll) return false;
  constexpr long kRequest = 0x1023, kTileData = 18;  // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
  return ::syscall(SYS_arch_prctl, kRequest, kTileData) == 0;
}
#endif

/// All that this processor has.
Isa processor_features() {
  Isa out;
#if defined(__x86_64__)
  // These builtins also ask the operating system whether it saves the wide registers. F16C is older
  // than AVX2 on every processor that has the latter.
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    out = out | CpuFeature::kAvx2;
  }
  if (supports_amx()) out = out | CpuFeature::kAmx;
  if (supports_avx_vnni()) out = out | CpuFeature::kVnni256;
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
    out = out | CpuFeature::kAvx512;
  }
  if (__builtin_cpu_supports("avx512vnni")) out = out | CpuFeature::kVnni512;
  if (__builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512vbmi")) {
    out = out | CpuFeature::kBf16512;
  }
#elif defined(__aarch64__)
  out = out | CpuFeature::kNeon;
  if (::getauxval(AT_HWCAP) & HWCAP_ASIMDDP) out = out | CpuFeature::kDotProd;
  if (::getauxval(AT_HWCAP2) & HWCAP2_I8MM) out = out | CpuFeature::kI8mm;
#endif
  return out;
}

bool supports(Isa isa) {
  static const Isa all = processor_features();
  return all.has(isa);
}

/// Arm processors say who made them and give a number.
struct ArmName {
  std::string_view implementer, part, name;
};
constexpr ArmName kArmNames[] = {
    {"0x41", "0xd08", "Cortex-A72"},    {"0x41", "0xd0b", "Cortex-A76"},
    {"0x41", "0xd0c", "Neoverse N1"},   {"0x41", "0xd40", "Neoverse V1"},
    {"0x41", "0xd49", "Neoverse N2"},   {"0x41", "0xd4f", "Neoverse V2"},
    {"0x48", "0xd01", "Kunpeng 920"},   {"0x70", "0x662", "Phytium FTC662"},
    {"0x70", "0x663", "Phytium FTC663"}};

}  // namespace

std::string_view name(Isa isa) {
  return std::ranges::find(kNamedIsas, isa, &NamedIsa::isa)->name;
}

std::vector<Isa> known_isas() {
  std::vector<Isa> isas;
  for (const NamedIsa& row : kNamedIsas) isas.push_back(row.isa);
  return isas;
}

std::vector<std::string> isa_choices() {
  std::vector<std::string> names{"auto"};
  for (const NamedIsa& row : kNamedIsas) names.emplace_back(row.name);
  return names;
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

namespace {

Isa& chosen_isa() {
  static Isa isa = detected_isa();
  return isa;
}

}  // namespace

Isa default_isa() {
  return chosen_isa();
}

void set_default_isa(Isa isa) {
  chosen_isa() = isa;
}

Isa require_isa(std::string_view wanted) {
  if (wanted.empty() || wanted == "auto") return default_isa();
  const auto* const found = std::ranges::find(kNamedIsas, wanted, &NamedIsa::name);
  if (found == std::end(kNamedIsas)) {
    fail<ConfigError>("[isa] '{}' is not known. Use one of: {}.", wanted,
                      fmt::join(isa_choices(), ", "));
  }
  if (!supports(found->isa)) {
    fail<Unsupported>(
        "[isa] this processor ({}) lacks {}, or the system keeps it from programs; the best it has "
        "is {}. Use --isa auto.",
        cpu_name(), wanted, name(detected_isa()));
  }
  return found->isa;
}

std::string cpu_name(std::istream& cpuinfo) {
  std::string implementer, part;
  for (std::string line; std::getline(cpuinfo, line);) {
    const auto colon = line.find(": ");
    if (colon == std::string::npos) continue;
    std::string value = line.substr(colon + 2);
    if (line.starts_with("model name")) return value;
    if (line.starts_with("CPU implementer")) implementer = value;
    if (line.starts_with("CPU part")) part = value;  // the last: small cores come first
  }
  if (part.empty()) return "unknown processor";
  for (const ArmName& row : kArmNames) {
    if (row.implementer == implementer && row.part == part) return std::string(row.name);
  }
  return fmt::format("Arm processor (implementer {}, part {})", implementer, part);
}

std::string cpu_name() {
  std::ifstream in("/proc/cpuinfo");
  return cpu_name(in);
}

int default_threads() {
  const int cores = fast_cores(kProcessorFolder, allowed_processors());
  const double quota = std::ceil(cgroup_cpus().value_or(1e9));
  return std::clamp(static_cast<int>(std::min<double>(cores, quota)), 1, 1024);
}

}  // namespace pangu
