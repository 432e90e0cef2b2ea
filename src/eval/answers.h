// SPDX-License-Identifier: Apache-2.0
// Finding the answer in what a model wrote: a number, a piece of code, a line.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "pangu/token.h"
#include "pangu/tokenizer.h"

namespace pangu::eval {

/// The text of a reply without the reasoning before it: what follows the last "[unused17]" token
/// (openPangu) or "</think>" (Qwen 3). Empty if reasoning began ("[unused16]", "<think>") and did
/// not end. `text` is the reply's own text, special tokens left out.
std::string answer_text(const Tokenizer& tokenizer, std::span<const TokenId> ids,
                        std::string_view text);

/// The number right after the last "####", in the form of canonical_number(); nothing if there is
/// no "####" or no number follows it on the line.
std::optional<std::string> find_marked_number(std::string_view text);

/// The same, or else the last number of the text.
std::optional<std::string> find_answer_number(std::string_view text);

/// A number so that equal ones are equal texts: digits without separators, leading zeros, a plus
/// sign, and zeros at the end of the fraction. Full-width digits and signs count as plain ones.
/// "-1,234.50" is "-1234.5"; "０７" is "7"; "-0" is "0". Nothing if `text` is no number.
std::optional<std::string> canonical_number(std::string_view text);

/// The code in an answer: the first fenced block that defines `function`, else the first one, else
/// all of the text up to where code plainly ends. An unclosed block runs to the end of the text.
/// `function` may be empty.
std::string extract_code(std::string_view answer, std::string_view function);

/// The beginning of `text` that goes on with a function whose head was given: lines up to the first
/// one that is neither indented nor blank.
std::string function_body(std::string_view text);

/// Without white space at both ends; full-width blanks (U+3000) count as such.
std::string_view trimmed(std::string_view text);

/// The first line of a text that is not blank, trimmed.
std::string_view first_line(std::string_view text);

}  // namespace pangu::eval
