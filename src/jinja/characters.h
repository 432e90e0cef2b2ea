// SPDX-License-Identifier: Apache-2.0
// Characters as Python's str classes and changes them, from utf8proc's tables of Unicode.
#pragma once

#include <string>

namespace pangu::jinja {

/// Python's str.isspace() of one character; the others are those of the names they carry.
bool is_space(char32_t c);
bool is_alpha(char32_t c);
bool is_decimal(char32_t c);
/// The value of a decimal of any script: 3 of U+0663.
int decimal_value(char32_t c);
/// Decimals, and the likes of superscripts.
bool is_digit_char(char32_t c);
/// Digits, and the likes of fractions and Chinese numbers.
bool is_numeric(char32_t c);
bool is_upper(char32_t c);
bool is_lower(char32_t c);
/// A letter of mixed case such as U+01C5.
bool is_title(char32_t c);
bool is_identifier_start(char32_t c);
bool is_identifier_part(char32_t c);
/// A character of \w in regular expressions.
bool is_word_char(char32_t c);

/// Whether Python would print the character as it is within repr().
bool is_printable(char32_t c);

/// Whether the character has a case, and whether it is passed over when a final sigma is looked
/// for.
bool is_cased(char32_t c);
bool is_case_ignorable(char32_t c);

/// Append the character in another case: one character or several, as with U+00DF.
void append_upper(std::string& out, char32_t c);
void append_lower(std::string& out, char32_t c);
void append_title(std::string& out, char32_t c);
/// For comparisons without regard to case.
void append_folded(std::string& out, char32_t c);

}  // namespace pangu::jinja
