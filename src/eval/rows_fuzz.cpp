// SPDX-License-Identifier: Apache-2.0
// The first byte chooses a kind of row, the rest is a file of them: read or refused. What was read
// is handed on to what looks for answers in texts.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "eval/answers.h"
#include "eval/rows.h"
#include "pangu/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pangu::eval;
  if (size == 0) return 0;
  const std::string_view content(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    switch (data[0] % 5) {
      case 0:
        for (const TextRow& row : parse_text_rows(content, "fuzz")) extract_code(row.text, "f");
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
          extract_code(row.prompt, row.entry_point);
          function_body(row.reference);
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
