// SPDX-License-Identifier: Apache-2.0
// UTF-8 validation and code points, shared by tokenizers, templates and the command line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace pangu::utf8 {

/// Byte offset of the first ill-formed sequence (RFC 3629: no overlong forms, no surrogates, at
/// most U+10FFFF), or npos if the text is valid.
std::size_t find_invalid(std::string_view text);

inline constexpr std::size_t npos = std::string_view::npos;

/// Throws InputError naming the offset and the byte unless `text` is valid; `what` names the text.
void require_valid(std::string_view text, std::string_view what);

/// Length in bytes of the longest prefix that ends on a character boundary: everything but a
/// trailing sequence that is incomplete yet could still become valid. Ill-formed bytes count as
/// complete, so that they are never held back for ever.
std::size_t complete_prefix(std::string_view text);

/// Appends the encoding of a code point; values that are no scalar value become U+FFFD.
void append(std::string& out, char32_t code_point);

/// Decodes the character at `text[at]` and advances `at` past it; an ill-formed byte gives U+FFFD
/// and advances by one.
char32_t next(std::string_view text, std::size_t& at);

/// The text with every ill-formed byte replaced by U+FFFD.
std::string sanitized(std::string_view text);

}  // namespace pangu::utf8
