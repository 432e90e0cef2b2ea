// SPDX-License-Identifier: Apache-2.0
#include "adaptive/profile/paired.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"

namespace pangu::adaptive {
namespace {

/// The adjusted difference and its variance, for n items.
struct Adjusted {
  double difference = 0;
  double variance_per_item = 0;
  double n = 0;
};

Adjusted adjusted(const PairedCounts& c) {
  const double n = static_cast<double>(c.n) + 2;
  const double lost = (static_cast<double>(c.only_original) + 1) / n;
  const double won = (static_cast<double>(c.only_variant) + 1) / n;
  const double difference = won - lost;
  return {difference, won + lost - difference * difference, n};
}

eval::Interval around(double middle, double half_width) {
  return {std::max(-1.0, middle - half_width), std::min(1.0, middle + half_width)};
}

eval::Interval over_original(const PairedCounts& counts, const eval::Interval& difference) {
  const double original = counts.original();
  if (original <= 0) return {0, std::numeric_limits<double>::infinity()};
  return {std::max(0.0, 1 + difference.low / original), 1 + difference.high / original};
}

}  // namespace

double PairedCounts::kept() const {
  return original() > 0 ? variant() / original() : 1;
}

PairedCounts count_pairs(std::span<const double> original, std::span<const double> variant) {
  PANGU_DCHECK(original.size() == variant.size());
  PairedCounts out{.n = static_cast<std::int64_t>(original.size())};
  for (std::size_t i = 0; i < original.size(); ++i) {
    const bool first = original[i] >= 0.5, second = variant[i] >= 0.5;
    if (first && second) ++out.both;
    if (first && !second) ++out.only_original;
    if (!first && second) ++out.only_variant;
  }
  return out;
}

eval::Interval difference_interval(const PairedCounts& counts, double z) {
  if (counts.n == 0) return {-1, 1};
  const Adjusted a = adjusted(counts);
  return around(a.difference, z * std::sqrt(a.variance_per_item / a.n));
}

eval::Interval kept_interval(const PairedCounts& counts, double z) {
  return over_original(counts, difference_interval(counts, z));
}

eval::Interval predicted_interval(const PairedCounts& counts, std::int64_t fresh, double z) {
  if (counts.n == 0 || fresh <= 0) return {0, std::numeric_limits<double>::infinity()};
  const Adjusted a = adjusted(counts);
  const double variance = a.variance_per_item * (1 / a.n + 1 / static_cast<double>(fresh));
  return over_original(counts, around(a.difference, z * std::sqrt(variance)));
}

double two_sided_z(double alpha) {
  PANGU_DCHECK(alpha > 0 && alpha < 1);
  constexpr double a[] = {-3.969683028665376e+01, 2.209460984245205e+02,  -2.759285104469687e+02,
                          1.383577518672690e+02,  -3.066479806614716e+01, 2.506628277459239e+00};
  constexpr double b[] = {-5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02,
                          6.680131188771972e+01, -1.328068155288572e+01};
  constexpr double c[] = {-7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00,
                          -2.549732539343734e+00, 4.374664141464968e+00,  2.938163982698783e+00};
  constexpr double d[] = {7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00,
                          3.754408661907416e+00};
  const double tail = alpha / 2;
  if (tail < 0.02425) {
    const double q = std::sqrt(-2 * std::log(tail));
    return -(((((c[0] * q + c[1]) * q + c[2]) * q + c[3]) * q + c[4]) * q + c[5]) /
           ((((d[0] * q + d[1]) * q + d[2]) * q + d[3]) * q + 1);
  }
  const double q = 0.5 - tail, r = q * q;
  return (((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + a[5]) * q /
         (((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + 1);
}

}  // namespace pangu::adaptive
