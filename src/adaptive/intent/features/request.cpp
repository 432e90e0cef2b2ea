// SPDX-License-Identifier: Apache-2.0
#include "adaptive/intent/features/request.h"

#include <algorithm>

#include "base/error.h"
#include "base/utf8.h"

namespace pangu::adaptive {
namespace {

bool continues_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

std::string_view head_of(std::string_view text, std::size_t bytes) {
  std::size_t end = std::min(bytes, text.size());
  while (end < text.size() && end > 0 && continues_character(text[end])) --end;
  return text.substr(0, end);
}

std::string_view tail_of(std::string_view text, std::size_t bytes) {
  std::size_t begin = text.size() - std::min(bytes, text.size());
  while (begin < text.size() && begin > 0 && continues_character(text[begin])) ++begin;
  return text.substr(begin);
}

/// Head and tail, with a line end where the middle was.
std::string cut_text(std::string_view text) {
  if (text.size() <= kRequestHeadBytes + kRequestTailBytes) return utf8::sanitized(text);
  return utf8::sanitized(head_of(text, kRequestHeadBytes - 1)) + "\n" +
         utf8::sanitized(tail_of(text, kRequestTailBytes));
}

}  // namespace

Request request_of(std::string_view text) {
  return {.text = cut_text(text), .context = {}};
}

Request request_of(std::span<const Message> messages) {
  const auto last = std::find_if(messages.rbegin(), messages.rend(),
                                 [](const Message& m) { return m.role == "user"; });
  if (last == messages.rend()) {
    fail<InputError>(
        "[intent] none of {} messages is a user's. Give at least one with the role \"user\": what "
        "is asked is recognised, not what is answered.",
        messages.size());
  }
  std::string before;
  const auto end = static_cast<std::size_t>(messages.rend() - last) - 1;
  for (const Message& message : messages.first(end)) {
    if (message.role == "system") continue;
    before += message.content + "\n";
  }
  return {.text = cut_text(last->content),
          .context = utf8::sanitized(tail_of(before, kRequestContextBytes))};
}

}  // namespace pangu::adaptive
