// SPDX-License-Identifier: Apache-2.0
// Character counts, sides and substrings.
#include "jinja/strings.h"

#include <cstring>

#include <algorithm>
#include <string>

#include "base/utf8.h"
#include "jinja/characters.h"

namespace pangu::jinja {
namespace {

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

/// The characters to strip, as a set.
class CharSet {
 public:
  explicit CharSet(std::string_view chars) {
    for (std::size_t at = 0; at < chars.size();) sorted_ += utf8::next(chars, at);
    std::sort(sorted_.begin(), sorted_.end());
  }
  bool has(char32_t c) const { return std::binary_search(sorted_.begin(), sorted_.end(), c); }

 private:
  std::u32string sorted_;
};

}  // namespace

std::size_t count_chars(std::string_view text) {
  return text.size() -
         static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_continuation));
}

std::size_t previous_char(std::string_view text, std::size_t end) {
  do --end;
  while (end > 0 && is_continuation(text[end]));
  return end;
}

std::size_t char_offset(std::string_view text, std::size_t index) {
  std::size_t at = 0;
  for (; index > 0 && at < text.size(); --index) {
    do ++at;
    while (at < text.size() && is_continuation(text[at]));
  }
  return at;
}

Bounds strip_bounds(std::string_view text, std::optional<std::string_view> chars, bool left,
                    bool right) {
  const CharSet set(chars.value_or(""));
  const auto goes = [&](std::size_t at) {
    const char32_t c = utf8::next(text, at);
    return chars ? set.has(c) : is_space(c);
  };
  Bounds bounds{0, text.size()};
  while (left && bounds.begin < bounds.end && goes(bounds.begin)) {
    utf8::next(text, bounds.begin);
  }
  while (right && bounds.end > bounds.begin && goes(previous_char(text, bounds.end))) {
    bounds.end = previous_char(text, bounds.end);
  }
  return bounds;
}

bool all_in_case(std::string_view text, bool (*is_other)(char32_t), bool (*is_this)(char32_t)) {
  bool has_any = false;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = utf8::next(text, at);
    if (is_other(c) || is_title(c)) return false;
    has_any = has_any || is_this(c);
  }
  return has_any;
}

std::string_view stripped(std::string_view text) {
  const Bounds bounds = strip_bounds(text, std::nullopt, true, true);
  return text.substr(bounds.begin, bounds.end - bounds.begin);
}

std::size_t find_text(std::string_view text, std::string_view needle, std::size_t from) {
  if (from > text.size()) return std::string_view::npos;
  // memmem and not std::string_view::find: the latter takes quadratic time on a long needle.
  const void* found = memmem(text.data() + from, text.size() - from, needle.data(), needle.size());
  if (!found) return std::string_view::npos;
  return static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

std::size_t find_last_text(std::string_view text, std::string_view needle) {
  if (needle.size() > text.size()) return std::string_view::npos;
  // Reversed, so that this takes linear time, too.
  const std::string backwards(text.rbegin(), text.rend());
  const std::string wanted(needle.rbegin(), needle.rend());
  const std::size_t found = find_text(backwards, wanted);
  return found == std::string_view::npos ? found : text.size() - found - needle.size();
}

Bounds char_range(std::string_view text, std::optional<std::int64_t> start,
                  std::optional<std::int64_t> stop) {
  const auto n = static_cast<std::int64_t>(count_chars(text));
  const auto clamped = [&](std::optional<std::int64_t> at, std::int64_t otherwise) {
    if (!at) return otherwise;
    return *at < -n ? 0 : *at < 0 ? *at + n : std::min(*at, n);
  };
  const bool is_past_end = start && *start > n;
  const auto first = static_cast<std::size_t>(clamped(start, 0));
  const auto last = static_cast<std::size_t>(clamped(stop, n));
  const std::size_t begin = char_offset(text, first);
  if (is_past_end || first > last) return {text.size() + 1, text.size()};
  return {begin, begin + char_offset(text.substr(begin), last - first)};
}

}  // namespace pangu::jinja
