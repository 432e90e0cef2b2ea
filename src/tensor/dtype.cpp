// SPDX-License-Identifier: Apache-2.0
#include "tensor/dtype.h"

#include <array>
#include <cctype>
#include <cstring>
#include <string>

namespace pangu {
namespace {

struct Row {
  DType dtype;
  std::string_view name;
  std::size_t bytes;
};

constexpr std::array kTable{Row{DType::kF64, "f64", 8}, Row{DType::kF32, "f32", 4},
                            Row{DType::kF16, "f16", 2}, Row{DType::kBF16, "bf16", 2},
                            Row{DType::kI64, "i64", 8}, Row{DType::kI32, "i32", 4},
                            Row{DType::kI16, "i16", 2}, Row{DType::kI8, "i8", 1},
                            Row{DType::kU8, "u8", 1},   Row{DType::kBool, "bool", 1}};

const Row& row(DType dtype) {
  return kTable[static_cast<std::size_t>(dtype)];
}

}  // namespace

std::size_t size_bytes(DType dtype) {
  return row(dtype).bytes;
}

std::string_view name(DType dtype) {
  return row(dtype).name;
}

std::optional<DType> parse_dtype(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const Row& r : kTable) {
    if (r.name == lower) return r.dtype;
  }
  return std::nullopt;
}

f16 to_f16(float x) {
  const auto u = std::bit_cast<std::uint32_t>(x);
  const auto sign = static_cast<std::uint16_t>(u >> 16 & 0x8000u);
  const std::uint32_t magnitude = u & 0x7FFFFFFFu;
  if (magnitude > 0x7F800000u) return {static_cast<std::uint16_t>(sign | 0x7E00u)};
  if (magnitude >= 0x477FF000u) return {static_cast<std::uint16_t>(sign | 0x7C00u)};
  if (magnitude < 0x38800000u) {
    // Subnormal: adding 0.5 leaves the rounded multiple of 2^-24 in the low mantissa bits.
    const float shifted = std::bit_cast<float>(magnitude) + 0.5f;
    return {
        static_cast<std::uint16_t>(sign | (std::bit_cast<std::uint32_t>(shifted) - 0x3F000000u))};
  }
  const std::uint32_t rounded = magnitude + 0xFFFu + (magnitude >> 13 & 1u);
  return {static_cast<std::uint16_t>(sign | ((rounded >> 13) - (112u << 10)))};
}

}  // namespace pangu
