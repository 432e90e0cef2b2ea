// SPDX-License-Identifier: Apache-2.0
// Escapes and classes of characters, which regular expressions and GBNF grammars have in common.
#pragma once

#include <optional>

#include "grammar/rules/code_points.h"
#include "grammar/source_text.h"

namespace pangu::grammar {

/// \d, \w, \s and their complements, in ASCII as ECMAScript has them but for the blanks of Unicode.
std::optional<CodePointSet> shorthand_class(char32_t letter);

/// \n, \t, \r, \f, \v, \0: the character that a letter behind a backslash stands for.
std::optional<char32_t> control_escape(char32_t letter);

/// The number behind \x (two digits), \u (four) or \U (eight); no surrogates. Throws InputError.
char32_t read_hex_escape(SourceText& source, int digits);

/// A range "a-b" within brackets, whose ends are read by `read_one`. Throws InputError for one that
/// goes backwards.
template <class ReadOne>
CodePointRange read_class_range(SourceText& source, char32_t first, ReadOne read_one) {
  if (source.peek() != U'-' || source.peek(1) == U']' || source.peek(1) == SourceText::kEnd) {
    return {first, first};
  }
  const std::size_t at = source.offset();
  source.next();
  const char32_t last = read_one();
  if (last < first) source.refuse(at, "a range of characters goes backwards");
  return {first, last};
}

}  // namespace pangu::grammar
