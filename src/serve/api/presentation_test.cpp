// SPDX-License-Identifier: Apache-2.0
#include "serve/api/presentation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace pangu::serve {
namespace {

TEST(Presentation, OrdersAreDifferentPermutations) {
  for (std::size_t n = 2; n <= 7; ++n) {
    for (std::size_t k = 1; k <= max_orders(n); ++k) {
      const auto orders = presentation_orders(n, k);
      ASSERT_EQ(orders.size(), k);
      EXPECT_EQ(std::set(orders.begin(), orders.end()).size(), k) << n << " " << k;
      for (const Presentation& order : orders) {
        EXPECT_EQ(std::set(order.begin(), order.end()).size(), n);
        EXPECT_EQ(order.size(), n);
      }
    }
  }
  EXPECT_EQ(presentation_orders(3, 1)[0], (Presentation{0, 1, 2}));
  EXPECT_EQ(presentation_orders(3, 2)[1], (Presentation{2, 1, 0}));
}

/// What a model that likes options by `wanted`, and places by `places`, says of the labels.
std::vector<std::vector<double>> biased(std::span<const Presentation> orders,
                                        const std::vector<double>& wanted,
                                        const std::vector<double>& places) {
  std::vector<std::vector<double>> out;
  for (const Presentation& order : orders) {
    double sum = 0;
    for (std::size_t p = 0; p < order.size(); ++p) sum += std::exp(wanted[order[p]] + places[p]);
    out.emplace_back();
    for (std::size_t p = 0; p < order.size(); ++p) {
      out.back().push_back(wanted[order[p]] + places[p] - std::log(sum) + std::log(0.5));
    }
  }
  return out;
}

TEST(Presentation, PlacesCancel) {
  const std::vector<double> wanted = {std::log(0.2), std::log(0.5), std::log(0.3)};
  const auto all = presentation_orders(3, max_orders(3));
  const Decision d = decide(all, biased(all, wanted, {2, 0, -1}));
  EXPECT_EQ(d.choice, 1u);
  EXPECT_NEAR(d.probabilities[0], 0.2, 1e-12);
  EXPECT_NEAR(d.probabilities[1], 0.5, 1e-12);
  EXPECT_NEAR(d.label_mass, 0.5, 1e-12);
  // Places that count evenly cancel in a pair already; alone, the first one has its way.
  const auto pair = presentation_orders(3, 2);
  EXPECT_NEAR(decide(pair, biased(pair, wanted, {1, 0, -1})).probabilities[2], 0.3, 1e-12);
  const auto one = presentation_orders(3, 1);
  EXPECT_EQ(decide(one, biased(one, wanted, {2, 0, -1})).choice, 0u);
}

TEST(Presentation, TellsWhatEachOrderSays) {
  const auto orders = presentation_orders(2, 2);
  const Decision d = decide(orders, biased(orders, {std::log(0.6), std::log(0.4)}, {1, 0}));
  EXPECT_EQ(d.choice, 0u);
  EXPECT_EQ(d.agreement, 0.5);  // the reverse prefers what stands first
  EXPECT_GT(d.by_order[0][0], 0.6);
  EXPECT_LT(d.by_order[1][0], 0.5);
  EXPECT_NEAR(d.by_order[1][0] + d.by_order[1][1], 1, 1e-12);
}

}  // namespace
}  // namespace pangu::serve
