// SPDX-License-Identifier: Apache-2.0
// Options shown to a model in several orders, and what its preferences come to. Models prefer
// labels and places whatever stands there; that cancels where each option stands everywhere.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace pangu::serve {

/// What stands where: the option at each place.
using Presentation = std::vector<std::size_t>;

/// How many different orders presentation_orders() knows of so many options, of which there are two
/// at least.
std::size_t max_orders(std::size_t options);

/// `orders` of them, 1 ... max_orders(). They come in pairs, one the reverse of the other, so that
/// options stand at the same place on average; with max_orders() each stands at every place equally
/// often.
std::vector<Presentation> presentation_orders(std::size_t options, std::size_t orders);

struct Decision {
  std::vector<double> probabilities;          ///< of each option; they sum to 1
  std::size_t choice = 0;                     ///< the likeliest; of equals the first
  std::vector<std::vector<double>> by_order;  ///< the same of each order alone
  double agreement = 0;   ///< share of the orders whose likeliest option is the choice
  double label_mass = 0;  ///< probability of all labels together, the mean of the orders
};

/// From the log-likelihood of the label at each place, in each order. Log-probabilities of an
/// option are averaged and made to sum to 1 again: what a place adds to them cancels then.
Decision decide(std::span<const Presentation> orders,
                std::span<const std::vector<double>> label_logprobs);

}  // namespace pangu::serve
