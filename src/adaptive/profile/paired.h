// SPDX-License-Identifier: Apache-2.0
// What a variant keeps of the original's score, from the same items answered by both: intervals
// that hold for few items and few differences, and at several looks at growing data.
#pragma once

#include <cstdint>
#include <span>

#include "eval/statistics.h"

namespace pangu::adaptive {

/// Of items that both answered: right is a value of 1, wrong 0.
struct PairedCounts {
  std::int64_t n = 0;
  std::int64_t both = 0;           ///< answered right by both
  std::int64_t only_original = 0;  ///< by the original alone
  std::int64_t only_variant = 0;

  double original() const { return share(both + only_original); }
  double variant() const { return share(both + only_variant); }
  /// The variant's score over the original's; 1 where the original has none.
  double kept() const;

 private:
  double share(std::int64_t count) const {
    return n > 0 ? static_cast<double>(count) / static_cast<double>(n) : 0;
  }
};

/// The two lists have equal lengths; values of a half and more are right.
PairedCounts count_pairs(std::span<const double> original, std::span<const double> variant);

/// Interval of variant() - original() that reaches `z` standard errors to both sides, with an
/// imagined difference in either direction, so that no data give no certainty. [-1, 1] without any.
/// source  Bonett & Price 2012, "Adjusted Wald confidence interval for a difference of binomial
///         proportions based on paired data".
eval::Interval difference_interval(const PairedCounts& counts, double z);

/// Interval of kept(): that of the difference over the original's score, which is taken as known.
/// [0, infinity] where the original has none.
eval::Interval kept_interval(const PairedCounts& counts, double z);

/// Where kept() of `fresh` other items of the same kind will lie: wider, as those vary, too.
eval::Interval predicted_interval(const PairedCounts& counts, std::int64_t fresh, double z);

/// Quantile of the normal distribution that leaves half of `alpha` above it: for an interval that
/// holds at every one of `looks` looks with probability 1 - alpha, alpha / looks is to be given
/// (Bonferroni). Source: Acklam's rational approximation, relative error below 1.2e-9.
double two_sided_z(double alpha);

}  // namespace pangu::adaptive
