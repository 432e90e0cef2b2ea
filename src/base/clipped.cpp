// SPDX-License-Identifier: Apache-2.0
#include "base/clipped.h"

#include "base/escaped.h"
#include "base/utf8.h"

namespace pangu {

std::string clipped(std::string_view text, std::size_t max_bytes) {
  std::string_view head = text.substr(0, max_bytes);
  if (head.size() < text.size()) head = head.substr(0, utf8::complete_prefix(head));
  // A zero byte would end the message, an escape sequence would reach the terminal.
  std::string shown;
  for (std::size_t at = 0; at < head.size();) {
    const char32_t c = utf8::next(head, at);
    utf8::append(shown, is_control(c) ? U'?' : c);
  }
  return head.size() < text.size() ? shown + "..." : shown;
}

}  // namespace pangu
