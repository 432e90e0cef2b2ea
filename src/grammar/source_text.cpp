// SPDX-License-Identifier: Apache-2.0
#include "grammar/source_text.h"

#include <algorithm>

#include "base/clipped.h"
#include "base/error.h"
#include "base/utf8.h"

namespace pangu::grammar {

SourceText::SourceText(std::string_view text, std::string_view what) : what_(what) {
  utf8::require_valid(text, what);
  for (std::size_t at = 0; at < text.size();) characters_.push_back(utf8::next(text, at));
}

bool SourceText::take(char32_t c) {
  if (peek() != c) return false;
  next();
  return true;
}

bool SourceText::take(std::string_view ascii) {
  for (std::size_t i = 0; i < ascii.size(); ++i) {
    if (peek(i) != static_cast<unsigned char>(ascii[i])) return false;
  }
  at_ += ascii.size();
  return true;
}

bool SourceText::take_number(std::int64_t& number) {
  constexpr std::int64_t kMost = 1'000'000'000;
  if (peek() < U'0' || peek() > U'9') return false;
  const std::size_t from = at_;
  for (number = 0; peek() >= U'0' && peek() <= U'9'; next()) {
    number = number * 10 + static_cast<std::int64_t>(peek() - U'0');
    if (number > kMost) refuse(from, "a number is too large");
  }
  return true;
}

void SourceText::refuse(std::size_t offset, std::string_view reason) const {
  std::string near;
  const std::size_t end = std::min(characters_.size(), offset + 20);
  for (std::size_t i = offset; i < end; ++i) utf8::append(near, characters_[i]);
  const bool is_end = near.empty();
  fail<InputError>("[grammar] {}, character {}{}: {}.", what_, offset + 1,
                   is_end ? " (its end)" : " (at '" + clipped(near) + "')", reason);
}

}  // namespace pangu::grammar
