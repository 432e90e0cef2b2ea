// SPDX-License-Identifier: Apache-2.0
// Splits a template into the text between tags and the tokens within them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "jinja/limits.h"

namespace pangu::jinja {

enum class TokenType {
  kData,           // text outside tags, whitespace control applied
  kVariableBegin,  // {{
  kVariableEnd,    // }}
  kBlockBegin,     // {%
  kBlockEnd,       // %}
  kName,
  kString,  // `text` holds the value, escapes resolved
  kInt,
  kFloat,
  kOperator,
  kEnd
};

struct Token {
  TokenType type = TokenType::kEnd;
  std::string text;
  int line = 1;
  std::int64_t integer = 0;
  double number = 0;

  bool is_operator(std::string_view which) const {
    return type == TokenType::kOperator && text == which;
  }
  bool is_name(std::string_view which) const { return type == TokenType::kName && text == which; }
};

/// Comments and `raw` are resolved here. Whitespace is controlled as Hugging Face sets it up:
/// trim_blocks (the newline after a block or comment goes), lstrip_blocks (blanks before a block
/// or comment at the start of a line go), one newline at the very end of the template goes.
/// throws ConfigError for a tag, string or comment without end, a character that is no token, or
///        source that is too long or not UTF-8; Unsupported for \N{...} and huge integers.
std::vector<Token> tokenize(std::string_view source, std::string_view origin, const Limits& limits);

/// For messages: "'for'", "end of the tag", "text \"abc\"", ...
std::string describe(const Token& token);

}  // namespace pangu::jinja
