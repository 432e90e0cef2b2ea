// SPDX-License-Identifier: Apache-2.0
// What functions on lists are put together from: which numbers count, what becomes of each, and
// what becomes of all of them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "corpus/code_tasks.h"

namespace pangu::corpus {

using Ints = std::vector<int>;

/// As Python writes it.
std::string python(const Ints& values);

/// A condition on x.
struct Condition {
  std::string key;
  std::string code;  ///< empty: always
  Told told;         ///< "the even numbers"
  std::function<bool(int)> holds;
};

/// What becomes of x.
struct Change {
  std::string key;
  std::string code;
  Told told;  ///< ", each times 3"; empty: nothing
  std::function<int(int)> apply;
};

/// What becomes of the list.
struct Reduction {
  const char* key;
  const char* function;  ///< empty: the list itself
  Word told;             ///< "the sum of"
  std::string (*apply)(const Ints&);
};

Condition draw_condition(Draw& draw);
Change draw_change(Draw& draw);
extern const std::vector<Reduction> kReductions;

/// A list in which some numbers meet the condition.
Ints draw_list(Draw& draw, const std::function<bool(int)>& holds);

/// The body of a function that reduces `list`, Python for what becomes of the numbers that meet the
/// condition, and what its calls give.
void write_list_task(CodeTask& task, const std::string& list, const Condition& condition,
                     const std::function<int(int)>& change, const Reduction& reduction, Draw& draw);

}  // namespace pangu::corpus
