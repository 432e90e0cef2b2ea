// SPDX-License-Identifier: Apache-2.0
#include "base/counter_rng.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <set>
#include <vector>

#include "tests/support/support.h"

namespace pangu {
namespace {

using Words = std::array<std::uint32_t, 4>;

// Chi-square of 256 equal bins: mean 255, deviation sqrt(510); six deviations are allowed.
constexpr double kChiSquareLimit = 255.0 + 6.0 * 22.6;

double chi_square(const std::vector<double>& values) {
  std::array<double, 256> bins{};
  for (const double v : values) bins[static_cast<std::size_t>(v * 256)] += 1;
  const double expected = static_cast<double>(values.size()) / 256;
  double sum = 0;
  for (const double b : bins) sum += (b - expected) * (b - expected) / expected;
  return sum;
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - 0.5) * (b[i] - 0.5);
  return sum * 12 / static_cast<double>(a.size());
}

TEST(CounterRng, PhiloxGivesTheAuthorsKnownAnswers) {
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}),
            (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox4x32({~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(CounterRng, IsAPureFunctionFixedForever) {
  static_assert(uniform(1, 2, RandomStream::kToken) == uniform(1, 2, RandomStream::kToken));
  EXPECT_EQ(random_bits(0, 0, RandomStream::kToken), 0xe169c58d6627e8d5u);
  EXPECT_EQ(uniform(0, 0, RandomStream::kToken),
            static_cast<double>(0xe169c58d6627e8d5u >> 11) / 9007199254740992.0);
}

TEST(CounterRng, IsUniformOverPositionsSeedsAndStreams) {
  const std::size_t n = 100000;
  std::vector<double> positions(n), seeds(n), high_positions(n);
  for (std::size_t i = 0; i < n; ++i) {
    positions[i] = uniform(test::seed(), i, RandomStream::kToken);
    seeds[i] = uniform(i, 17, RandomStream::kToken);
    high_positions[i] = uniform(test::seed(), i << 32, RandomStream::kResample);
    ASSERT_GE(positions[i], 0.0);
    ASSERT_LT(positions[i], 1.0);
  }
  EXPECT_LT(chi_square(positions), kChiSquareLimit);
  EXPECT_LT(chi_square(seeds), kChiSquareLimit);
  EXPECT_LT(chi_square(high_positions), kChiSquareLimit);
}

TEST(CounterRng, NeighboursAreIndependent) {
  const std::size_t n = 100000;
  const double limit = 5.0 / std::sqrt(static_cast<double>(n));
  std::vector<double> base(n), next_position(n), next_seed(n), other_stream(n);
  const std::uint64_t seed = test::seed();
  for (std::size_t i = 0; i < n; ++i) {
    base[i] = uniform(seed, i, RandomStream::kToken);
    next_position[i] = uniform(seed, i + 1, RandomStream::kToken);
    next_seed[i] = uniform(seed + 1, i, RandomStream::kToken);
    other_stream[i] = uniform(seed, i, RandomStream::kResample);
  }
  EXPECT_LT(std::abs(correlation(base, next_position)), limit);
  EXPECT_LT(std::abs(correlation(base, next_seed)), limit);
  EXPECT_LT(std::abs(correlation(base, other_stream)), limit);
  EXPECT_GT(correlation(base, base), 0.9);  // the measure itself can fail
}

TEST(CounterRng, OneInputBitFlipsHalfOfTheOutputBits) {
  double flips = 0;
  for (int bit = 0; bit < 64; ++bit) {
    const auto plain = random_bits(test::seed(), 5, RandomStream::kToken);
    const std::uint64_t flip = std::uint64_t{1} << bit;
    flips += std::popcount(plain ^ random_bits(test::seed() ^ flip, 5, RandomStream::kToken));
    flips += std::popcount(plain ^ random_bits(test::seed(), 5 ^ flip, RandomStream::kToken));
  }
  EXPECT_NEAR(flips / 128, 32.0, 5 * 4 / std::sqrt(128.0));
}

TEST(CounterRng, ChoicesOfOneRequestHaveSeedsOfTheirOwn) {
  EXPECT_EQ(choice_seed(42, 0), 42u);
  std::set<std::uint64_t> seeds;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    for (std::uint32_t choice = 0; choice < 50; ++choice) seeds.insert(choice_seed(seed, choice));
  }
  EXPECT_EQ(seeds.size(), 2500u);
}

}  // namespace
}  // namespace pangu
