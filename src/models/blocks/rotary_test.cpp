// SPDX-License-Identifier: Apache-2.0
// Frequencies against the formulas in their published form and against known values.
#include "models/blocks/rotary.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "tests/support/support.h"
#include "tests/support/tensors.h"

namespace pangu {
namespace {

RopeConfig plain(double theta) {
  RopeConfig c;
  c.theta = theta;
  return c;
}

TEST(Rotary, OpenPanguFrequencies) {
  const auto one_b = Rotary(plain(4e6), 128, 32768).frequencies(0);
  EXPECT_NEAR(one_b[1], 0.78857465, 1e-8);
  EXPECT_NEAR(one_b[2], 0.62184998, 1e-8);
  EXPECT_NEAR(one_b[32], 5.0e-4, 1e-10);
  EXPECT_NEAR(one_b[63], 3.1702769e-7, 1e-14);
  const auto seven_b = Rotary(plain(1.6e7), 128, 32768).frequencies(0);
  EXPECT_NEAR(seven_b[1], 0.77167712, 1e-8);
  EXPECT_NEAR(seven_b[63], 8.0992423e-8, 1e-15);
}

TEST(Rotary, LinearDividesEveryFrequency) {
  RopeConfig c = plain(1e4);
  c.type = RopeConfig::Type::kLinear;
  c.factor = 4;
  const auto scaled = Rotary(c, 16, 2048).frequencies(9),
             base = Rotary(plain(1e4), 16, 2048).frequencies(9);
  for (std::size_t j = 0; j < base.size(); ++j) EXPECT_DOUBLE_EQ(scaled[j], base[j] / 4);
}

TEST(Rotary, DynamicStretchesTheBaseOnlyPastTheTrainedContext) {
  RopeConfig c = plain(1e4);
  c.type = RopeConfig::Type::kDynamic;
  c.factor = 2;
  const Rotary r(c, 64, 100);
  EXPECT_EQ(r.frequencies(99), Rotary(plain(1e4), 64, 100).frequencies(0));
  const double theta = 1e4 * std::pow(2.0 * 150 / 100 - 1, 64.0 / 62.0);
  const auto got = r.frequencies(149);
  for (std::size_t j = 0; j < got.size(); ++j) {
    EXPECT_NEAR(got[j], std::pow(theta, -2.0 * double(j) / 64), 1e-15);
  }
}

TEST(Rotary, Llama3KeepsShortAndStretchesLongWavelengths) {
  RopeConfig c = plain(5e5);
  c.type = RopeConfig::Type::kLlama3;
  c.factor = 8, c.low_freq_factor = 1, c.high_freq_factor = 4;
  c.original_max_position_embeddings = 8192;
  const auto scaled = Rotary(c, 128, 131072).frequencies(0);
  const auto base = Rotary(plain(5e5), 128, 131072).frequencies(0);
  int kept = 0, stretched = 0, blended = 0;
  for (std::size_t j = 0; j < base.size(); ++j) {
    const double wavelength = 2 * std::numbers::pi / base[j];
    if (wavelength < 8192.0 / 4) {
      EXPECT_DOUBLE_EQ(scaled[j], base[j]);
      ++kept;
    } else if (wavelength > 8192.0) {
      EXPECT_DOUBLE_EQ(scaled[j], base[j] / 8);
      ++stretched;
    } else {
      EXPECT_GT(scaled[j], base[j] / 8);
      EXPECT_LT(scaled[j], base[j]);
      ++blended;
    }
  }
  EXPECT_GT(kept, 0);
  EXPECT_GT(stretched, 0);
  EXPECT_GT(blended, 0);
}

TEST(Rotary, YarnRampsBetweenKeptAndStretchedAndScalesTheMagnitude) {
  RopeConfig c = plain(1e6);
  c.type = RopeConfig::Type::kYarn;
  c.factor = 4;
  c.original_max_position_embeddings = 32768;
  const Rotary r(c, 128, 131072);
  EXPECT_NEAR(r.magnitude(), 0.1 * std::log(4.0) + 1.0, 1e-12);
  const auto scaled = r.frequencies(0), base = Rotary(plain(1e6), 128, 131072).frequencies(0);
  const auto dim = [](double turns) {
    return 128 * std::log(32768 / (turns * 2 * std::numbers::pi)) / (2 * std::log(1e6));
  };
  const double lo = std::floor(dim(32)), hi = std::ceil(dim(1));
  for (std::size_t j = 0; j < base.size(); ++j) {
    const double g = std::clamp((double(j) - lo) / (hi - lo), 0.0, 1.0);
    EXPECT_NEAR(scaled[j] / base[j], g / 4 + (1 - g), 1e-12) << j;
  }
  c.attention_factor = 1.5;
  EXPECT_EQ(Rotary(c, 128, 131072).magnitude(), 1.5);
}

TEST(Rotary, AnglesAreExactFarOut) {
  Context ctx({.threads = 2, .isa = Isa::kRef, .dtype = DType::kF32});
  const Rotary r(plain(1e4), 8, 2048);
  const std::vector<std::int32_t> positions{0, 1, 1000000};
  const auto angles = r.angles(positions, ctx);
  EXPECT_EQ(angles.cos.shape(), (Shape{3, 4}));
  const auto cos = test::values_of(angles.cos), sin = test::values_of(angles.sin);
  EXPECT_EQ(cos[0], 1.0f);
  EXPECT_NEAR(sin[4], std::sin(1.0), 1e-7);
  EXPECT_NEAR(cos[8], std::cos(1e6), 1e-7);
}

TEST(Rotary, OddHeadsAreRefused) {
  PANGU_EXPECT_ERROR(Rotary(plain(1e4), 7, 10), ConfigError, "head_dim is 7");
}

}  // namespace
}  // namespace pangu
