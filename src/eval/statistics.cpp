// SPDX-License-Identifier: Apache-2.0
#include "eval/statistics.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/counter_rng.h"
#include "base/error.h"

namespace pangu::eval {
namespace {

/// Of a proportion p among `size` units, which need not be a whole number.
Interval wilson_interval(double p, double size) {
  const double z2 = kZ95 * kZ95;
  const double center = (p + z2 / (2 * size)) / (1 + z2 / size);
  const double half =
      kZ95 / (1 + z2 / size) * std::sqrt(p * (1 - p) / size + z2 / (4 * size * size));
  // At the ends the formula gives exactly 0 and 1 but for rounding.
  return {p == 0 ? 0 : center - half, p == 1 ? 1 : center + half};
}

}  // namespace

Interval wilson(std::int64_t successes, std::int64_t n) {
  if (successes < 0 || n < 0 || successes > n) {
    fail<InputError>(
        "[statistics] {} of {} items cannot be right. A count from 0 to {} was expected.",
        successes, n, n);
  }
  if (n == 0) return {0, 1};
  const auto size = static_cast<double>(n);
  return wilson_interval(static_cast<double>(successes) / size, size);
}

Ratio ratio_of(std::span<const Cluster> clusters) {
  double value = 0, weight = 0;
  for (const Cluster& c : clusters) {
    value += c.value;
    weight += c.weight;
  }
  if (weight <= 0) return {};
  const double ratio = value / weight;
  const auto n = static_cast<double>(clusters.size());
  if (clusters.size() < 2) return {.value = ratio, .ci95 = {ratio, ratio}};
  double squares = 0;
  for (const Cluster& c : clusters) {
    const double residual = c.value - ratio * c.weight;
    squares += residual * residual;
  }
  const double error = std::sqrt(squares * n / (n - 1)) / weight;
  return {.value = ratio, .ci95 = {ratio - kZ95 * error, ratio + kZ95 * error}};
}

Ratio share_of(std::span<const Cluster> clusters) {
  double units = 0;
  for (const Cluster& c : clusters) units += c.weight;
  if (units <= 0) return {.value = 0, .ci95 = {0, 1}};
  const Ratio ratio = ratio_of(clusters);
  const double p = ratio.value, independent = p * (1 - p) / units;
  const double error = (ratio.ci95.high - ratio.ci95.low) / (2 * kZ95);
  const double design = independent > 0 ? std::max(1.0, error * error / independent) : 1.0;
  return {.value = p, .ci95 = wilson_interval(p, units / design)};
}

double quantile(std::span<const double> sorted, double share) {
  if (sorted.empty() || !(share >= 0 && share <= 1)) {
    fail<InputError>(
        "[statistics] the quantile {} of {} values was asked for. A share from 0 to 1 of one or "
        "more values was expected.",
        share, sorted.size());
  }
  const double at = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

double mcnemar_exact(std::int64_t only_a, std::int64_t only_b) {
  const std::int64_t n = only_a + only_b, fewer = std::min(only_a, only_b);
  // log C(n, k) - n log 2, k rising; sums of terms below 1e-300 are 0 for every purpose.
  double log_term = -static_cast<double>(n) * std::log(2.0), sum = 0;
  for (std::int64_t k = 0; k <= fewer; ++k) {
    if (k > 0) {
      log_term += std::log(static_cast<double>(n - k + 1)) - std::log(static_cast<double>(k));
    }
    sum += std::exp(log_term);
  }
  return std::min(1.0, 2 * sum);
}

Interval bootstrap_ratio(std::span<const Cluster> clusters, std::uint64_t seed) {
  constexpr std::size_t kRounds = 4000;
  if (clusters.empty()) return {};
  const auto n = clusters.size();
  std::vector<double> ratios(kRounds);
  std::uint64_t draw = 0;
  for (double& ratio : ratios) {
    double value = 0, weight = 0;
    for (std::size_t i = 0; i < n; ++i) {
      // The high half of a product is uniform up to n / 2^64.
      const auto bits =
          static_cast<unsigned __int128>(random_bits(seed, draw++, RandomStream::kResample));
      const Cluster& c = clusters[static_cast<std::size_t>((bits * n) >> 64)];
      value += c.value;
      weight += c.weight;
    }
    ratio = weight > 0 ? value / weight : 0;
  }
  std::sort(ratios.begin(), ratios.end());
  const auto at = [&](double share) {
    return ratios[static_cast<std::size_t>(std::lround(share * (kRounds - 1)))];
  };
  return {at(0.025), at(0.975)};
}

}  // namespace pangu::eval
