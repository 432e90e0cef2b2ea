// SPDX-License-Identifier: Apache-2.0
// Small Python functions, put together from operations and constants, with what they return.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "corpus/wording.h"

namespace pangu::corpus {

/// The same text in both languages, made for one task.
struct Told {
  std::string en, zh;

  const std::string& in(Language language) const {
    return language == Language::kEnglish ? en : zh;
  }
};

/// A function that another one calls.
struct CodeHelper {
  Told description;
  std::string parameters;
  std::string body;
};

struct CodeTask {
  std::string key;         ///< operations and constants
  Told description;        ///< "the sum of the even numbers of a list", completes "return ..."
  Told plan;               ///< the parts of the code, for the reasoning
  std::string parameters;  ///< "x, y"
  std::string body;        ///< lines, indented
  /// Arguments and result of three calls, as Python writes them.
  std::vector<std::pair<std::string, std::string>> calls;
  /// Has a name where description and body have the gap {f}.
  std::optional<CodeHelper> helper{};
};

/// [x * 3 for x in xs if x % 2 == 0], as it is or reduced.
CodeTask list_task(Draw& draw);
/// (x + y) * 3
CodeTask arithmetic_task(Draw& draw);
/// "big" if x > 7 else "small"
CodeTask choice_task(Draw& draw);
/// s[::-1] * 2
CodeTask string_task(Draw& draw);
/// s[1:].upper()[::-1] * 2: `parts` that take from the text or turn it, and then something beside
/// it.
CodeTask string_composition(int parts, Draw& draw);
/// A loop over a range that adds up what meets a condition.
CodeTask loop_task(Draw& draw);

inline constexpr int kCallsPerTask = 3;

}  // namespace pangu::corpus
