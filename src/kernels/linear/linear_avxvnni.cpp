// SPDX-License-Identifier: Apache-2.0
// w8a8 and w4a8 with AVX-VNNI, on processors that have it but no AVX-512: four products to a lane
// and instruction, exact in int32, where AVX2 widens bytes or adds in int16 first.
#include "kernels/linear/linear_avx2_bytes.h"
#include "kernels/linear/linear_w4a8.h"
#include "kernels/linear/linear_w8a8.h"
#include "kernels/simd/avxvnni.h"

namespace pangu::kernels {
namespace {

/// u8 weights times s8 activations.
struct AvxVnniMath {
  using V = V256;
  using Code = std::int8_t;
  using Sum = __m256i;
  using Weights = __m256i;
  using X = __m256i;
  static constexpr int kOffset = kW8A8Offset;
  static const Code* codes(const LinearInput& in) { return static_cast<const Code*>(in.x); }
  PANGU_INLINE static Sum zero() { return V::zero_int(); }
  PANGU_INLINE static Weights load(const std::byte* w) { return V::load_int(w); }
  PANGU_INLINE static X x_at(const std::int8_t* x) { return four_codes(x); }
  PANGU_INLINE static Sum madd(Sum sum, Weights w, X x) { return dot_bytes(sum, w, x); }
  PANGU_INLINE static Sum reduce(Sum sum) { return sum; }
};

/// Nibbles times s8 activations.
struct AvxVnniNibbles : NibbleOperands {
  using Part = Sum;
  PANGU_INLINE static Sum times_minus_8(const std::int32_t* x) {
    return V::set1_int(-kNibbleZero * *x);
  }
  PANGU_INLINE static Part begin_part(Sum sum) { return sum; }
  PANGU_INLINE static Sum end_part(Sum, Part part) { return part; }
  PANGU_INLINE static Part madd(Part sum, const Nibbles& w, const X& x) {
    return dot_bytes(dot_bytes(sum, w.low, x.low), w.high, x.high);
  }
};

constexpr IntTiling kByteTiling{
    .sums = 12, .rows = 6, .together = 1, .strip_inputs = 128, .long_strip_inputs = 512};
constexpr IntTiling kNibbleTiling{.sums = 10,
                                  .rows = 5,
                                  .together = 1,
                                  .strip_inputs = 0,
                                  .block_from = 16,
                                  .block_rows = 6,
                                  .block_vectors = 2,
                                  .block_inputs = 512};

constexpr LinearVariants make_table() {
  LinearVariants t{};
  add_w4a8_kernels<AvxVnniNibbles, kNibbleTiling>(t);
  for (auto& kernel : t.at[static_cast<std::size_t>(WeightFormat::kW8A8)]) {
    kernel = {&W8A8Linear<AvxVnniMath, kByteTiling>::panels, InputForm::kInt8, false};
  }
  return t;
}

}  // namespace

constinit const LinearVariants kLinearAvxVnni = make_table();

}  // namespace pangu::kernels
