// SPDX-License-Identifier: Apache-2.0
// String work shared by methods and filters. Results keep which bytes came from content.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "jinja/context.h"

namespace pangu::jinja {

enum class LetterCase {
  kUpper,
  kLower,
  kCapitalize,  // first letter upper, the rest lower
  kTitle,       // str.title(): letters after a character that is no letter
  kTitleWords,  // the filter `title`: letters after blanks, '-', '(', '[', '{' and '<'
  kSwap,        // upper to lower and lower to upper
  kFold         // str.casefold()
};
Value with_case(Context& context, const Value& text, LetterCase mode);

/// `text` without the characters of `chars` (whitespace if absent) at its sides.
Value strip(Context& context, const Value& text, std::optional<std::string_view> chars, bool left,
            bool right);

/// Replaces the first `count` occurrences, or all if negative. An empty `old` matches between any
/// two characters and at both ends.
Value replace(Context& context, const Value& text, const Value& old, const Value& with,
              std::int64_t count);

/// str.split: by `separator`, or by runs of whitespace if absent; at most `limit` splits if not
/// negative. ConfigError for an empty separator.
std::vector<Value> split(Context& context, const Value& text,
                         std::optional<std::string_view> separator, std::int64_t limit);

/// str.rsplit: as split(), but the limit leaves what is in front whole.
std::vector<Value> split_from_end(Context& context, const Value& text,
                                  std::optional<std::string_view> separator, std::int64_t limit);

/// str.splitlines() with the line ends dropped, or kept.
std::vector<Value> split_lines(Context& context, const Value& text, bool keep_ends);

/// The text with `fill`, one character, on either side.
Value padded(Context& context, const Value& text, std::uint64_t left, std::uint64_t right,
             const Value& fill);
/// str.center: where the sides cannot be equal, the left one is longer if the width is odd.
Value centered(Context& context, const Value& text, std::int64_t width, const Value& fill);
/// How many characters a text lacks to a width.
std::uint64_t missing_width(std::string_view text, std::int64_t width);

/// The items printed, with `separator` between them.
Value join(Context& context, const std::vector<Value>& items, const Value& separator);
/// The same as markup: what is no markup yet is escaped.
Value join_escaped(Context& context, const std::vector<Value>& items, const Value& separator);

/// a ~ b ~ c: where printing escapes and one of them is markup, all of it is.
Value concatenate(Context& context, const std::vector<Value>& parts);

}  // namespace pangu::jinja
