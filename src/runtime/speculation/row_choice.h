// SPDX-License-Identifier: Apache-2.0
// How many guesses a pass should check.
#pragma once

#include <cstdint>
#include <span>

#include "runtime/speculation/pass_cost.h"

namespace pangu {

struct RowChoice {
  std::size_t nodes = 0;  ///< to check
  double rate = 0;        ///< tokens per second to expect
  double plain_rate = 0;  ///< and with none
};

/// `chances` of the nodes on offer, falling; `turns` sequences decode, in a pass that has `rows`
/// rows without them. At most `most_s` seconds more than the plain pass are spent. The cost must be
/// known.
RowChoice choose_rows(std::span<const double> chances, double turns, std::int64_t rows,
                      const PassCost& cost, double most_s);

}  // namespace pangu
