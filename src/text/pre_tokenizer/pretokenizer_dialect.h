// SPDX-License-Identifier: Apache-2.0
// Patterns of tokenizer files are written for Oniguruma. PCRE2 reads most of them alike; what it
// reads otherwise is spelled out here, so that a pattern cuts text as its author saw it.
#pragma once

#include <string>
#include <string_view>

namespace pangu::text {

/// The pattern for PCRE2, with these rewritten:
/// - \s, \S: White_Space. PCRE2 adds U+180E, which is no space since Unicode 6.3.
/// - \w, \W, \b, \B: letters, marks, decimal digits, letter numbers, connectors. PCRE2 leaves out
///   marks, and so cuts words of Hindi, Thai, Hebrew and Tamil in the middle.
/// - \h, \H: hexadecimal digits, in PCRE2 horizontal spaces.
/// - {,n}: {0,n}, in PCRE2 literal text.
/// - \s+$ alone, which takes quadratic time, as a pattern with the same matches in linear time.
/// Throws Unsupported, naming `file`, for classes in classes and class intersections ("&&"), which
/// PCRE2 takes for literal text.
std::string to_pcre2(std::string_view pattern, const std::string& file);

/// A pattern as messages show it: the first 120 bytes.
std::string shown_pattern(std::string_view pattern);

}  // namespace pangu::text
