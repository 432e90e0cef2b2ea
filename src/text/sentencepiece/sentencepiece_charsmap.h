// SPDX-License-Identifier: Apache-2.0
// The character map inside a SentencePiece model: u32 size, then a double-array trie of that many
// bytes, then NUL-terminated replacement strings that the trie's values point to. The library
// follows both without bounds checks, so a file's map is walked once before it is trusted.
#pragma once

#include <string>
#include <string_view>

namespace pangu::text {

/// Throws FileError unless every state that any text can reach lies inside the trie, and every
/// replacement is a short, terminated string of UTF-8. An empty map is fine.
void check_charsmap(std::string_view map, const std::string& file);

}  // namespace pangu::text
