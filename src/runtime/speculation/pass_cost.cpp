// SPDX-License-Identifier: Apache-2.0
#include "runtime/speculation/pass_cost.h"

#include <algorithm>

namespace pangu {
namespace {

/// What a measured ratio still weighs after another pass, and what the neighbours' word weighs.
constexpr double kMemory = 0.995, kWeightOfNeighbours = 1;
constexpr double kNewestOfSeconds = 0.2;  ///< weight of new seconds
/// What a row more is thought to cost where nothing was measured: passes over one row, or this
/// share of what the rows before it cost each, if that is less. A batch would otherwise never find
/// out what a row more takes, as nobody would ask.
constexpr double kUnknownRow = 0.1, kUnknownShare = 0.5;
/// A pass that took this many times as long as expected was interrupted, and says little.
constexpr double kOutlier = 3;

}  // namespace

double PassCost::ratio(std::int64_t rows) const {
  std::int64_t below_rows = 1;
  double below = 1, slope = kUnknownRow;
  for (std::size_t i = 1; i < kRows.size(); ++i) {
    const Ratio& r = ratios_[i];
    if (r.weight == 0) continue;
    const auto more = static_cast<double>(kRows[i] - below_rows);
    const double guess = below + slope * more;
    // More rows never cost less: what looks like it is noise.
    const double value =
        std::max((r.sum + kWeightOfNeighbours * guess) / (r.weight + kWeightOfNeighbours), below);
    const double to_here = (value - below) / more;
    if (kRows[i] >= rows) return below + to_here * static_cast<double>(rows - below_rows);
    const double each = value / static_cast<double>(kRows[i]);
    slope = std::max(to_here, std::min(kUnknownRow, kUnknownShare * each));
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
  most_drafted_ = std::max(most_drafted_, 2 * rows);
  if (!is_known()) {
    one_row_s_ = seconds / ratio(rows);
    return;
  }
  seconds = std::min(seconds, kOutlier * this->seconds(rows));
  for (Ratio& r : ratios_) {
    r.sum *= kMemory;
    r.weight *= kMemory;
  }
  if (at > 0) {
    ratios_[at].sum += seconds / one_row_s_;
    ++ratios_[at].weight;
  }
  one_row_s_ += kNewestOfSeconds * (seconds / ratio(kRows[at]) - one_row_s_);
}

}  // namespace pangu
