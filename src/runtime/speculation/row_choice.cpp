// SPDX-License-Identifier: Apache-2.0
#include "runtime/speculation/row_choice.h"

#include <algorithm>

namespace pangu {
namespace {

/// What a draft must promise beyond plain decoding: estimates err.
constexpr double kMargin = 1.02;

}  // namespace

RowChoice choose_rows(std::span<const double> chances, const PlainPass& pass, const PassCost& cost,
                      double most_s) {
  const double plain_s = pass.seconds(cost, 0);
  const double plain_rate = pass.tokens / plain_s;
  RowChoice best{.nodes = 0, .rate = plain_rate, .plain_rate = plain_rate};
  double tokens = pass.tokens, needed = best.rate * kMargin;
  const std::size_t most = std::min(chances.size(), static_cast<std::size_t>(cost.most_drafted()));
  for (std::size_t n = 1; n <= most; ++n) {
    tokens += chances[n - 1];
    const double seconds = pass.seconds(cost, static_cast<std::int64_t>(n));
    if (seconds - plain_s > most_s) break;
    if (tokens / seconds <= needed) continue;
    best.nodes = n;
    best.rate = needed = tokens / seconds;
  }
  return best;
}

}  // namespace pangu
