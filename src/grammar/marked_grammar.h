// SPDX-License-Identifier: Apache-2.0
// A grammar between two tokens that have no text, as markers around calls of tools are.
#pragma once

#include <memory>
#include <optional>

#include "pangu/constraint.h"

namespace pangu::grammar {

/// What `inner` allows, behind the token `begin` and, if there is one, in front of `end`. Throws
/// InputError for markers outside the vocabulary of `inner`.
std::shared_ptr<const OutputGrammar> marked(std::shared_ptr<const OutputGrammar> inner,
                                            TokenId begin, std::optional<TokenId> end);

/// Any tokens; but what a reply has behind a token `begin` is what `inner` allows, up to `end`. The
/// reply ends there if `once`; else it goes on as before. Throws as marked().
std::shared_ptr<const OutputGrammar> marked_within(std::shared_ptr<const OutputGrammar> inner,
                                                   TokenId begin, TokenId end, bool once);

}  // namespace pangu::grammar
