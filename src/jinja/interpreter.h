// SPDX-License-Identifier: Apache-2.0
// Runs the tree of a template.
#pragma once

#include "jinja/ast.h"
#include "jinja/context.h"

namespace pangu::jinja {

/// Renders `body` with the variables of `scope`.
/// throws ConfigError for errors while rendering, Unsupported for names that do not exist or are
///        not covered, InputError for raise_exception(); each with the template's name and line.
Text interpret(Context& context, const Block& body, Scope& scope);

}  // namespace pangu::jinja
