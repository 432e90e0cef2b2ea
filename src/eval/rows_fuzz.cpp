// SPDX-License-Identifier: Apache-2.0
// The first byte chooses a kind of row, the rest is a file of them: read or refused. What was read
// is handed on to what looks for answers in texts.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "eval/answers.h"
#include "eval/code_answer.h"
#include "eval/numbers.h"
#include "eval/rows.h"
#include "pangu/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pangu::eval;
  if (size == 0) return 0;
  const std::string_view content(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    switch (data[0] % 5) {
      case 0:
        for (const TextRow& row : parse_text_rows(content, "fuzz")) {
          const auto number = find_answer_number(row.text);
          if (number && canonical_number(*number) != number) std::abort();
          CodeRow asked;
          asked.tests = {"assert f(g(1))"};
          if (code_candidates(asked, row.text, true).empty()) std::abort();
        }
        break;
      case 1:
        for (const ChoiceRow& row : parse_choice_rows(content, "fuzz")) {
          if (row.answer >= row.choices.size()) std::abort();
        }
        break;
      case 2:
        for (const MathRow& row : parse_math_rows(content, "fuzz")) {
          if (canonical_number(row.number) != row.number) std::abort();
        }
        break;
      case 3:
        for (const CodeRow& row : parse_code_rows(content, "fuzz")) {
          for (const bool chat : {false, true}) {
            const auto found = code_candidates(row, row.reference, chat);
            if (found.empty() || found.size() > 16) std::abort();
          }
        }
        break;
      default:
        for (const MatchRow& row : parse_match_rows(content, "fuzz")) {
          if (trimmed(row.answer) != trimmed(trimmed(row.answer))) std::abort();
        }
    }
  } catch (const pangu::Error&) {
  }
  return 0;
}
