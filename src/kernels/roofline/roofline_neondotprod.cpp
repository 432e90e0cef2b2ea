// SPDX-License-Identifier: Apache-2.0
#include <arm_neon.h>

#include "kernels/roofline/roofline_simd.h"

namespace pangu::kernels {
namespace {

struct ByteDots {
  using Reg = int32x4_t;
  static constexpr int kProducts = 16;
  PANGU_INLINE static Reg zero() { return vdupq_n_s32(0); }
  PANGU_INLINE static Reg ones() { return vdupq_n_s32(0x01010101); }
  PANGU_INLINE static Reg madd(Reg sum, Reg x) {
    return vdotq_s32(sum, vreinterpretq_s8_s32(x), vreinterpretq_s8_s32(x));
  }
  PANGU_INLINE static Reg add(Reg a, Reg b) { return vaddq_s32(a, b); }
  PANGU_INLINE static int first(Reg x) { return vgetq_lane_s32(x, 0); }
};

}  // namespace

double spin_int8_neondotprod(std::int64_t steps) {
  return spin_int8<ByteDots>(steps);
}

}  // namespace pangu::kernels
