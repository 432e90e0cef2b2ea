// SPDX-License-Identifier: Apache-2.0
// Functions of more parts than those of training: two conditions, several changes, a function that
// calls another.
#pragma once

#include "corpus/code_tasks.h"

namespace pangu::corpus {

struct ListShape {
  int conditions;   ///< 1 or 2
  int changes;      ///< of every number, one after the other
  bool has_helper;  ///< changes stand in a function of their own
};

/// [(x + 3) * 2 for x in xs if x % 2 == 0 and x > 5], reduced.
CodeTask list_composition(const ListShape& shape, Draw& draw);
/// (x + 3) * 4 - 2: `changes` of one number.
CodeTask number_composition(int changes, Draw& draw);

}  // namespace pangu::corpus
