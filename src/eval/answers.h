// SPDX-License-Identifier: Apache-2.0
// Finding the answer in what a model wrote: what follows its reasoning, a line.
#pragma once

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

/// Without white space at both ends; full-width blanks (U+3000) count as such.
std::string_view trimmed(std::string_view text);

/// The first line of a text that is not blank, trimmed.
std::string_view first_line(std::string_view text);

}  // namespace pangu::eval
