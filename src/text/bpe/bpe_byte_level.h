// SPDX-License-Identifier: Apache-2.0
// The byte-level alphabet of GPT-2: each of the 256 bytes has one printable character, so that
// vocabularies can be written as text. Printable Latin-1 bytes stand for themselves; the other 68
// are, in order, U+0100, U+0101, ...
#pragma once

#include <string>
#include <string_view>

namespace pangu::text {

/// Appends each byte of `bytes` as its character, in UTF-8.
void append_byte_level(std::string& out, std::string_view bytes);

/// The bytes a vocabulary piece stands for; a piece with any character outside the alphabet stands
/// for itself.
std::string from_byte_level(std::string_view piece);

}  // namespace pangu::text
