// SPDX-License-Identifier: Apache-2.0
#include "serve/api/presentation.h"

#include <algorithm>
#include <cmath>

namespace pangu::serve {
namespace {

std::size_t likeliest(const std::vector<double>& values) {
  return static_cast<std::size_t>(std::ranges::max_element(values) - values.begin());
}

/// e^x for each, divided by their sum.
std::vector<double> softmax_of(std::vector<double> logs) {
  const double top = *std::ranges::max_element(logs);
  double sum = 0;
  for (double& x : logs) sum += x = std::exp(x - top);
  for (double& x : logs) x /= sum;
  return logs;
}

}  // namespace

std::size_t max_orders(std::size_t options) {
  return options == 2 ? 2 : 2 * options;
}

std::vector<Presentation> presentation_orders(std::size_t options, std::size_t orders) {
  const std::size_t pairs = (orders + 1) / 2;
  std::vector<Presentation> out;
  for (std::size_t i = 0; i < orders; ++i) {
    const std::size_t turned = i / 2 * options / pairs;
    Presentation order(options);
    for (std::size_t place = 0; place < options; ++place) {
      order[place] = (place + turned) % options;
    }
    if (i % 2 == 1) std::ranges::reverse(order);
    out.push_back(std::move(order));
  }
  return out;
}

Decision decide(std::span<const Presentation> orders,
                std::span<const std::vector<double>> label_logprobs) {
  const std::size_t options = orders.front().size();
  Decision out;
  std::vector<double> mean_logs(options, 0.0);
  for (std::size_t o = 0; o < orders.size(); ++o) {
    const std::vector<double> by_place = softmax_of(label_logprobs[o]);
    std::vector<double> probabilities(options);
    for (std::size_t place = 0; place < options; ++place) {
      const std::size_t option = orders[o][place];
      probabilities[option] = by_place[place];
      mean_logs[option] += label_logprobs[o][place] / static_cast<double>(orders.size());
      out.label_mass += std::exp(label_logprobs[o][place]) / static_cast<double>(orders.size());
    }
    out.by_order.push_back(std::move(probabilities));
  }
  out.probabilities = softmax_of(std::move(mean_logs));
  out.choice = likeliest(out.probabilities);
  const auto agreeing = std::ranges::count_if(
      out.by_order, [&](const auto& p) { return likeliest(p) == out.choice; });
  out.agreement = static_cast<double>(agreeing) / static_cast<double>(orders.size());
  return out;
}

}  // namespace pangu::serve
