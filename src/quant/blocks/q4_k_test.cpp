// SPDX-License-Identifier: Apache-2.0
#include "quant/blocks/q4_k.h"

#include <gtest/gtest.h>

#include "quant/blocks/test_rows.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

/// The parts of one block, read bit by bit.
struct Block {
  std::span<const std::byte> data;

  int byte(int at) const { return static_cast<int>(data[static_cast<std::size_t>(at)]); }
  float d() const { return to_f32(load_unaligned<f16>(data.data(), 0)); }
  float dmin() const { return to_f32(load_unaligned<f16>(data.data(), 1)); }
  int scale(int s) const { return s < 4 ? byte(4 + s) % 64 : byte(8 + s) % 16 + byte(s) / 64 * 16; }
  int minimum(int s) const {
    return s < 4 ? byte(8 + s) % 64 : byte(8 + s) / 16 + byte(4 + s) / 64 * 16;
  }
  int code(int i) const {
    const int both = byte(16 + i / 64 * 32 + i % 32);
    return i % 64 < 32 ? both % 16 : both / 16;
  }
  float step(int i) const { return d() * static_cast<float>(scale(i / 32)); }
  float weight(int i, int with_code) const {
    return step(i) * static_cast<float>(with_code) - dmin() * static_cast<float>(minimum(i / 32));
  }
};

std::vector<std::byte> encode(const std::vector<float>& row) {
  return test::encoded(encode_q4_k, row, row.size() / 256 * 144);
}

TEST(Q4_K, EncodesAsTheReferenceDoes) {
  const auto row = test::uniform_row(7, 256);
  const auto data = encode(row);
  EXPECT_EQ(
      test::hex(data),
      "6618f523fbf7fafcfefbfdf868fff63666409ea917f43725a2f6610f0e5d8dd8eea5b95c0a4195368e5f91a6"
      "5e66ef6107d5fcecbf0f1540e8a79acfb3e5982b7a95dce550e25a447d942f91972fdb9918454f3d43eabb71"
      "5448e6530e701359b94064398fddc0588de79addb32283dc4a77c2e9afbd404a076527d26d79a3a03f74792f"
      "00d4666c3779db0a33008511");
  EXPECT_EQ(test::digest_of_odd_rows(encode_q4_k, 2 * 144, 512), 0xA8892ACC0CB2473Cu);

  const auto got = test::decoded(decode_q4_k, data, 256);
  EXPECT_FLOAT_EQ(got.front(), -0.20326996f);
  EXPECT_FLOAT_EQ(got.back(), -0.67662048f);
  double error = 0, norm = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    error += (got[i] - row[i]) * (got[i] - row[i]);
    norm += row[i] * row[i];
  }
  EXPECT_NEAR(std::sqrt(error / norm), 0.056624, 1e-6);
}

TEST(Q4_K, DecodesAndSplitsWhateverTheBlocksHold) {
  constexpr int kBlocks = 3;
  test::SplitMix rng(test::seed());
  auto data = test::random_bytes(rng, kBlocks * 144);
  for (std::size_t b = 0; b < kBlocks; ++b) {
    test::make_finite(data, b * 144);
    test::make_finite(data, b * 144 + 2);
  }
  const auto row = test::decoded(decode_q4_k, data, kBlocks * 256);
  std::uint8_t codes[kBlocks * 256], scales[kBlocks * 8], minima[kBlocks * 8];
  std::uint16_t d[kBlocks], dmin[kBlocks];
  split_q4_k(data.data(), kBlocks * 256, codes, scales, minima, d, dmin);
  for (int b = 0; b < kBlocks; ++b) {
    const Block block{std::span(data).subspan(static_cast<std::size_t>(b) * 144, 144)};
    for (int i = 0; i < 256; ++i) {
      const auto at = static_cast<std::size_t>(b * 256 + i);
      ASSERT_EQ(row[at], block.weight(i, block.code(i))) << at;
      ASSERT_EQ(codes[at], block.code(i)) << at;
      ASSERT_EQ(scales[at / 32], block.scale(i / 32)) << at;
      ASSERT_EQ(minima[at / 32], block.minimum(i / 32)) << at;
    }
    EXPECT_EQ(f16_bits_to_f32(d[b]), block.d());
    EXPECT_EQ(f16_bits_to_f32(dmin[b]), block.dmin());
  }
}

TEST(Q4_K, CodesAreTheNearestOnTheStoredGrid) {
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
        if (other < 0 || other > 15) continue;
        ASSERT_LE(error(block.code(i)), error(other) * 1.001f + 1e-5f * std::fabs(x)) << kind;
      }
    }
  }
}

TEST(Q4_K, TheSearchBeatsThePlainGrid) {
  test::SplitMix rng(test::seed());
  double searched = 0, plain = 0;
  for (int r = 0; r < 64; ++r) {
    const auto row = test::odd_row(rng, 0, 256);
    const auto got = test::decoded(decode_q4_k, encode(row), 256);
    for (std::size_t begin = 0; begin < 256; begin += 32) {
      const auto [low, high] = std::minmax_element(row.begin() + static_cast<int64_t>(begin),
                                                   row.begin() + static_cast<int64_t>(begin + 32));
      const float min = std::min(*low, 0.0f), step = (*high - min) / 15;
      for (std::size_t i = begin; i < begin + 32; ++i) {
        const float grid = min + step * std::nearbyint((row[i] - min) / step);
        // What the search weighs errors with: large weights count more.
        const double weight = std::fabs(row[i]) / (*high - min);
        searched += weight * (got[i] - row[i]) * (got[i] - row[i]) / (step * step);
        plain += weight * (grid - row[i]) * (grid - row[i]) / (step * step);
      }
    }
  }
  EXPECT_LT(searched, plain);
}

TEST(Q4_K, ZerosAndConstantsAreExact) {
  EXPECT_EQ(test::hex(encode(std::vector<float>(256, 0.0f))), std::string(288, '0'));
  for (const float x : {-63.0f, 63.0f * 15.0f}) {
    const std::vector<float> row(256, x);
    EXPECT_EQ(test::decoded(decode_q4_k, encode(row), 256), row);
  }
}

TEST(Q4_K, ScalesThatF16CannotHoldBecomeZeroOrInfinite) {
  auto row = test::uniform_row(7, 256);
  for (float& x : row) x *= 1e-30f;
  EXPECT_EQ(test::decoded(decode_q4_k, encode(row), 256), std::vector<float>(256, 0.0f));
  for (float& x : row) x *= 1e38f;
  const auto data = encode(row);
  EXPECT_TRUE(std::isinf(Block{data}.d()));
  EXPECT_TRUE(std::isinf(Block{data}.dmin()));
}

}  // namespace
}  // namespace pangu
