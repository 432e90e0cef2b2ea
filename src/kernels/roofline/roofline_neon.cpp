// SPDX-License-Identifier: Apache-2.0
#include "kernels/roofline/roofline_simd.h"
#include "kernels/simd/neon.h"

namespace pangu::kernels {
namespace {

/// Products of bytes in int16, two of them added there, and pairs of such sums to int32: what the
/// kernels of w4a8 do. Those of w8a8 add none in int16.
struct ByteMath {
  using Reg = int8x16_t;
  static constexpr int kProducts = 16;
  PANGU_INLINE static Reg zero() { return vdupq_n_s8(0); }
  PANGU_INLINE static Reg ones() { return vdupq_n_s8(1); }
  PANGU_INLINE static Reg madd(Reg sum, Reg x) {
    const int16x8_t pairs = vmlal_high_s8(vmull_s8(vget_low_s8(x), vget_low_s8(x)), x, x);
    return vreinterpretq_s8_s32(vpadalq_s16(vreinterpretq_s32_s8(sum), pairs));
  }
  PANGU_INLINE static Reg add(Reg a, Reg b) { return vaddq_s8(a, b); }
  PANGU_INLINE static int first(Reg x) { return vgetq_lane_s8(x, 0); }
};

}  // namespace

std::uint64_t read_all_neon(const std::byte* data, std::size_t bytes) {
  uint8x16_t sum[4] = {vdupq_n_u8(0), vdupq_n_u8(0), vdupq_n_u8(0), vdupq_n_u8(0)};
  for (std::size_t i = 0; i + 64 <= bytes; i += 64) {
    const auto* p = reinterpret_cast<const uint8_t*>(data + i);
    PANGU_UNROLL
    for (int j = 0; j < 4; ++j) sum[j] = veorq_u8(sum[j], vld1q_u8(p + j * 16));
  }
  const uint8x16_t all = veorq_u8(veorq_u8(sum[0], sum[1]), veorq_u8(sum[2], sum[3]));
  const uint64x2_t words = vreinterpretq_u64_u8(all);
  return vgetq_lane_u64(words, 0) ^ vgetq_lane_u64(words, 1);
}

double spin_f32_neon(std::int64_t steps) {
  return spin_f32<V128>(steps);
}

double spin_int8_neon(std::int64_t steps) {
  return spin_int8<ByteMath>(steps);
}

}  // namespace pangu::kernels
