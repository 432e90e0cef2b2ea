// SPDX-License-Identifier: Apache-2.0
#include "quant/blocks/q6_k.h"

#include <gtest/gtest.h>

#include "quant/blocks/test_rows.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

/// The parts of one block, read bit by bit.
struct Block {
  std::span<const std::byte> data;

  int byte(int at) const { return static_cast<int>(data[static_cast<std::size_t>(at)]); }
  float d() const { return to_f32(load_unaligned<f16>(data.data(), 104)); }
  int scale(int s) const { return static_cast<std::int8_t>(byte(192 + s)); }
  int code(int i) const {
    const int half = i / 128, quarter = i % 128 / 32, j = i % 32;
    const int low = byte(half * 64 + quarter % 2 * 32 + j) >> quarter / 2 * 4;
    const int high = byte(128 + half * 32 + j) >> quarter * 2;
    return low % 16 + high % 4 * 16;
  }
  float step(int i) const { return d() * static_cast<float>(scale(i / 16)); }
  float weight(int i, int with_code) const { return step(i) * static_cast<float>(with_code - 32); }
};

std::vector<std::byte> encode(const std::vector<float>& row) {
  return test::encoded(encode_q6_k, row, row.size() / 256 * 210);
}

TEST(Q6_K, EncodesAsTheReferenceDoes) {
  EXPECT_EQ(
      test::hex(encode(test::uniform_row(7, 256))),
      "2991dae51d309ee5e81a664e2b98e833864c185f14ab9b355501dd46c5d6d05ea8710437d3de8cba2a2d78b2"
      "00146237f97a3c26710e95bcd084357886675b797bc7601aaf231168ae4db381162bdf1877ea3baa010a6adc"
      "ab30b57ba0222f3fe5f3911c23fdc2efe8505f7560003426fffe06a22bb4dbcbfd11a7071f366d66e5240b0a"
      "01cde1b1186d540373275bde6c5a39148103aa927854fb4a54f62c67a1560420763d8da7d695de07b0ab4245"
      "314baa3d04d0536914a2e520430f96007a8b736f837c858887807b8c797b9668200c");
  EXPECT_EQ(test::digest_of_odd_rows(encode_q6_k, 2 * 210, 512), 0x5AADBEE0B9EC4C9Cu);
}

TEST(Q6_K, DecodesAndSplitsWhateverTheBlocksHold) {
  constexpr int kBlocks = 3;
  test::SplitMix rng(test::seed());
  auto data = test::random_bytes(rng, kBlocks * 210);
  for (std::size_t b = 0; b < kBlocks; ++b) test::make_finite(data, b * 210 + 208);
  const auto row = test::decoded(decode_q6_k, data, kBlocks * 256);
  std::uint8_t codes[kBlocks * 256];
  std::int8_t scales[kBlocks * 16];
  std::uint16_t d[kBlocks];
  split_q6_k(data.data(), kBlocks * 256, codes, scales, d);
  for (int b = 0; b < kBlocks; ++b) {
    const Block block{std::span(data).subspan(static_cast<std::size_t>(b) * 210, 210)};
    for (int i = 0; i < 256; ++i) {
      const auto at = static_cast<std::size_t>(b * 256 + i);
      ASSERT_EQ(row[at], block.weight(i, block.code(i))) << at;
      ASSERT_EQ(codes[at], block.code(i)) << at;
      ASSERT_EQ(scales[at / 16], block.scale(i / 16)) << at;
    }
    EXPECT_EQ(f16_bits_to_f32(d[b]), block.d());
  }
}

TEST(Q6_K, CodesAreTheNearestOnTheStoredGrid) {
  test::SplitMix rng(test::seed());
  for (int kind = 0; kind < 9; ++kind) {
    const auto row = test::odd_row(rng, kind, 256);
    const auto data = encode(row);
    const Block block{data};
    for (int i = 0; i < 256; ++i) {
      if (block.step(i) == 0.0f) continue;
      const float x = row[static_cast<std::size_t>(i)];
      const auto error = [&](int code) { return std::fabs(block.weight(i, code) - x); };
      for (const int other : {block.code(i) - 1, block.code(i) + 1}) {
        if (other < 0 || other > 63) continue;
        ASSERT_LE(error(block.code(i)), error(other) * 1.001f + 1e-5f * std::fabs(x)) << kind;
      }
    }
  }
}

TEST(Q6_K, ErrorsAreSmallWithinASubBlock) {
  test::SplitMix rng(test::seed());
  for (int r = 0; r < 16; ++r) {
    const auto row = test::odd_row(rng, 4, 256);
    const auto data = encode(row);
    const auto got = test::decoded(decode_q6_k, data, 256);
    const Block block{data};
    for (int i = 0; i < 256; ++i) {
      const auto at = static_cast<std::size_t>(i);
      // The least squares scale may leave the largest weight of a sub-block a step beyond the last
      // code.
      const float bound = (block.code(i) == 0 || block.code(i) == 63 ? 1.5f : 0.501f);
      ASSERT_LE(std::fabs(got[at] - row[at]), bound * std::fabs(block.step(i))) << i;
    }
  }
}

TEST(Q6_K, ZeroSubBlocksHaveScaleZeroAndCodeZero) {
  EXPECT_EQ(test::hex(encode(std::vector<float>(256, 0.0f))), std::string(420, '0'));
  EXPECT_EQ(test::hex(encode(std::vector<float>(256, -9e-16f))), std::string(420, '0'));
  std::vector<float> row(256);
  row[40] = -31.0f;
  const auto data = encode(row);
  const Block block{data};
  for (int i = 0; i < 256; ++i) {
    const bool near = i / 16 == 2;
    EXPECT_EQ(block.scale(i / 16), near ? -128 : 0);
    EXPECT_EQ(block.code(i), i == 40 ? 0 : near ? 32 : 0) << i;
  }
}

TEST(Q6_K, ScalesThatF16CannotHoldBecomeZeroOrInfinite) {
  auto row = test::uniform_row(7, 256);
  for (float& x : row) x *= 1e-12f;
  const auto tiny = test::decoded(decode_q6_k, encode(row), 256);
  EXPECT_EQ(tiny, std::vector<float>(256, 0.0f));
  for (float& x : row) x *= 1e22f;
  EXPECT_TRUE(std::isinf(Block{encode(row)}.d()));
}

}  // namespace
}  // namespace pangu
