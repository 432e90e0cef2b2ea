// SPDX-License-Identifier: Apache-2.0
// What this processor can do: instruction sets for kernel dispatch, and how many threads to use.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace pangu {

/// Groups of instructions that kernels are written for, each of which processors have or lack.
enum class CpuFeature : std::uint32_t {
  kAvx2 = 1u << 0,     ///< AVX2, FMA and F16C
  kAvx512 = 1u << 1,   ///< AVX-512 F, BW, DQ and VL (Skylake-SP)
  kVnni512 = 1u << 2,  ///< AVX-512 VNNI (Cascade Lake, Ice Lake)
  kBf16512 = 1u << 3,  ///< AVX-512 BF16 and VBMI (AMD from Zen 4, Intel from Sapphire Rapids)
  kVnni256 = 1u << 4,  ///< AVX-VNNI (Core from Alder Lake on, Xeon from Sapphire Rapids, Zen 5)
  kAmx = 1u << 5,      ///< AMX tiles of int8 and bf16 (Xeon from Sapphire Rapids on)
  kNeon = 1u << 6,     ///< what every 64-bit Arm processor has
  kDotProd = 1u << 7,  ///< SDOT and UDOT (Neoverse N1, Kunpeng 920, Cortex-A76)
  kI8mm = 1u << 8,     ///< SMMLA and USDOT (Neoverse V1 and N2, Cortex-A710, Apple M2)
};

/// A set of features: what a kernel needs, or what a context may use. Sets with a name, which users
/// choose between, are rows of a table (cpu.cpp); features of another family of processors are
/// further members of CpuFeature and further rows.
class Isa {
 public:
  constexpr Isa() = default;
  constexpr explicit Isa(CpuFeature feature) : features_(static_cast<std::uint32_t>(feature)) {}
  constexpr Isa operator|(CpuFeature feature) const {
    Isa both(feature);
    both.features_ |= features_;
    return both;
  }

  /// Whether every feature of `needed` is here.
  constexpr bool has(Isa needed) const { return (needed.features_ & ~features_) == 0; }
  friend constexpr bool operator==(Isa, Isa) = default;

  /// The sets with names: "ref" (nothing: portable C++), "avx2", "avxvnni", "avx512",
  /// "avx512vnni", "avx512bf16", "amx", "neon", "neon-dotprod", "neon-i8mm".
  static const Isa kRef, kAvx2, kAvxVnni, kAvx512, kAvx512Vnni, kAvx512Bf16, kAmx, kNeon,
      kNeonDotProd, kNeonI8mm;

 private:
  std::uint32_t features_ = 0;
};

inline constexpr Isa Isa::kRef{};
inline constexpr Isa Isa::kAvx2{CpuFeature::kAvx2};
inline constexpr Isa Isa::kAvxVnni = Isa::kAvx2 | CpuFeature::kVnni256;
inline constexpr Isa Isa::kAvx512 = Isa::kAvx2 | CpuFeature::kAvx512;
inline constexpr Isa Isa::kAvx512Vnni = Isa::kAvx512 | CpuFeature::kVnni512;
inline constexpr Isa Isa::kAvx512Bf16 = Isa::kAvx512Vnni | CpuFeature::kBf16512;
inline constexpr Isa Isa::kAmx = Isa::kAvx512Bf16 | CpuFeature::kAmx;
inline constexpr Isa Isa::kNeon{CpuFeature::kNeon};
inline constexpr Isa Isa::kNeonDotProd = Isa::kNeon | CpuFeature::kDotProd;
inline constexpr Isa Isa::kNeonI8mm = Isa::kNeonDotProd | CpuFeature::kI8mm;

/// The name of a set that has one.
std::string_view name(Isa isa);

/// Every set with a name, slowest first; one family of processors after the other.
std::vector<Isa> known_isas();

/// What require_isa takes: "auto", then the names of all sets.
std::vector<std::string> isa_choices();

/// The last set with a name whose features this processor and operating system all support.
Isa detected_isa();

/// What computes where nobody says what should: detected_isa(), unless tests set something else
/// before anything else is called.
Isa default_isa();
void set_default_isa(Isa isa);

/// Every set with a name that this processor can run, slowest first.
std::vector<Isa> supported_isas();

/// The set with this name; "auto" or an empty name gives default_isa(). Throws ConfigError for
/// a name that is not known, Unsupported for features this processor lacks.
Isa require_isa(std::string_view name);

/// Model name of the processor, as the operating system reports it in /proc/cpuinfo.
std::string cpu_name();
std::string cpu_name(std::istream& cpuinfo);

/// Threads to use when the user does not say: one per physical core that this process may run
/// on, small cores aside (processor_cores.h), at most what the container's CPU quota allows, at
/// least 1.
int default_threads();

}  // namespace pangu
