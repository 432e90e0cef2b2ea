// SPDX-License-Identifier: Apache-2.0
#include "kernels/exp_weights/exp_weights.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "base/portable_math.h"
#include "tests/support/support.h"

namespace pangu::kernels {
namespace {

TEST(ExpWeights, EveryVariantGivesTheSameBits) {
  std::mt19937_64 generator(test::seed());
  std::normal_distribution<float> normal(0.0f, 8.0f);
  for (const std::size_t n : {1, 2, 7, 8, 9, 255, 256, 257, 1000, 153376}) {
    for (const std::size_t offset : {0u, 1u, 3u}) {
      std::vector<float> store(n + offset);
      for (float& v : store) v = generator() % 20 == 0 ? -INFINITY : normal(generator);
      const std::span<float> logits = std::span(store).subspan(offset);
      logits[n / 2] = 30.0f;
      std::vector<double> want(n);
      long double exact = 0;
      for (std::size_t i = 0; i < n; ++i) {
        want[i] = exp_nonpositive((static_cast<double>(logits[i]) - 30.0) * 1.7);
        exact += want[i];
      }
      const double sum = exp_weights_variants().back().fn(logits.data(), n, 30.0f, 1.7, nullptr);
      EXPECT_NEAR(sum, static_cast<double>(exact),
                  static_cast<double>(n + 8) * 0x1p-53 * static_cast<double>(exact));
      for (const auto& variant : exp_weights_variants()) {
        SCOPED_TRACE(std::string(name(variant.isa)) + " n=" + std::to_string(n));
        std::vector<double> got(n, -1.0);
        EXPECT_EQ(variant.fn(logits.data(), n, 30.0f, 1.7, got.data()), sum);
        EXPECT_EQ(variant.fn(logits.data(), n, 30.0f, 1.7, nullptr), sum);
        EXPECT_EQ(got, want);
      }
    }
  }
}

TEST(ExpWeights, VariantsRunFromBestToPlain) {
  const auto variants = exp_weights_variants();
  EXPECT_EQ(variants.back().isa, Isa::kRef);
  for (std::size_t i = 1; i < variants.size(); ++i) {
    EXPECT_TRUE(variants[i - 1].isa.has(variants[i].isa));
  }
}

}  // namespace
}  // namespace pangu::kernels
