// SPDX-License-Identifier: Apache-2.0
// Element types, their names, and exact conversion between the float types.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <string_view>

#include "pangu/dtype.h"

namespace pangu {

/// The type with this name in lower or upper case ("bf16", "BF16"), if there is one.
std::optional<DType> parse_dtype(std::string_view name);

/// A bfloat16 as it lies in memory: the upper half of an f32.
struct bf16 {
  std::uint16_t bits;
};
/// An IEEE binary16 as it lies in memory.
struct f16 {
  std::uint16_t bits;
};

inline float to_f32(float x) {
  return x;
}

inline float to_f32(bf16 x) {
  return std::bit_cast<float>(std::uint32_t{x.bits} << 16);
}

inline float to_f32(f16 x) {
  const std::uint32_t sign = (x.bits & 0x8000u) << 16;
  const std::uint32_t exponent = x.bits >> 10 & 0x1Fu;
  const std::uint32_t mantissa = x.bits & 0x3FFu;
  if (exponent == 0x1F) return std::bit_cast<float>(sign | 0x7F800000u | mantissa << 13);
  if (exponent != 0) return std::bit_cast<float>(sign | (exponent + 112) << 23 | mantissa << 13);
  const float subnormal = static_cast<float>(mantissa) * 0x1p-24f;
  return sign ? -subnormal : subnormal;
}

/// Rounds to nearest even; a NaN stays a quiet NaN.
inline bf16 to_bf16(float x) {
  const auto u = std::bit_cast<std::uint32_t>(x);
  if ((u & 0x7FFFFFFFu) > 0x7F800000u) return {static_cast<std::uint16_t>(u >> 16 | 0x40u)};
  return {static_cast<std::uint16_t>((u + 0x7FFFu + (u >> 16 & 1u)) >> 16)};
}

/// Rounds to nearest even; values past the range become infinite.
f16 to_f16(float x);

/// Converts `to = from` for one element of the given storage type.
template <class T>
T from_f32(float x);
template <>
inline float from_f32<float>(float x) {
  return x;
}
template <>
inline bf16 from_f32<bf16>(float x) {
  return to_bf16(x);
}
template <>
inline f16 from_f32<f16>(float x) {
  return to_f16(x);
}

}  // namespace pangu
