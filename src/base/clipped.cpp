// SPDX-License-Identifier: Apache-2.0
#include "base/clipped.h"

#include "base/utf8.h"

namespace pangu {

std::string clipped(std::string_view text, std::size_t max_bytes) {
  std::string_view head = text.substr(0, max_bytes);
  if (head.size() < text.size()) head = head.substr(0, utf8::complete_prefix(head));
  std::string shown = utf8::sanitized(head);
  // A zero byte would end the message, an escape sequence would reach the terminal.
  for (char& c : shown) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  }
  return head.size() < text.size() ? shown + "..." : shown;
}

}  // namespace pangu
