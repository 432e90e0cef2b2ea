// SPDX-License-Identifier: Apache-2.0
// Requests as people and test sets put them, with their kinds, from the shared data: what
// recognition is measured on. docs/intent.md has the figures.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "adaptive/intent/labelled_rows.h"

namespace pangu::adaptive::test_data {

struct RealPromptOptions {
  std::size_t per_file = 1000;       ///< rows of a file, at most
  bool with_mathematics = false;     ///< the files of multiple choice about mathematics, as math
  bool with_built_requests = false;  ///< the five kinds of which there are no files
};

/// GSM8K as math; MBPP and HumanEval as code; MMLU, CMMLU, C-Eval and BoolQ as knowledge. Built are
/// requests to change code of MBPP, to translate, summarize and restructure passages of WikiText
/// and ChineseWebText, and to chat; the group of each is its wording, and no wording is one of
/// patterns.h.
std::vector<LabelledRow> real_prompts(const std::filesystem::path& eval_data,
                                      const RealPromptOptions& options);

/// Prompts of the tests of `pangu corpus`, by family: `per_language` of each in both languages.
std::vector<LabelledRow> corpus_prompts(int per_language);

}  // namespace pangu::adaptive::test_data
