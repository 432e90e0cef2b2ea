// SPDX-License-Identifier: Apache-2.0
// How far quantized vectors are from what they were, and that pages do not depend on how their
// positions came in. That codes lie where attention looks for them is tested with attention.
#include "kernels/kv_append/kv_append.h"

#include <algorithm>
#include <numeric>

#include "kernels/kv_append/kv_quantize.h"
#include "kernels/testing/kernel_testing.h"

namespace pangu::kernels {
namespace {

using testing::Random;

/// Vectors of all magnitudes, some of them lopsided or with an outlier.
std::vector<float> any_vector(Random& random, int64_t n, int round) {
  std::vector<float> x = random.normals(n);
  const float magnitude = std::exp2(static_cast<float>(random.below(20)) - 14.0f);
  const float shift = round % 3 == 0 ? 3.0f * random.normal() : 0.0f;
  for (float& v : x) v = (v + shift) * magnitude;
  if (round % 4 == 0) x[static_cast<std::size_t>(random.below(n))] *= 50.0f;
  return x;
}

TEST(KvQuantize, Int8IsWithinHalfAStep) {
  Random random;
  for (int round = 0; round < 300; ++round) {
    const int64_t n = random.below(130) + 1;
    const std::vector<float> x = any_vector(random, n, round);
    std::vector<std::int8_t> codes(x.size(), std::int8_t{99});
    const float scale = quantize_int8(x.data(), n, codes.data());
    float max = 0.0f;
    for (const float v : x) max = std::max(max, std::fabs(v));
    ASSERT_FLOAT_EQ(scale, max / 127.0f);
    int largest = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      largest = std::max(largest, std::abs(int{codes[i]}));
      ASSERT_NEAR(scale * static_cast<float>(codes[i]), x[i], 0.50001f * scale) << round;
    }
    ASSERT_EQ(largest, 127) << round;
  }
}

TEST(KvQuantize, Int8RoundsToNearestEven) {
  const float x[] = {127.0f, 0.5f, 1.5f, 2.5f, -0.5f, -1.5f, -126.5f, -127.0f};
  const std::int8_t want[] = {127, 0, 2, 2, 0, -2, -126, -127};
  std::int8_t codes[8];
  EXPECT_EQ(quantize_int8(x, 8, codes), 1.0f);
  for (int i = 0; i < 8; ++i) EXPECT_EQ(codes[i], want[i]) << x[i];
}

TEST(KvQuantize, Int4IsWithinHalfAStepAndTheRoundingOfScaleAndMinimum) {
  Random random;
  constexpr float kF16 = 0x1p-11f, kSmallestF16 = 0x1p-25f;
  for (int round = 0; round < 300; ++round) {
    const int64_t n = random.below(kKvGroup) + 1;
    const std::vector<float> x = any_vector(random, n, round);
    std::vector<std::uint8_t> codes(x.size(), std::uint8_t{99});
    const Int4Scale s = quantize_int4(x.data(), n, codes.data());
    const float scale = to_f32(s.scale), minimum = to_f32(s.minimum);
    const auto [low, high] = std::minmax_element(x.begin(), x.end());
    const float step = (*high - *low) / 15.0f;
    const float bound =
        0.50001f * scale + std::fabs(*low) * kF16 + 15.0f * step * kF16 + 16.0f * kSmallestF16;
    for (std::size_t i = 0; i < x.size(); ++i) {
      ASSERT_LE(codes[i], 15);
      ASSERT_NEAR(scale * static_cast<float>(codes[i]) + minimum, x[i], bound) << round;
    }
  }
}

TEST(KvQuantize, VectorsWithoutARangeHaveCodesZero) {
  const std::vector<float> zeros(32, 0.0f), tiny(32, 1e-45f), same(32, -7.5f);
  std::vector<std::int8_t> i8(32, std::int8_t{99});
  EXPECT_EQ(quantize_int8(zeros.data(), 32, i8.data()), 0.0f);
  EXPECT_EQ(i8, std::vector<std::int8_t>(32));
  EXPECT_EQ(quantize_int8(tiny.data(), 32, i8.data()), 0.0f);
  EXPECT_EQ(i8, std::vector<std::int8_t>(32));
  std::vector<std::uint8_t> u4(32, std::uint8_t{99});
  const Int4Scale s = quantize_int4(same.data(), 32, u4.data());
  EXPECT_EQ(to_f32(s.scale), 0.0f);
  EXPECT_EQ(to_f32(s.minimum), -7.5f);
  EXPECT_EQ(u4, std::vector<std::uint8_t>(32));
}

TEST(KvQuantize, ExtremesStayWithinTheirCodes) {
  // A subnormal scale is coarse: codes would pass 127.
  const float small[] = {190 * 0x1p-149f, -190 * 0x1p-149f};
  std::int8_t i8[2];
  EXPECT_GT(quantize_int8(small, 2, i8), 0.0f);
  EXPECT_EQ(i8[0], 127);
  EXPECT_EQ(i8[1], -127);
  // Past the range of f16.
  const float large[] = {-3e38f, 3e38f, 0.0f};
  std::uint8_t u4[3];
  const Int4Scale s = quantize_int4(large, 3, u4);
  EXPECT_EQ(u4[0], 0);
  EXPECT_EQ(u4[1], 15);
  EXPECT_EQ(to_f32(s.minimum), -65504.0f);
}

TEST(KvAppend, PagesDoNotDependOnChunksOrThreads) {
  Random random;
  constexpr int64_t kLength = 75, kHeads = 3, kStart = 5;  // rows from the middle of a page on
  for (const KvFormat format : kv_formats()) {
    for (const int64_t dim : {6, 36, 64}) {
      const int64_t width = kHeads * dim;
      const std::vector<float> k = random.normals(kLength * width),
                               v = random.normals(kLength * width);
      const std::vector<std::int32_t> table = {2, 0, 1};
      const auto filled = [&](int threads, int64_t chunk) {
        KvPages pages{nullptr, format, dim, kHeads};
        std::vector<std::byte> memory(3 * pages.page_bytes(), std::byte{0xA5});
        pages.base = memory.data();
        ThreadPool pool(threads);
        for (int64_t at = 0; at < kLength; at += chunk) {
          const SequenceRows rows{at, std::min(chunk, kLength - at), kStart + at, 0};
          kv_append({k.data(), width, v.data(), width, pages, std::span(&rows, 1), table},
                    {pool, Isa::kRef});
        }
        return memory;
      };
      const auto want = filled(1, 1);
      ASSERT_NE(want, std::vector<std::byte>(want.size(), std::byte{0xA5}));
      for (const int threads : {1, 4}) {
        for (const int64_t chunk : {2, 7, 33, 75}) {
          EXPECT_EQ(filled(threads, chunk), want)
              << name(format) << " " << dim << " " << threads << " threads, chunks of " << chunk;
        }
      }
    }
  }
}

}  // namespace
}  // namespace pangu::kernels
