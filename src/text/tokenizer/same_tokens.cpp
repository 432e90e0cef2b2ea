// SPDX-License-Identifier: Apache-2.0
#include "text/tokenizer/same_tokens.h"

#include <fmt/format.h>

#include "base/escaped.h"

namespace pangu::text {

std::optional<std::string> token_difference(const Tokenizer& a, const std::string& a_name,
                                            const Tokenizer& b, const std::string& b_name,
                                            TokenId n) {
  for (TokenId id = 0; id < n; ++id) {
    if (a.piece(id) == b.piece(id)) continue;
    return fmt::format("token {} is '{}' to {} and '{}' to {}", id, escaped(a.piece(id)), a_name,
                       escaped(b.piece(id)), b_name);
  }
  return std::nullopt;
}

}  // namespace pangu::text
