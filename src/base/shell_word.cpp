// SPDX-License-Identifier: Apache-2.0
#include "base/shell_word.h"

#include "base/escaped.h"

namespace pangu {
namespace {

/// In the quotes in which bash and others take escapes, for bytes that are no text.
std::string with_escapes(const std::string& text) {
  std::string quoted;
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return "$'" + escaped(quoted) + "'";
}

}  // namespace

std::string shell_word(const std::string& text) {
  if (escaped(text) != text) return with_escapes(text);
  if (text.find_first_of(" \"'$*[]{}\\;&|<>()`?~#\t") == std::string::npos) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace pangu
