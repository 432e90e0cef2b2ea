// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace pangu {

/// What matrix products multiply: f32; pairs of bf16 summed in f32; int8 codes summed in int32.
enum class Arithmetic : std::uint8_t { kF32, kBF16, kInt8 };

/// "f32", "bf16", "int8".
constexpr std::string_view name(Arithmetic arithmetic) {
  constexpr std::string_view kNames[] = {"f32", "bf16", "int8"};
  return kNames[static_cast<std::size_t>(arithmetic)];
}

}  // namespace pangu
