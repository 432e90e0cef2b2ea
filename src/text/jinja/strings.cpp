// SPDX-License-Identifier: Apache-2.0
// Character classes from the Unicode tables, reduced to the scripts that have case.
#include "text/jinja/strings.h"

#include <cstring>

#include <algorithm>
#include <array>
#include <string>

#include "base/utf8.h"

namespace pangu::jinja {
namespace {

/// Letters whose other case is a fixed distance away.
struct Shifted {
  char32_t first_upper;
  char32_t last_upper;
  char32_t distance;  // from upper to lower
};
constexpr std::array kShifted = {
    Shifted{0xC0, 0xD6, 32},   Shifted{0xD8, 0xDE, 32},   Shifted{0x388, 0x38A, 37},
    Shifted{0x391, 0x3A1, 32}, Shifted{0x3A3, 0x3AB, 32}, Shifted{0x400, 0x40F, 80},
    Shifted{0x410, 0x42F, 32}, Shifted{0x531, 0x556, 48}, Shifted{0x386, 0x386, 38},
    Shifted{0x38C, 0x38C, 64}, Shifted{0x38E, 0x38F, 63}, Shifted{0xFF21, 0xFF3A, 32},
};

/// Letters in pairs, upper then lower, beginning with an upper one.
struct Paired {
  char32_t first;
  char32_t last;
};
constexpr std::array kPaired = {
    Paired{0x100, 0x12F},   Paired{0x132, 0x137}, Paired{0x139, 0x148}, Paired{0x14A, 0x177},
    Paired{0x179, 0x17E},   Paired{0x1A0, 0x1A5}, Paired{0x1AF, 0x1B0}, Paired{0x1CD, 0x1DC},
    Paired{0x1DE, 0x1EF},   Paired{0x1F8, 0x21F}, Paired{0x222, 0x233}, Paired{0x460, 0x481},
    Paired{0x48A, 0x4BF},   Paired{0x4C1, 0x4CE}, Paired{0x4D0, 0x52F}, Paired{0x1E00, 0x1E95},
    Paired{0x1EA0, 0x1EFF},
};

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

std::size_t previous_char(std::string_view text, std::size_t end) {
  do --end;
  while (end > 0 && is_continuation(text[end]));
  return end;
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

bool is_space(char32_t c) {
  if (c < 0x80) return c == ' ' || (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x1F);
  return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
         c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

char32_t to_lower(char32_t c) {
  if (c < 0x80) return c >= U'A' && c <= U'Z' ? c + 32 : c;
  for (const Shifted& run : kShifted) {
    if (c >= run.first_upper && c <= run.last_upper) return c + run.distance;
  }
  for (const Paired& run : kPaired) {
    if (c >= run.first && c <= run.last) return (c - run.first) % 2 == 0 ? c + 1 : c;
  }
  if (c == 0x178) return 0xFF;
  if (c == 0x4C0) return 0x4CF;
  return c;
}

char32_t to_upper(char32_t c) {
  if (c < 0x80) return c >= U'a' && c <= U'z' ? c - 32 : c;
  for (const Shifted& run : kShifted) {
    if (c >= run.first_upper + run.distance && c <= run.last_upper + run.distance) {
      return c - run.distance;
    }
  }
  for (const Paired& run : kPaired) {
    if (c >= run.first && c <= run.last) return (c - run.first) % 2 == 1 ? c - 1 : c;
  }
  switch (c) {
    case 0xB5:
      return 0x39C;  // micro sign
    case 0xFF:
      return 0x178;  // y with diaeresis
    case 0x131:
      return U'I';  // dotless i
    case 0x17F:
      return U'S';  // long s
    case 0x3C2:
      return 0x3A3;  // final sigma
    case 0x4CF:
      return 0x4C0;  // palochka
    default:
      return c;
  }
}

bool is_printable(char32_t c) {
  if (c < 0x7F) return c >= 0x20;
  if (c == 0x3000 || c == 0xAD || is_space(c)) return false;
  const bool is_format = (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
                         (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
                         (c >= 0xFFF9 && c <= 0xFFFB);
  const bool is_private = (c >= 0xE000 && c <= 0xF8FF) || c >= 0xE0000;
  return c >= 0xA1 && !is_format && !is_private && (c & 0xFFFE) != 0xFFFE;
}

std::size_t count_chars(std::string_view text) {
  return text.size() -
         static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_continuation));
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

}  // namespace pangu::jinja
