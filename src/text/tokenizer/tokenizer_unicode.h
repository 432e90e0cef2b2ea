// SPDX-License-Identifier: Apache-2.0
// Unicode properties and normalization forms that tokenizers need, from utf8proc's tables.
#pragma once

#include <string>
#include <string_view>

namespace pangu::text {

/// White_Space of Unicode's PropList.
bool is_space(char32_t c);
/// A character of \w as tokenizer files mean it: Alphabetic (letters, letter numbers, letters in
/// circles and squares), marks, decimal digits, connector punctuation.
bool is_word_letter(char32_t c);
/// The same and the joiners U+200C and U+200D: \w of UTS #18, Annex C.
bool is_word(char32_t c);

enum class NormalForm { kNfc, kNfd, kNfkc, kNfkd };

/// The text in a Unicode normalization form (UAX #15), in time O(n log n) whatever the text: a
/// million combining marks in a row are sorted, not bubbled. `text` must be valid UTF-8.
std::string normalize(std::string_view text, NormalForm form);

/// Lower case of each character on its own, without regard to context or locale.
std::string lowercase(std::string_view text);

}  // namespace pangu::text
