// SPDX-License-Identifier: Apache-2.0
// What the kernels of w8a8 and w4a8 share on Arm. Included only by *_neon*.cpp files.
#pragma once

#include "kernels/linear/linear_w4a8.h"
#include "kernels/linear/linear_w8a8.h"
#include "kernels/simd/neon.h"

namespace pangu::kernels {
namespace {

/// Four codes of one row in every lane.
PANGU_INLINE int8x16_t four_codes(const std::int8_t* x) {
  std::int32_t four;
  __builtin_memcpy(&four, x, sizeof(four));
  return vreinterpretq_s8_s32(vdupq_n_s32(four));
}

/// Weights of w8a8 are stored as code + 128.
PANGU_INLINE int8x16_t signed_codes(const std::byte* w) {
  const uint8x16_t stored = vld1q_u8(reinterpret_cast<const uint8_t*>(w));
  return vreinterpretq_s8_u8(veorq_u8(stored, vdupq_n_u8(0x80)));
}

/// The row of w8a8 in the table of one instruction set.
constexpr void add_w8a8_kernels(LinearVariants& table, LinearPanels* fn) {
  for (LinearKernel& kernel : table.at[static_cast<std::size_t>(WeightFormat::kW8A8)]) {
    kernel = {fn, InputForm::kInt8, false};
  }
}

}  // namespace
}  // namespace pangu::kernels
