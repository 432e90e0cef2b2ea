// SPDX-License-Identifier: Apache-2.0
#include "base/escaped.h"

#include <fmt/format.h>

#include <cstdint>

#include "base/utf8.h"

namespace pangu {
namespace {

std::string escape_of(char32_t c) {
  if (c == '\n') return "\\n";
  if (c == '\t') return "\\t";
  if (c == '\r') return "\\r";
  const auto value = static_cast<std::uint32_t>(c);
  // From DEL on in the form of JSON, which leaves these characters as they are.
  return c < 0x20 ? fmt::format("\\x{:02x}", value) : fmt::format("\\u{:04x}", value);
}

}  // namespace

std::string escaped(std::string_view text, std::string_view keep) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const char32_t c = utf8::next(text, at);
    if (c == 0xFFFD && at == begin + 1) {  // a byte that is no character
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[begin]));
    } else if (is_control(c) && keep.find(text[begin]) == keep.npos) {
      out += escape_of(c);
    } else {
      out += text.substr(begin, at - begin);
    }
  }
  return out;
}

}  // namespace pangu
