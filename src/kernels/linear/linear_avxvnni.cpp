// SPDX-License-Identifier: Apache-2.0
// w8a8 and w4a8 with AVX-VNNI, on processors that have it but no AVX-512: four products to a lane
// and instruction, exact in int32, where AVX2 widens bytes or adds in int16 first.
#include "kernels/linear/linear_w4a8.h"
#include "kernels/linear/linear_w8a8.h"
#include "kernels/simd/avx2.h"
#include "kernels/simd/avxvnni.h"

namespace pangu::kernels {
namespace {

/// Four codes of one row in every lane.
PANGU_INLINE __m256i four_codes(const std::int8_t* x) {
  return _mm256_castps_si256(V256::broadcast(x));
}

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
struct AvxVnniNibbles {
  using V = V256;
  using Sum = __m256i;
  using Part = Sum;
  struct Nibbles {
    __m256i low, high;
  };
  using X = Nibbles;
  static constexpr int kPartInputs = 32;
  PANGU_INLINE static Sum times_minus_8(const std::int32_t* x) {
    return V::set1_int(-kNibbleZero * *x);
  }
  PANGU_INLINE static Nibbles load(const std::byte* w) {
    const __m256i words = V::load_int(w), mask = _mm256_set1_epi8(0xF);
    return {_mm256_and_si256(words, mask), _mm256_and_si256(_mm256_srli_epi16(words, 4), mask)};
  }
  PANGU_INLINE static void store(std::byte* to, const Nibbles& w) {
    _mm256_store_si256(reinterpret_cast<__m256i*>(to), w.low);
    _mm256_store_si256(reinterpret_cast<__m256i*>(to + sizeof(w.low)), w.high);
  }
  PANGU_INLINE static Nibbles load_unpacked(const std::byte* w) {
    return {V::load_int(w), V::load_int(w + sizeof(__m256i))};
  }
  PANGU_INLINE static X x_at(const std::int8_t* x) { return {four_codes(x), four_codes(x + 4)}; }
  PANGU_INLINE static Part begin_part(Sum sum) { return sum; }
  PANGU_INLINE static Sum end_part(Sum, Part part) { return part; }
  PANGU_INLINE static Part madd(Part sum, const Nibbles& w, const X& x) {
    return dot_bytes(dot_bytes(sum, w.low, x.low), w.high, x.high);
  }
  PANGU_INLINE static __m256 to_f32(Sum sum) { return V::to_float(sum); }
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
