// SPDX-License-Identifier: Apache-2.0
// The rows of evaluation files: JSON Lines, one task item each. docs/eval.md lists the forms.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/json.h"

namespace pangu::eval {

/// Where a row comes from, and the groups it belongs to: its "language" and "family", if it has
/// any.
struct RowInfo {
  std::int64_t line = 0;  ///< counted from 1
  std::vector<std::pair<std::string, std::string>> groups;
};

/// {"text"}
struct TextRow {
  RowInfo info;
  std::string text;
};

/// {"prompt", "choices", "answer_index"}
struct ChoiceRow {
  RowInfo info;
  std::string prompt;
  std::vector<std::string> choices;  ///< two or more, none empty
  std::size_t answer = 0;
};

/// {"question", "answer"}, perhaps "chat_prompt"; the number to find stands after "####" in the
/// answer.
struct MathRow {
  RowInfo info;
  std::string question;
  std::string answer;       ///< with the way to it
  std::string number;       ///< as find_answer_number() gives it
  std::string chat_prompt;  ///< what a chat asks, without instructions around; empty: the question
};

/// {"text", "code", "test_list", "test_setup_code"} as in MBPP, or {"prompt",
/// "canonical_solution", "test", "entry_point"} as in HumanEval; perhaps "chat_prompt".
struct CodeRow {
  enum class Form { kMbpp, kHumanEval };
  RowInfo info;
  Form form = Form::kMbpp;
  std::string prompt;              ///< what is asked, or the code to go on with
  std::string reference;           ///< the file's own solution
  std::vector<std::string> tests;  ///< statements; of HumanEval one, which defines check()
  std::string setup;               ///< runs before the tests
  std::string entry_point;         ///< of HumanEval; else empty
  std::string chat_prompt;         ///< what a chat asks, without instructions around; or empty
};

/// {"prompt", "answer"}
struct MatchRow {
  RowInfo info;
  std::string prompt;
  std::string answer;
};

// Each takes the content of a file and the name that messages call it by, and reads at most `limit`
// rows (-1: all). Lines of blanks are skipped. They throw FileError for what is no JSON, or too
// long, or if there is no row; ConfigError for keys that are missing, have the wrong type or do not
// go together. Every message names file and line.

std::vector<TextRow> parse_text_rows(std::string_view content, const std::string& file,
                                     std::int64_t limit = -1);
std::vector<ChoiceRow> parse_choice_rows(std::string_view content, const std::string& file,
                                         std::int64_t limit = -1);
std::vector<MathRow> parse_math_rows(std::string_view content, const std::string& file,
                                     std::int64_t limit = -1);
std::vector<CodeRow> parse_code_rows(std::string_view content, const std::string& file,
                                     std::int64_t limit = -1);
std::vector<MatchRow> parse_match_rows(std::string_view content, const std::string& file,
                                       std::int64_t limit = -1);

}  // namespace pangu::eval
