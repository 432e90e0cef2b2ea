// SPDX-License-Identifier: Apache-2.0
#include "adaptive/intent/probe/calibration.h"

#include <algorithm>
#include <cmath>

#include "eval/statistics.h"

namespace pangu::adaptive {
namespace {

constexpr double kMostTemperature = 20;
constexpr double kRefused = 1.0000001;  ///< a confidence that nothing has

std::vector<Choice> surest_first(std::span<const Choice> choices) {
  std::vector<Choice> sorted(choices.begin(), choices.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Choice& a, const Choice& b) { return a.confidence > b.confidence; });
  return sorted;
}

}  // namespace

double mean_nll(const RowMatrix& logits, std::span<const int> labels, double temperature) {
  double sum = 0;
  for (Eigen::Index i = 0; i < logits.rows(); ++i) {
    const auto row = logits.row(i) / temperature;
    const double highest = row.maxCoeff();
    sum += highest + std::log((row.array() - highest).exp().sum()) -
           row[labels[static_cast<std::size_t>(i)]];
  }
  return logits.rows() > 0 ? sum / static_cast<double>(logits.rows()) : 0;
}

double fit_temperature(const RowMatrix& logits, std::span<const int> labels) {
  // The loss is convex in 1 / T, so it has one valley in log T: golden section.
  constexpr double kGolden = 0.6180339887498949;
  const auto loss = [&](double log_t) { return mean_nll(logits, labels, std::exp(log_t)); };
  double low = -std::log(kMostTemperature), high = -low;
  double a = high - kGolden * (high - low), b = low + kGolden * (high - low);
  double at_a = loss(a), at_b = loss(b);
  while (high - low > 1e-6) {
    if (at_a <= at_b) {
      high = b, b = a, at_b = at_a;
      at_a = loss(a = high - kGolden * (high - low));
    } else {
      low = a, a = b, at_a = at_b;
      at_b = loss(b = low + kGolden * (high - low));
    }
  }
  return std::exp((low + high) / 2);
}

std::vector<Choice> choices_of(const RowMatrix& probabilities, std::span<const int> labels) {
  std::vector<Choice> choices;
  for (Eigen::Index i = 0; i < probabilities.rows(); ++i) {
    Eigen::Index best = 0;
    const double p = probabilities.row(i).maxCoeff(&best);
    choices.push_back({p, best == labels[static_cast<std::size_t>(i)]});
  }
  return choices;
}

double calibration_error(std::span<const Choice> choices, int bins) {
  struct Bin {
    double confidence = 0, right = 0;
  };
  std::vector<Bin> sums(static_cast<std::size_t>(bins));
  for (const Choice& choice : choices) {
    const int bin = std::clamp(static_cast<int>(choice.confidence * bins), 0, bins - 1);
    sums[static_cast<std::size_t>(bin)].confidence += choice.confidence;
    sums[static_cast<std::size_t>(bin)].right += choice.is_right ? 1 : 0;
  }
  double error = 0;
  for (const Bin& bin : sums) error += std::abs(bin.confidence - bin.right);
  return choices.empty() ? 0 : error / static_cast<double>(choices.size());
}

Threshold find_threshold(std::span<const Choice> choices, double max_error) {
  const std::vector<Choice> sorted = surest_first(choices);
  Threshold by_bound{.confidence = kRefused, .is_bound = true}, by_share{.confidence = kRefused};
  std::int64_t wrong = 0;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    wrong += sorted[i].is_right ? 0 : 1;
    // Choices that are equally sure are accepted together.
    if (i + 1 < sorted.size() && sorted[i + 1].confidence == sorted[i].confidence) continue;
    const auto n = static_cast<std::int64_t>(i) + 1;
    const double share = static_cast<double>(wrong) / static_cast<double>(n);
    const Threshold here{.confidence = sorted[i].confidence,
                         .coverage = static_cast<double>(n) / static_cast<double>(sorted.size()),
                         .error = share};
    if (share <= max_error) by_share = here;
    if (eval::wilson(wrong, n).high <= max_error) {
      by_bound = here;
      by_bound.is_bound = true;
    }
  }
  return by_bound.coverage > 0 ? by_bound : by_share;
}

std::vector<double> selective_errors(std::span<const Choice> choices) {
  std::vector<double> errors;
  double wrong = 0;
  for (const Choice& choice : surest_first(choices)) {
    wrong += choice.is_right ? 0 : 1;
    errors.push_back(wrong / static_cast<double>(errors.size() + 1));
  }
  return errors;
}

}  // namespace pangu::adaptive
