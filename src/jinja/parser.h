// SPDX-License-Identifier: Apache-2.0
// From the source of a template to its tree.
#pragma once

#include <string_view>

#include "jinja/ast.h"
#include "jinja/limits.h"

namespace pangu::jinja {

/// throws Unsupported, naming the construct and its line, for a tag that does not exist;
/// ConfigError
///        for anything malformed. Filters and tests are looked for when they are reached.
Block parse(std::string_view source, std::string_view origin, const Limits& limits);

}  // namespace pangu::jinja
