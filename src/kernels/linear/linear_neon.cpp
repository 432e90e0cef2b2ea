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
  using Code = std::int8_t;
  using Weights = int8x16_t;
  using X = int8x16_t;
  struct Sum {
    int32x4_t low, high;  ///< of outputs 0, 1 and 2, 3
  };
  static constexpr int kOffset = 0;
  static const Code* codes(const LinearInput& in) { return static_cast<const Code*>(in.x); }
  PANGU_INLINE static Sum zero() { return {vdupq_n_s32(0), vdupq_n_s32(0)}; }
  PANGU_INLINE static Weights load(const std::byte* w) { return signed_codes(w); }
  PANGU_INLINE static X x_at(const std::int8_t* x) { return four_codes(x); }
  PANGU_INLINE static Sum madd(const Sum& sum, Weights w, X x) {
    return {vpadalq_s16(sum.low, vmull_s8(vget_low_s8(w), vget_low_s8(x))),
            vpadalq_s16(sum.high, vmull_high_s8(w, x))};
  }
  PANGU_INLINE static int32x4_t reduce(const Sum& sum) { return vpaddq_s32(sum.low, sum.high); }
};

/// Nibbles times activations: two products of at most 15 * 127 are added in int16.
struct WideNibbles {
  using V = V128;
  struct Sum {
    int32x4_t low, high;
  };
  using Part = Sum;
  using Nibbles = NibbleBytes;
  using X = NibbleBytes;
  static constexpr int kPartInputs = 32;
  PANGU_INLINE static Sum times_minus_8(const std::int32_t* x) {
    const auto offset = static_cast<std::uint32_t>(-kNibbleZero * *x);
    const int32x4_t once = vreinterpretq_s32_u64(vdupq_n_u64(offset));
    return {once, once};
  }
  PANGU_INLINE static Part begin_part(const Sum& sum) { return sum; }
  PANGU_INLINE static Sum end_part(const Sum&, const Part& part) { return part; }
  PANGU_INLINE static Nibbles load(const std::byte* w) { return load_nibbles(w); }
  PANGU_INLINE static X x_at(const std::int8_t* x) {
    return {vreinterpretq_u8_s8(four_codes(x)), vreinterpretq_u8_s8(four_codes(x + 4))};
  }
  PANGU_INLINE static Part madd(const Part& sum, const Nibbles& w, const X& x) {
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

constexpr Tiling kTiling{
    .sums = 16, .together = 2, .direct_rows = 6, .rows = 6, .vectors = 4, .block_inputs = 256};
constexpr IntTiling kByteTiling{.sums = 8, .rows = 4, .together = 1, .strip_inputs = 128};
constexpr IntTiling kNibbleTiling{.sums = 6, .rows = 3, .together = 1};

constexpr LinearVariants make_table() {
  LinearVariants t{};
  add_float_kernels<V128, kTiling>(t);
  for (const int x : {0, 1}) {
    add_code_kernels<FmaMath<V128>, NeonBytes, NeonNibbles<8>, NeonNibbles<0>, NeonSixBits,
                     kTiling>(t, x, InputForm::kF32);
  }
  add_w8a8_kernels(t, &W8A8Linear<WideMath, kByteTiling>::panels);
  add_w4a8_kernels<WideNibbles, kNibbleTiling>(t);
  return t;
}

}  // namespace

constinit const LinearVariants kLinearNeon = make_table();

float quantize_row_neon(const float* x, int64_t k, int64_t n, std::int8_t* codes,
                        std::int32_t& sum) {
  return quantize_row<V128>(x, k, n, codes, sum);
}

}  // namespace pangu::kernels
