// SPDX-License-Identifier: Apache-2.0
// Goldens of all block formats were made by the reference quantizers of ggml.
#include "quant/blocks/q8_0.h"

#include <gtest/gtest.h>

#include "quant/blocks/test_rows.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

int code_of(std::span<const std::byte> data, int64_t i) {
  return static_cast<std::int8_t>(data[static_cast<std::size_t>(i / 32 * 34 + 2 + i % 32)]);
}

float scale_of(std::span<const std::byte> data, int64_t i) {
  return to_f32(load_unaligned<f16>(data.data(), i / 32 * 17));
}

std::vector<std::byte> encode(const std::vector<float>& row) {
  return test::encoded(encode_q8_0, row, row.size() / 32 * 34);
}

TEST(Q8_0, EncodesAsTheReferenceDoes) {
  EXPECT_EQ(test::hex(encode(test::uniform_row(7, 64))),
            "cb1fe3816916f4bef8d3a0e998796e62600d64d21f442e99d7ec6a7991e86aea7c8b"
            "6a1fe0c4101d8b78b0a72874df8681ce095b5f282fda88bc14b300d31320d8dc67e5");
  EXPECT_EQ(test::digest_of_odd_rows(encode_q8_0, 8 * 34, 256), 0x526978C727E20524u);
}

TEST(Q8_0, DecodesAndSplitsWhateverTheBlocksHold) {
  test::SplitMix rng(test::seed());
  auto data = test::random_bytes(rng, 5 * 34);
  for (std::size_t b = 0; b < 5; ++b) test::make_finite(data, b * 34);
  const auto row = test::decoded(decode_q8_0, data, 160);
  std::int8_t codes[160];
  std::uint16_t scales[5];
  split_q8_0(data.data(), 160, codes, scales);
  for (int64_t i = 0; i < 160; ++i) {
    const auto at = static_cast<std::size_t>(i);
    ASSERT_EQ(row[at], scale_of(data, i) * static_cast<float>(code_of(data, i))) << i;
    ASSERT_EQ(codes[i], code_of(data, i)) << i;
    ASSERT_EQ(f16_bits_to_f32(scales[i / 32]), scale_of(data, i)) << i;
  }
}

TEST(Q8_0, IsWithinHalfAStep) {
  test::SplitMix rng(test::seed());
  for (int kind = 0; kind < 9; ++kind) {
    const auto row = test::odd_row(rng, kind, 256);
    const auto data = encode(row);
    const auto got = test::decoded(decode_q8_0, data, 256);
    for (std::size_t i = 0; i < row.size(); ++i) {
      // The scale is off by up to 2^-11 of itself for codes up to 127, or by 2^-25 if it is tiny.
      const float step = scale_of(data, static_cast<int64_t>(i));
      const float bound = step * (0.5f + 127 * 0x1p-11f) + 127 * 0x1p-25f;
      ASSERT_LE(std::fabs(got[i] - row[i]), bound) << kind << " " << i;
    }
  }
}

TEST(Q8_0, HalvesRoundAwayFromZero) {
  std::vector<float> row(32);
  const std::vector<float> start{127.0f, 0.5f, -0.5f, 2.5f, -2.5f, 0.49999997f, -1.5f, 126.5f};
  std::copy(start.begin(), start.end(), row.begin());
  const auto data = encode(row);
  EXPECT_EQ(test::hex({data.data(), 10}), "003c7f01ff03fd00fe7f");
}

TEST(Q8_0, ScalesThatF16CannotHoldBecomeZeroOrInfinite) {
  EXPECT_EQ(test::hex(encode(std::vector<float>(32, 0.0f))), std::string(68, '0'));
  EXPECT_EQ(test::hex(encode(std::vector<float>(32, 1e-45f))), std::string(68, '0'));
  const auto tiny = test::decoded(decode_q8_0, encode(std::vector<float>(32, -1e-30f)), 32);
  EXPECT_EQ(tiny, std::vector<float>(32, 0.0f));
  EXPECT_EQ(test::hex(encode(std::vector<float>(32, 1e7f))).substr(0, 6), "007c7f");
}

}  // namespace
}  // namespace pangu
