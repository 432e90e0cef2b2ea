// SPDX-License-Identifier: Apache-2.0
// w8a8 and w4a8 with SDOT: four products to a lane and instruction.
#include "kernels/linear/linear_neon_int8.h"
#include "kernels/simd/neon_codes.h"

namespace pangu::kernels {
namespace {

PANGU_INLINE int32x4_t dot_bytes(int32x4_t sum, uint8x16_t w, uint8x16_t x) {
  return vdotq_s32(sum, vreinterpretq_s8_u8(w), vreinterpretq_s8_u8(x));
}

struct DotMath {
  using V = V128;
  using Reg = int32x4_t;
  static constexpr int kLanes = 4;
  PANGU_INLINE static Reg zero() { return vdupq_n_s32(0); }
  PANGU_INLINE static Reg load(const std::byte* w) { return vreinterpretq_s32_s8(signed_codes(w)); }
  PANGU_INLINE static Reg x_at(const std::int8_t* x) { return vreinterpretq_s32_s8(four_codes(x)); }
  PANGU_INLINE static Reg madd(Reg sum, Reg w, Reg x) {
    return vdotq_s32(sum, vreinterpretq_s8_s32(w), vreinterpretq_s8_s32(x));
  }
  PANGU_INLINE static float32x4_t to_f32(Reg sum, std::int32_t) { return vcvtq_f32_s32(sum); }
};

/// Nibbles are signed bytes as they are.
struct DotNibbles {
  using V = V128;
  using Sum = int32x4_t;
  using Nibbles = NibbleBytes;
  PANGU_INLINE static Sum set1(std::int32_t x) { return vdupq_n_s32(x); }
  PANGU_INLINE static Nibbles load(const std::byte* w) { return load_nibbles(w); }
  PANGU_INLINE static Nibbles x_at(const std::int8_t* x) {
    return {vreinterpretq_u8_s8(four_codes(x)), vreinterpretq_u8_s8(four_codes(x + 4))};
  }
  PANGU_INLINE static Sum madd(Sum sum, const Nibbles& w, const Nibbles& x) {
    return dot_bytes(dot_bytes(sum, w.low, x.low), w.high, x.high);
  }
  PANGU_INLINE static float32x4_t to_f32(Sum sum) { return vcvtq_f32_s32(sum); }
};

constexpr LinearVariants make_table() {
  LinearVariants t{};
  add_w8a8_kernels<W8A8Linear<DotMath, 1, 16>, W8A8Linear<DotMath, 5, 4>>(t);
  add_w4a8_kernels<W4A8Linear<DotNibbles, 1, 8>, W4A8Linear<DotNibbles, 4, 2>>(t);
  return t;
}

}  // namespace

constinit const LinearVariants kLinearNeonDotProd = make_table();

}  // namespace pangu::kernels
