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

}  // namespace pangu::grammar
