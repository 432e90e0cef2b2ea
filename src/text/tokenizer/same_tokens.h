// SPDX-License-Identifier: Apache-2.0
// Whether two models mean the same by an id.
#pragma once

#include <optional>
#include <string>

#include "pangu/tokenizer.h"

namespace pangu::text {

/// What the first id below `n` is to either, if they differ: "token 5 is 'a' to the first and 'b'
/// to the second", with these names. Both must have n tokens.
std::optional<std::string> token_difference(const Tokenizer& a, const std::string& a_name,
                                            const Tokenizer& b, const std::string& b_name,
                                            TokenId n);

}  // namespace pangu::text
