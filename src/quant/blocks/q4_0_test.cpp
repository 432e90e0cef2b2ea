// SPDX-License-Identifier: Apache-2.0
// Q4_0 and Q4_0_64, which differ in the length of a block alone.
#include "quant/blocks/q4_0.h"

#include <gtest/gtest.h>

#include "quant/blocks/q4_0_64.h"
#include "quant/blocks/test_rows.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

struct Format {
  int block;
  void (*encode)(const float*, int64_t, std::byte*);
  void (*decode)(const std::byte*, int64_t, float*);
  void (*split)(const std::byte*, int64_t, std::uint8_t*, std::uint16_t*);
  const char* golden;
  std::uint64_t digest;  ///< of odd rows of 256

  int64_t block_bytes() const { return 2 + block / 2; }
  std::size_t bytes(std::size_t k) const {
    return k / static_cast<std::size_t>(block) * static_cast<std::size_t>(block_bytes());
  }
  std::vector<std::byte> encoded(const std::vector<float>& row) const {
    return test::encoded(encode, row, bytes(row.size()));
  }
  float scale_of(std::span<const std::byte> data, int64_t i) const {
    return to_f32(load_unaligned<f16>(data.data() + i / block * block_bytes(), 0));
  }
  int code_of(std::span<const std::byte> data, int64_t i) const {
    const int64_t j = i % block, at = i / block * block_bytes() + 2 + j % (block / 2);
    const int byte = static_cast<int>(data[static_cast<std::size_t>(at)]);
    return j < block / 2 ? byte % 16 : byte / 16;
  }
};

const Format kFormats[] = {
    {32, encode_q4_0, decode_q4_0, split_q4_0,
     "bb2fe650afc9b7145775f2f7116fff7efe195c2fe6b4b96a014f93328b5f96a05065f96e",
     0x37886AE1167E3D5Du},
    {64, encode_q4_0_64, decode_q4_0_64, split_q4_0_64,
     "bb2f66409fa917f43735a2f7611f0f5e9ed9eea5ba6c1b4195378f5f91a66f67ef61", 0xFDF3A7293ABA6B88u}};

class Q4_0 : public testing::TestWithParam<Format> {};

TEST_P(Q4_0, EncodesAsTheReferenceDoes) {
  const Format& f = GetParam();
  EXPECT_EQ(test::hex(f.encoded(test::uniform_row(7, 64))), f.golden);
  EXPECT_EQ(test::digest_of_odd_rows(f.encode, f.bytes(256), 256), f.digest);
}

TEST_P(Q4_0, DecodesAndSplitsWhateverTheBlocksHold) {
  const Format& f = GetParam();
  constexpr std::size_t kK = 192;
  test::SplitMix rng(test::seed());
  auto data = test::random_bytes(rng, f.bytes(kK));
  for (std::size_t b = 0; b < data.size(); b += f.bytes(static_cast<std::size_t>(f.block))) {
    test::make_finite(data, b);
  }
  const auto row = test::decoded(f.decode, data, kK);
  std::uint8_t codes[kK];
  std::vector<std::uint16_t> scales(kK / static_cast<std::size_t>(f.block));
  f.split(data.data(), kK, codes, scales.data());
  for (std::size_t i = 0; i < kK; ++i) {
    const float scale = f.scale_of(data, static_cast<int64_t>(i));
    const int code = f.code_of(data, static_cast<int64_t>(i));
    ASSERT_EQ(row[i], scale * static_cast<float>(code - 8)) << i;
    ASSERT_EQ(codes[i], code) << i;
    ASSERT_EQ(f16_bits_to_f32(scales[i / static_cast<std::size_t>(f.block)]), scale) << i;
  }
}

TEST_P(Q4_0, IsWithinHalfAStepUnlessBeyondTheLastCode) {
  const Format& f = GetParam();
  test::SplitMix rng(test::seed());
  for (int kind = 0; kind < 9; ++kind) {
    const auto row = test::odd_row(rng, kind, 256);
    const auto data = f.encoded(row);
    const auto got = test::decoded(f.decode, data, 256);
    for (std::size_t i = 0; i < row.size(); ++i) {
      // The other end of the range has code 16, which does not exist. The scale is off by up to
      // 2^-11 of itself for codes up to 8, or by 2^-25 if it is tiny.
      const auto at = static_cast<int64_t>(i);
      const float steps = f.code_of(data, at) == 15 ? 1.0f : 0.5f;
      const float step = std::fabs(f.scale_of(data, at));
      ASSERT_LE(std::fabs(got[i] - row[i]), step * (steps + 8 * 0x1p-11f) + 8 * 0x1p-25f)
          << kind << " " << i;
    }
  }
}

TEST_P(Q4_0, TheLargestWeightHasCodeZeroWhateverItsSign) {
  const Format& f = GetParam();
  for (const float sign : {-1.0f, 1.0f}) {
    // Halves round up on the grid, whose sign is that of -8 / largest.
    std::vector<float> row(static_cast<std::size_t>(f.block));
    const float start[] = {0.0f, 0.5f, -0.5f, 1.5f, -8.0f, 8.0f, 7.0f, -7.5f};
    for (std::size_t i = 0; i < 8; ++i) row[i] = sign * start[i];
    const auto data = f.encoded(row);
    EXPECT_EQ(f.scale_of(data, 0), sign);
    const int codes[] = {8, 9, 8, 10, 0, 15, 15, 1};
    for (int i = 0; i < 8; ++i) EXPECT_EQ(f.code_of(data, i), codes[i]) << i;
  }
}

TEST_P(Q4_0, ScalesThatF16CannotHoldBecomeZeroOrInfinite) {
  const Format& f = GetParam();
  const auto of = [&](float x) {
    return f.encoded(std::vector<float>(static_cast<std::size_t>(f.block), x));
  };
  const std::string zero = "0080" + std::string(static_cast<std::size_t>(f.block), '8');
  EXPECT_EQ(test::hex(of(0.0f)), zero);
  EXPECT_EQ(test::hex(of(-0.0f)), zero);
  EXPECT_EQ(test::hex(of(1e-38f)), zero);  // 8 / 1e-38 overflows
  for (const float tiny : {1e-45f, -1e-38f, 1e-30f}) {
    const auto row = test::decoded(f.decode, of(tiny), f.block);
    EXPECT_EQ(row, std::vector<float>(row.size(), 0.0f)) << tiny;
  }
  EXPECT_EQ(test::hex(of(1e6f)).substr(0, 6), "00fc00");
}

INSTANTIATE_TEST_SUITE_P(Blocks, Q4_0, testing::ValuesIn(kFormats), [](const auto& param_info) {
  return std::to_string(param_info.param.block);
});

}  // namespace
}  // namespace pangu
