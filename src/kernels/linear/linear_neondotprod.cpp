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
  using Code = std::int8_t;
  using Sum = int32x4_t;
  using Weights = int8x16_t;
  using X = int8x16_t;
  static constexpr int kOffset = 0;
  static const Code* codes(const LinearInput& in) { return static_cast<const Code*>(in.x); }
  PANGU_INLINE static Sum zero() { return vdupq_n_s32(0); }
  PANGU_INLINE static Weights load(const std::byte* w) { return signed_codes(w); }
  PANGU_INLINE static X x_at(const std::int8_t* x) { return four_codes(x); }
  PANGU_INLINE static Sum madd(Sum sum, Weights w, X x) { return vdotq_s32(sum, w, x); }
  PANGU_INLINE static int32x4_t reduce(Sum sum) { return sum; }
};

/// Nibbles are signed bytes as they are.
struct DotNibbles {
  using V = V128;
  using Sum = int32x4_t;
  using Part = Sum;
  using Nibbles = NibbleBytes;
  using X = NibbleBytes;
  static constexpr int kPartInputs = 32;
  PANGU_INLINE static Sum times_minus_8(const std::int32_t* x) {
    return vdupq_n_s32(-kNibbleZero * *x);
  }
  PANGU_INLINE static Part begin_part(Sum sum) { return sum; }
  PANGU_INLINE static Sum end_part(Sum, Part part) { return part; }
  PANGU_INLINE static Nibbles load(const std::byte* w) { return load_nibbles(w); }
  PANGU_INLINE static X x_at(const std::int8_t* x) {
    return {vreinterpretq_u8_s8(four_codes(x)), vreinterpretq_u8_s8(four_codes(x + 4))};
  }
  PANGU_INLINE static Part madd(Part sum, const Nibbles& w, const X& x) {
    return dot_bytes(dot_bytes(sum, w.low, x.low), w.high, x.high);
  }
  PANGU_INLINE static float32x4_t to_f32(Sum sum) { return vcvtq_f32_s32(sum); }
};

constexpr IntTiling kByteTiling{.sums = 20, .rows = 5, .together = 2, .strip_inputs = 128};
constexpr IntTiling kNibbleTiling{.sums = 8, .rows = 4, .together = 2};

constexpr LinearVariants make_table() {
  LinearVariants t{};
  add_w8a8_kernels(t, &W8A8Linear<DotMath, kByteTiling>::panels);
  add_w4a8_kernels<DotNibbles, kNibbleTiling>(t);
  return t;
}

}  // namespace

constinit const LinearVariants kLinearNeonDotProd = make_table();

}  // namespace pangu::kernels
