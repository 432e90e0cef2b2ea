// SPDX-License-Identifier: Apache-2.0
// The table of word problems: numbers, steps, wordings.
#pragma once

#include <vector>

#include "corpus/wording.h"

namespace pangu::corpus {

/// One line of the way to the answer: "x=a-b", and what x is.
struct ProblemStep {
  const char* equation;
  Word meaning;
};

struct ProblemTemplate {
  const char* key;
  /// Numbers to draw, "a:2-9", and to compute before the text is written, "c=a*b", by blanks.
  const char* numbers;
  std::vector<ProblemStep> steps;  ///< the last one gives the answer
  Phrases question;                ///< with gaps for numbers, {N} {M} {P}, {O} and {u}
};

/// Every number in a problem, given or computed, is from 1 to this (0 can be left over).
inline constexpr int kLargestNumber = 99;

extern const std::vector<ProblemTemplate> kProblemTemplates;

}  // namespace pangu::corpus
