// SPDX-License-Identifier: Apache-2.0
// How many guesses a pass should check.
#pragma once

#include <cstdint>
#include <span>

#include "runtime/speculation/pass_cost.h"

namespace pangu {

/// A pass before guesses are added to it.
struct PlainPass {
  double tokens = 1;             ///< of replies that it gives for sure
  std::int64_t rows = 1;         ///< that give them
  std::int64_t prompt_rows = 0;  ///< of prompts, beside them

  /// What its replies take with that many guesses. Prompts have to be computed anyway and are left
  /// out; but a row costs what it does on top of them.
  double seconds(const PassCost& cost, std::int64_t guesses) const {
    if (prompt_rows == 0) return cost.seconds(rows + guesses);
    const std::int64_t all = rows + prompt_rows;
    return cost.seconds(rows) + cost.seconds(all + guesses) - cost.seconds(all);
  }
};

struct RowChoice {
  std::size_t nodes = 0;  ///< to check
  double rate = 0;        ///< tokens per second to expect
  double plain_rate = 0;  ///< and with none
};

/// `chances` of the nodes on offer, falling. At most `most_s` seconds more than the plain pass are
/// spent. The cost must be known.
RowChoice choose_rows(std::span<const double> chances, const PlainPass& pass, const PassCost& cost,
                      double most_s);

}  // namespace pangu
