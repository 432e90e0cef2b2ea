// SPDX-License-Identifier: Apache-2.0
// How sure a score is, and whether two models differ: 95 % intervals and paired tests.
#pragma once

#include <cstdint>
#include <span>

namespace pangu::eval {

struct Interval {
  double low = 0;
  double high = 0;
  bool operator==(const Interval&) const = default;
};

/// Quantile of the normal distribution that leaves 2.5 % above it.
inline constexpr double kZ95 = 1.959963984540054;

/// 95 % interval of a proportion; [0, 1] if n is 0. Stays within [0, 1] and is of use for small n
/// and for proportions near 0 and 1.
/// throws  InputError unless 0 <= successes <= n.
/// source  Wilson 1927, "Probable inference, the law of succession, and statistical inference".
Interval wilson(std::int64_t successes, std::int64_t n);

/// A sum of `value` over `weight` units, such as the loss of a document over its tokens.
struct Cluster {
  double value = 0;
  double weight = 0;
};

/// Sum of values over sum of weights, with a 95 % interval by the delta method: clusters are taken
/// as independent draws, what is inside one may depend on each other. With fewer than two clusters
/// the interval is the ratio itself.
/// source  Cochran 1977, "Sampling Techniques", section 6 (ratio estimators).
struct Ratio {
  double value = 0;
  Interval ci95;
};
Ratio ratio_of(std::span<const Cluster> clusters);

/// Share of units that are right, where a cluster has `value` right ones of `weight`, with a 95 %
/// interval that stays within [0, 1]: Wilson's, for as many independent units as would give the
/// variance of the ratio above (at most all of them, and all of them where that variance says
/// nothing: fewer than two clusters, or a share of 0 or 1). [0, 1] without units.
/// source  Kish 1965, "Survey Sampling", section 8.2 (effective size of a clustered sample);
/// Franco,
///         Little, Louis & Slud 2019, "Comparative Study of Confidence Intervals for Proportions in
///         Complex Sample Surveys" (Wilson's interval at that size).
Ratio share_of(std::span<const Cluster> clusters);

/// Quantile of values in rising order: linear between the two nearest of them, the smallest at
/// share 0, the largest at 1.
/// throws  InputError without values or for a share outside [0, 1].
/// source  Hyndman & Fan 1996, "Sample Quantiles in Statistical Packages", definition 7.
double quantile(std::span<const double> sorted, double share);

/// Two-sided exact test that two models are right equally often, from the items where they differ:
/// `only_a` that the first alone has right, `only_b` the second. 1 if there are none.
/// source  McNemar 1947; the exact form is a binomial test at 1/2.
double mcnemar_exact(std::int64_t only_a, std::int64_t only_b);

/// 95 % percentile interval of the ratio sum(value) / sum(weight) by resampling the clusters; a
/// pure function of clusters and seed. [0, 0] if there are none.
/// source  Efron & Tibshirani 1993, "An Introduction to the Bootstrap", chapter 13.
Interval bootstrap_ratio(std::span<const Cluster> clusters, std::uint64_t seed);

}  // namespace pangu::eval
