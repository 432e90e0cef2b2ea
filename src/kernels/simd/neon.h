// SPDX-License-Identifier: Apache-2.0
// Four f32 lanes with NEON; the same members as V256. Included only by *_neon*.cpp files.
#pragma once

#include <arm_neon.h>

#include <cstdint>

namespace pangu {
namespace {

struct V128 {
  using Reg = float32x4_t;
  static constexpr int kLanes = 4;

  static Reg zero() { return vdupq_n_f32(0.0f); }
  static Reg set1(float x) { return vdupq_n_f32(x); }
  static Reg broadcast(const float* p) { return vld1q_dup_f32(p); }
  static Reg load(const float* p) { return vld1q_f32(p); }
  static void store(float* p, Reg x) { vst1q_f32(p, x); }
  static Reg load_n(const float* p, int64_t n) {
    float part[4] = {};
    for (int64_t i = 0; i < n && i < 4; ++i) part[i] = p[i];
    return load(part);
  }
  static void store_n(float* p, Reg x, int64_t n) {
    float part[4];
    store(part, x);
    for (int64_t i = 0; i < n && i < 4; ++i) p[i] = part[i];
  }
  static Reg keep_first(Reg x, int64_t n, Reg y) {
    const std::int32_t lanes[4] = {0, 1, 2, 3};
    const std::int32_t count = n > 4 ? 4 : n < 0 ? 0 : static_cast<std::int32_t>(n);
    return vbslq_f32(vcltq_s32(vld1q_s32(lanes), vdupq_n_s32(count)), x, y);
  }

  static Reg add(Reg a, Reg b) { return vaddq_f32(a, b); }
  static Reg sub(Reg a, Reg b) { return vsubq_f32(a, b); }
  static Reg mul(Reg a, Reg b) { return vmulq_f32(a, b); }
  static Reg div(Reg a, Reg b) { return vdivq_f32(a, b); }
  static Reg fma(Reg a, Reg b, Reg c) { return vfmaq_f32(c, a, b); }
  static Reg fnma(Reg a, Reg b, Reg c) { return vfmsq_f32(c, a, b); }
  /// Compared and chosen: the instructions for it treat NaN in other ways than kernels expect.
  static Reg min(Reg a, Reg b) { return vbslq_f32(vcltq_f32(a, b), a, b); }
  static Reg max(Reg a, Reg b) { return vbslq_f32(vcgtq_f32(a, b), a, b); }
  static Reg round(Reg x) { return vrndnq_f32(x); }
  /// In two steps, so that results below the normal range come out as subnormals.
  static Reg scale(Reg x, Reg n) {
    const int32x4_t whole = vcvtnq_s32_f32(n);
    const int32x4_t half = vshrq_n_s32(whole, 1);
    return vmulq_f32(vmulq_f32(x, power_of_two(half)), power_of_two(vsubq_s32(whole, half)));
  }

  using Int = int32x4_t;  ///< four 32-bit integers
  static Int zero_int() { return vdupq_n_s32(0); }
  static Int set1_int(std::int32_t x) { return vdupq_n_s32(x); }
  static Int add(Int a, Int b) { return vaddq_s32(a, b); }
  static Int sub(Int a, Int b) { return vsubq_s32(a, b); }
  static Reg to_float(Int x) { return vcvtq_f32_s32(x); }
  static Int as_int(Reg x) { return vreinterpretq_s32_f32(x); }
  static Reg as_float(Int x) { return vreinterpretq_f32_s32(x); }

  static float sum(Reg x) { return vaddvq_f32(x); }
  static float max_of(Reg x) { return vmaxvq_f32(x); }

  static Reg load_bf16(const void* p) { return widen(vld1_u16(static_cast<const uint16_t*>(p))); }
  static Reg load_bf16_n(const void* p, int64_t n) {
    std::uint16_t part[4] = {};
    for (int64_t i = 0; i < n && i < 4; ++i) part[i] = static_cast<const std::uint16_t*>(p)[i];
    return load_bf16(part);
  }
  static Reg load_f16(const void* p) {
    return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(static_cast<const uint16_t*>(p))));
  }
  static Reg load_u8(const void* p) {
    return vcvtq_f32_u32(vmovl_u16(vget_low_u16(vmovl_u8(four_bytes(p)))));
  }
  static Reg load_i8(const void* p) {
    return vcvtq_f32_s32(vmovl_s16(vget_low_s16(vmovl_s8(vreinterpret_s8_u8(four_bytes(p))))));
  }
  static void store_i8(void* p, Reg x) {
    const int16x4_t words = vqmovn_s32(vcvtnq_s32_f32(x));
    const int8x8_t bytes = vqmovn_s16(vcombine_s16(words, words));
    const std::uint32_t four = vget_lane_u32(vreinterpret_u32_s8(bytes), 0);
    __builtin_memcpy(p, &four, sizeof(four));
  }
  static void store_bf16(void* p, Reg x) { vst1_u16(static_cast<uint16_t*>(p), round_to_bf16(x)); }
  static void store_bf16_n(void* p, Reg x, int64_t n) {
    std::uint16_t part[4];
    store_bf16(part, x);
    for (int64_t i = 0; i < n && i < 4; ++i) static_cast<std::uint16_t*>(p)[i] = part[i];
  }
  /// The lower and upper bf16 of each 32-bit word.
  static Reg low_half(Reg pairs) {
    return vreinterpretq_f32_u32(vshlq_n_u32(vreinterpretq_u32_f32(pairs), 16));
  }
  static Reg high_half(Reg pairs) {
    return vreinterpretq_f32_u32(vandq_u32(vreinterpretq_u32_f32(pairs), vdupq_n_u32(0xFFFF0000u)));
  }

 private:
  static uint8x8_t four_bytes(const void* p) {
    std::uint32_t four;
    __builtin_memcpy(&four, p, sizeof(four));
    return vreinterpret_u8_u32(vdup_n_u32(four));
  }
  static Reg power_of_two(int32x4_t n) {
    return vreinterpretq_f32_s32(vshlq_n_s32(vaddq_s32(n, vdupq_n_s32(127)), 23));
  }
  static Reg widen(uint16x4_t h) { return vreinterpretq_f32_u32(vshll_n_u16(h, 16)); }
  static uint16x4_t round_to_bf16(Reg x) {
    const uint32x4_t u = vreinterpretq_u32_f32(x);
    const uint32x4_t odd = vandq_u32(vshrq_n_u32(u, 16), vdupq_n_u32(1));
    const uint32x4_t rounded = vshrq_n_u32(vaddq_u32(vaddq_u32(u, vdupq_n_u32(0x7FFF)), odd), 16);
    const uint32x4_t quiet = vorrq_u32(vshrq_n_u32(u, 16), vdupq_n_u32(0x40));
    return vmovn_u32(vbslq_u32(vceqq_f32(x, x), rounded, quiet));
  }
};

}  // namespace
}  // namespace pangu
