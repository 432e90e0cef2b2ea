// SPDX-License-Identifier: Apache-2.0
// Linear kernels that multiply in f32 with NEON, and in int16 for w8a8 and w4a8.
#include "kernels/linear/linear_codes.h"
#include "kernels/linear/linear_fma.h"
#include "kernels/linear/linear_input_simd.h"
#include "kernels/linear/linear_neon_int8.h"
#include "kernels/simd/neon_codes.h"

namespace pangu::kernels {
namespace {

/// 8-bit codes.
class NeonBytes {
 public:
  static constexpr int kUnit = 4;
  static constexpr int64_t kUnitBytes = kUnit * kPanelRows;
  static constexpr float kScale = 1;
  using Unit = uint8x16_t;
  PANGU_INLINE Unit load(const std::byte* unit, int64_t lane) const {
    return load_bytes(unit + lane * kUnit);
  }
  PANGU_INLINE float32x4_t operand(Unit codes, int i) const { return byte_code_f32(codes, i); }
};

/// 4-bit codes.
template <int Zero>
class NeonNibbles {
 public:
  static constexpr int kUnit = 8;
  static constexpr int64_t kUnitBytes = kUnit * kPanelRows / 2;
  static constexpr float kScale = 1;
  using Unit = NibbleBytes;
  PANGU_INLINE Unit load(const std::byte* unit, int64_t lane) const {
    const Unit codes = load_nibbles(unit + lane * 4);
    if constexpr (Zero == 0) return codes;
    return {vsubq_u8(codes.low, vdupq_n_u8(Zero)), vsubq_u8(codes.high, vdupq_n_u8(Zero))};
  }
  PANGU_INLINE float32x4_t operand(const Unit& codes, int i) const {
    return nibble_code_f32(codes, i);
  }
};

/// 6-bit codes in two planes.
class NeonSixBits {
 public:
  static constexpr int kUnit = 16;
  static constexpr int64_t kUnitBytes = Q6_KPanel::kGroupBytes;
  static constexpr float kScale = 1;
  struct Unit {
    uint32x4_t low[2], high;
  };
  PANGU_INLINE Unit load(const std::byte* unit, int64_t lane) const {
    return {{words(unit + lane * 4), words(unit + kPanelRows * 4 + lane * 4)},
            // The sign of every code turned over, which subtracts 32.
            veorq_u32(words(unit + Q6_KPanel::kHighBits + lane * 4), vdupq_n_u32(0xAAAAAAAAu))};
  }
  PANGU_INLINE float32x4_t operand(const Unit& u, int i) const {
    // All six bits at the top of the lane, all others cut off.
    const int32x4_t up_high = vdupq_n_s32(30 - (i / 2 * 2 + i % 2 * 16));
    const int32x4_t up_low = vdupq_n_s32(28 - nibble_shift(i));
    const uint32x4_t both =
        vsriq_n_u32(vshlq_u32(u.high, up_high), vshlq_u32(u.low[i / 8], up_low), 2);
    return vcvtq_n_f32_s32(vreinterpretq_s32_u32(vandq_u32(both, vdupq_n_u32(0xFC000000u))), 26);
  }

 private:
  PANGU_INLINE static uint32x4_t words(const std::byte* p) {
    return vreinterpretq_u32_u8(load_bytes(p));
  }
};

/// Products in int16, which hold the sum of two of them: two partial sums for each of four outputs.
struct WideMath {
  using V = V128;
  static constexpr int kLanes = 4;
  struct Reg {
    int32x4_t low, high;  ///< of outputs 0, 1 and 2, 3; bytes are the same in both
  };
  PANGU_INLINE static Reg zero() { return {vdupq_n_s32(0), vdupq_n_s32(0)}; }
  PANGU_INLINE static Reg load(const std::byte* w) {
    const int32x4_t codes = vreinterpretq_s32_s8(signed_codes(w));
    return {codes, codes};
  }
  PANGU_INLINE static Reg x_at(const std::int8_t* x) {
    const int32x4_t codes = vreinterpretq_s32_s8(four_codes(x));
    return {codes, codes};
  }
  PANGU_INLINE static Reg madd(Reg sum, Reg w, Reg x) {
    const int8x16_t codes = vreinterpretq_s8_s32(w.low), xs = vreinterpretq_s8_s32(x.low);
    return {vpadalq_s16(sum.low, vmull_s8(vget_low_s8(codes), vget_low_s8(xs))),
            vpadalq_s16(sum.high, vmull_high_s8(codes, xs))};
  }
  PANGU_INLINE static float32x4_t to_f32(Reg sum, std::int32_t) {
    return vcvtq_f32_s32(vpaddq_s32(sum.low, sum.high));
  }
};

/// Nibbles times activations: two products of at most 15 * 127 are added in int16.
struct WideNibbles {
  using V = V128;
  struct Sum {
    int32x4_t low, high;
  };
  using Nibbles = NibbleBytes;
  PANGU_INLINE static Sum set1(std::int32_t x) {
    const int32x4_t once = vreinterpretq_s32_u64(vdupq_n_u64(static_cast<std::uint32_t>(x)));
    return {once, once};
  }
  PANGU_INLINE static Nibbles load(const std::byte* w) { return load_nibbles(w); }
  PANGU_INLINE static Nibbles x_at(const std::int8_t* x) {
    return {vreinterpretq_u8_s8(four_codes(x)), vreinterpretq_u8_s8(four_codes(x + 4))};
  }
  PANGU_INLINE static Sum madd(const Sum& sum, const Nibbles& w, const Nibbles& x) {
    const int8x16_t low = vreinterpretq_s8_u8(w.low), high = vreinterpretq_s8_u8(w.high);
    const int8x16_t x_low = vreinterpretq_s8_u8(x.low), x_high = vreinterpretq_s8_u8(x.high);
    const int16x8_t first = vmlal_s8(vmull_s8(vget_low_s8(low), vget_low_s8(x_low)),
                                     vget_low_s8(high), vget_low_s8(x_high));
    const int16x8_t second = vmlal_high_s8(vmull_high_s8(low, x_low), high, x_high);
    return {vpadalq_s16(sum.low, first), vpadalq_s16(sum.high, second)};
  }
  PANGU_INLINE static float32x4_t to_f32(const Sum& sum) {
    return vcvtq_f32_s32(vpaddq_s32(sum.low, sum.high));
  }
};

constexpr LinearVariants make_table() {
  LinearVariants t{};
  add_float_kernels<V128, 6, 4, 8>(t);
  add_half_kernels<V128, 6, 4, 3>(t);
  for (const int x : {0, 1}) {
    add_code_kernels<FmaMath<V128>, NeonBytes, NeonNibbles<8>, NeonNibbles<0>, NeonSixBits, 6, 4,
                     3>(t, x, InputForm::kF32);
  }
  add_w8a8_kernels<W8A8Linear<WideMath, 1, 8>, W8A8Linear<WideMath, 2, 4>>(t);
  add_w4a8_kernels<W4A8Linear<WideNibbles, 1, 4>, W4A8Linear<WideNibbles, 3, 2>>(t);
  return t;
}

}  // namespace

constinit const LinearVariants kLinearNeon = make_table();

float quantize_row_neon(const float* x, int64_t k, int64_t n, std::int8_t* codes,
                        std::int32_t& sum) {
  return quantize_row<V128>(x, k, n, codes, sum);
}

}  // namespace pangu::kernels
