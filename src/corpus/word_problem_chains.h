// SPDX-License-Identifier: Apache-2.0
// Word problems with more steps than those of training, and with numbers that do not count.
#pragma once

#include "corpus/record.h"
#include "corpus/wording.h"

namespace pangu::corpus {

struct ChainShape {
  int steps;   ///< to the answer, one after the other
  int others;  ///< people whose things do not count, two at most
};

/// Somebody has things, and then more and fewer of them; how many in the end? Numbers are those of
/// the other word problems: at most kLargestNumber, products with a factor below 10.
Sample chain_problem(const ChainShape& shape, Draw& draw, Language language);

}  // namespace pangu::corpus
