// SPDX-License-Identifier: Apache-2.0
#include "runtime/speculation/pass_cost.h"

#include <algorithm>

namespace pangu {
namespace {

constexpr double kNewestOfRatio = 0.05;   ///< weight of a new ratio once there are many
constexpr double kNewestOfSeconds = 0.2;  ///< weight of new seconds
/// What a row more is thought to cost where nothing was measured, in passes over one row.
constexpr double kUnknownRow = 0.1;
/// A pass that took this many times as long as expected was interrupted, and says little.
constexpr double kOutlier = 3;

}  // namespace

double PassCost::ratio(std::int64_t rows) const {
  std::int64_t below_rows = 1;
  double below = 1, slope = kUnknownRow;
  for (std::size_t i = 1; i < kRows.size(); ++i) {
    const Ratio& r = ratios_[i];
    if (r.count == 0) continue;
    // More rows never cost less: what looks like it is noise.
    const double value = std::max(r.value, below);
    const double to_here = (value - below) / static_cast<double>(kRows[i] - below_rows);
    if (kRows[i] >= rows) {
      return below + to_here * static_cast<double>(rows - below_rows);
    }
    slope = std::max(to_here, kUnknownRow);
    below = value;
    below_rows = kRows[i];
  }
  return below + slope * static_cast<double>(rows - below_rows);
}

double PassCost::seconds(std::int64_t rows) const {
  return one_row_s_ * ratio(std::max<std::int64_t>(rows, 1));
}

void PassCost::record(std::int64_t rows, double seconds) {
  const auto at = static_cast<std::size_t>(std::ranges::lower_bound(kRows, rows) - kRows.begin());
  if (at == kRows.size()) return;
  if (!is_known()) {
    one_row_s_ = seconds / ratio(rows);
    return;
  }
  seconds = std::min(seconds, kOutlier * this->seconds(rows));
  if (at > 0) {
    Ratio& r = ratios_[at];
    const double weight = std::max(1.0 / (r.count + 1), kNewestOfRatio);
    r.value += weight * (seconds / one_row_s_ - r.value);
    ++r.count;
  }
  one_row_s_ += kNewestOfSeconds * (seconds / ratio(kRows[at]) - one_row_s_);
}

}  // namespace pangu
