// SPDX-License-Identifier: Apache-2.0
// Parses what stands within {{ }} and after the word of a {% %} tag.
#pragma once

#include "jinja/ast.h"
#include "jinja/token_stream.h"

namespace pangu::jinja {

/// One expression, inline `if` included.
ExprPtr parse_expression(TokenStream& tokens);

/// One expression, or several with commas between, which make a tuple. Inline `if` can be left out
/// because in `for x in y if z` the word belongs to the loop.
ExprPtr parse_tuple(TokenStream& tokens, bool with_conditional = true);

/// Filters with '|' between, of what a block writes (BlockText): `upper | trim`.
ExprPtr parse_block_filters(TokenStream& tokens);

}  // namespace pangu::jinja
