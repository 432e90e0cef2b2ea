// SPDX-License-Identifier: Apache-2.0
// Products in AMX tiles: bf16 activations with weights that become bf16, sixteen times as many a
// cycle as in f32, and int8 activations with w8a8 and w4a8. Those are exact until they are scaled,
// and scaled as with VNNI: where there are few rows, its kernels give the same bits sooner.
#include "kernels/linear/linear_amx_tiles.h"
#include "kernels/linear/linear_bf16_codes.h"
#include "quant/w4_panel.h"

namespace pangu::kernels {
namespace {

struct Bf16Products {
  using Dot = Bf16Pairs;
  static constexpr int64_t kBytes = 2;
  PANGU_INLINE static __m512 to_f32(__m512 sum) { return sum; }
  PANGU_INLINE static __m512 total(const LinearInput&, int64_t, __m512 sum) { return sum; }
  PANGU_INLINE static __m512 scaled(const LinearInput&, int64_t, __m512 sum, __m512 w_scale) {
    return V512::mul(sum, w_scale);
  }
};

/// int8 activations; the sums are int32, as bits.
template <class Dot_, int Offset>
struct ByteProducts {
  using Dot = Dot_;
  using V = V512;
  static constexpr int64_t kBytes = 1;
  PANGU_INLINE static __m512 to_f32(__m512 sum) { return V::to_float(V::as_int(sum)); }
  PANGU_INLINE static __m512 total(const LinearInput& in, int64_t row, __m512 sum) {
    return V::mul(sum, V::set1(in.scales[row]));
  }
  PANGU_INLINE static __m512 scaled(const LinearInput& in, int64_t row, __m512 sum,
                                    __m512 w_scale) {
    const auto offset = V::set1_int(in.code_sums[row] * Offset);
    const auto exact = V::to_float(V::sub(V::as_int(sum), offset));
    return V::mul(exact, V::mul(w_scale, V::set1(in.scales[row])));
  }
};

/// Nibbles less 8, eight inputs in the order of panel words (linear_input.h).
struct SignedNibbles {
  static constexpr int kUnit = 8;
  static constexpr int64_t kUnitBytes = kPanelRows * 4;
  using Unit = __m512i;
  PANGU_INLINE Unit load(const std::byte* unit, int64_t lane) const {
    return _mm512_loadu_si512(unit + lane * 4);
  }
  PANGU_INLINE __m512 operand(Unit words, int half) const {
    const __m512i nibbles =
        _mm512_and_si512(half == 0 ? words : _mm512_srli_epi16(words, 4), _mm512_set1_epi8(0xF));
    return _mm512_castsi512_ps(_mm512_sub_epi8(nibbles, _mm512_set1_epi8(kNibbleZero)));
  }
};

using SignedByteProducts = ByteProducts<SignedBytes, 0>;
using OffsetByteProducts = ByteProducts<UnsignedBytes, kW8A8Offset>;

/// From so many rows on tiles are faster than VNNI.
constexpr int64_t kTileFrom = 16;

template <class Products, class Codes, class Format>
void many_rows(const LinearArgs& args, const LinearInput& in, int64_t first, int64_t last) {
  if (args.rows >= kTileFrom)
    return AmxLinear<Products, Codes, Format>::panels(args, in, first, last);
  kLinearAvx512Vnni.at[static_cast<std::size_t>(args.format)][0].fn(args, in, first, last);
}

constexpr LinearVariants make_table() {
  LinearVariants t{};
  using F = WeightFormat;
  const auto set = [&](F format, int x, LinearPanels* fn, InputForm form, bool sums = false) {
    t.at[static_cast<std::size_t>(format)][x] = {fn, form, sums, true};
  };
  const auto set_bf16 = [&]<class Codes, class Format>(F format) {
    set(format, 1, &AmxLinear<Bf16Products, Codes, Format>::panels, InputForm::kBF16,
        Format::kOffset);
  };
  using Nibbles = DotNibbles<kNibbleZero>;
  set_bf16.operator()<StoredBf16, Unscaled<StoredBf16>>(F::kBF16);
  set_bf16.operator()<DotBytes, PerOutput>(F::kW8A16);
  set_bf16.operator()<DotBytes, GroupsOf32>(F::kQ8_0);
  for (const F f : {F::kW4A16G32, F::kW4A16G64, F::kW4A16G128, F::kQ4_0, F::kQ4_0_64}) {
    set_bf16.operator()<Nibbles, NibbleGroups<false>>(f);
  }
  for (const F f : {F::kW4A16G32Asym, F::kW4A16G64Asym, F::kW4A16G128Asym}) {
    set_bf16.operator()<Nibbles, NibbleGroups<true>>(f);
  }
  set_bf16.operator()<DotNibbles<0>, Q4_KGroups>(F::kQ4_K);
  set_bf16.operator()<DotSixBits, Q6_KGroups>(F::kQ6_K);
  for (const int x : {0, 1}) {
    set(F::kW8A8, x, &many_rows<OffsetByteProducts, StoredWords<4>, PerOutput>, InputForm::kInt8);
    for (const F f : {F::kW4A8G32, F::kW4A8G64, F::kW4A8G128}) {
      set(f, x, &many_rows<SignedByteProducts, SignedNibbles, NibbleGroups<false>>,
          InputForm::kInt8Words);
    }
  }
  return t;
}

}  // namespace

constinit const LinearVariants kLinearAmx = make_table();

}  // namespace pangu::kernels
