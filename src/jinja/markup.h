// SPDX-License-Identifier: Apache-2.0
// Text for HTML: escaping it, and reading it back.
#pragma once

#include "jinja/context.h"

namespace pangu::jinja {

/// The string with & < > " and ' as entities, marked as markup; markup stays as it is.
Value escaped(Context& context, const Value& text);
/// The same of any value, which is printed first.
Value escaped_str(Context& context, const Value& value);

/// The text without tags and comments, blanks joined, entities resolved.
Value without_tags(Context& context, const Value& text);

}  // namespace pangu::jinja
