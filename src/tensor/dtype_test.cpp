// SPDX-License-Identifier: Apache-2.0
#include "tensor/dtype.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <type_traits>

namespace pangu {
namespace {

TEST(DType, EveryF16SurvivesTheRoundTrip) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const f16 h{static_cast<std::uint16_t>(bits)};
    const float x = to_f32(h);
    if (std::isnan(x)) {
      EXPECT_TRUE(std::isnan(to_f32(to_f16(x))));
    } else {
      ASSERT_EQ(to_f16(x).bits, bits) << x;
    }
  }
}

#if defined(__aarch64__)
using Half = __fp16;  // g++ 12 has no _Float16 in C++ there
#elif defined(__FLT16_MAX__)
using Half = _Float16;
#else
using Half = void;  // clang 14 has none for processors without their arithmetic
#endif

template <class H>
void expect_conversion_of_compiler() {
  if constexpr (std::is_void_v<H>) {
    GTEST_SKIP() << "this compiler has no f16";
  } else {
    for (std::uint64_t u = 0; u < 0x100000000ull; u += 0x1001) {
      const float x = std::bit_cast<float>(static_cast<std::uint32_t>(u));
      if (std::isnan(x)) continue;
      ASSERT_EQ(to_f16(x).bits, std::bit_cast<std::uint16_t>(static_cast<H>(x))) << x;
    }
  }
}

TEST(DType, F16MatchesTheCompilersConversion) {
  expect_conversion_of_compiler<Half>();
}

TEST(DType, EveryBf16SurvivesTheRoundTripAndHalvesRoundToEven) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const float x = to_f32(bf16{static_cast<std::uint16_t>(bits)});
    if (!std::isnan(x)) {
      ASSERT_EQ(to_bf16(x).bits, bits);
    }
  }
  EXPECT_EQ(to_bf16(std::bit_cast<float>(0x3F808000u)).bits, 0x3F80);  // tie, even stays
  EXPECT_EQ(to_bf16(std::bit_cast<float>(0x3F818000u)).bits, 0x3F82);  // tie, odd goes up
  EXPECT_TRUE(std::isnan(to_f32(to_bf16(std::bit_cast<float>(0x7F800001u)))));
}

TEST(DType, NamesParseInEitherCase) {
  EXPECT_EQ(parse_dtype("BF16"), DType::kBF16);
  EXPECT_EQ(parse_dtype("f32"), DType::kF32);
  EXPECT_FALSE(parse_dtype("F8_E4M3").has_value());
  EXPECT_EQ(size_bytes(DType::kI64), 8u);
}

}  // namespace
}  // namespace pangu
