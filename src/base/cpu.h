// SPDX-License-Identifier: Apache-2.0
// What this processor can do: instruction sets for kernel dispatch, and how many threads to use.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pangu {

/// Levels of instruction sets that kernels are written for, lowest first. Each includes those
/// before it: kAvx512 is F, BW, DQ and VL (Skylake-SP); kAvx512Vnni adds VNNI (Cascade Lake, Ice
/// Lake); kAvx512Bf16 adds BF16 and VBMI (AMD from Zen 4, Intel from Sapphire Rapids).
enum class Isa { kRef, kAvx2, kAvx512, kAvx512Vnni, kAvx512Bf16 };

/// "ref", "avx2", "avx512", "avx512vnni", "avx512bf16".
std::string_view name(Isa isa);

/// The best level this processor and operating system support.
Isa detected_isa();

/// Every level this processor can run, lowest first.
std::vector<Isa> supported_isas();

/// The level with this name; "auto" or an empty name gives detected_isa(). Throws ConfigError for
/// a name that is not known, Unsupported for a level this processor lacks.
Isa require_isa(std::string_view name);

/// Model name of the processor, as the operating system reports it.
std::string cpu_name();

/// Threads to use when the user does not say: one per physical core that this process may run
/// on, at most what the container's CPU quota allows, at least 1.
int default_threads();

}  // namespace pangu
