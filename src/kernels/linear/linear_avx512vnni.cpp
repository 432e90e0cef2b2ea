// SPDX-License-Identifier: Apache-2.0
// w8a8 with VNNI: four products to a lane and instruction, four times what f32 does.
#include "kernels/linear/linear_w8a8.h"
#include "kernels/simd/avx512.h"
#include "kernels/simd/vnni.h"

namespace pangu::kernels {
namespace {

/// u8 weights times s8 activations.
struct VnniMath {
  using V = V512;
  using Reg = __m512i;
  static constexpr int kLanes = 16;
  PANGU_INLINE static Reg zero() { return _mm512_setzero_si512(); }
  PANGU_INLINE static Reg load(const std::byte* w) { return _mm512_loadu_si512(w); }
  PANGU_INLINE static Reg x_at(const std::int8_t* x) {
    int four;
    __builtin_memcpy(&four, x, sizeof(four));
    return _mm512_set1_epi32(four);
  }
  PANGU_INLINE static Reg madd(Reg sum, Reg w, Reg x) { return dot_bytes(sum, w, x); }
  PANGU_INLINE static __m512 to_f32(Reg sum, std::int32_t minus) {
    return _mm512_cvtepi32_ps(_mm512_sub_epi32(sum, _mm512_set1_epi32(minus)));
  }
};

constexpr LinearVariants make_table() {
  LinearVariants t{};
  for (auto& kernel : t.at[static_cast<std::size_t>(WeightFormat::kW8A8)]) {
    kernel = {&W8A8Linear<VnniMath, 6, 4>::panels, InputForm::kInt8, false};
  }
  return t;
}

}  // namespace

constinit const LinearVariants kLinearAvx512Vnni = make_table();

}  // namespace pangu::kernels
