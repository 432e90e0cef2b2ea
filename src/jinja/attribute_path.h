// SPDX-License-Identifier: Apache-2.0
// Attributes named by text, as in map(attribute='function.name').
#pragma once

#include <string_view>

#include "jinja/context.h"

namespace pangu::jinja {

/// Follows a path of names and indexes with dots between. `path` is a str or an int. `fallback`, if
/// not null, stands in for every part that is not there.
Value follow_path(Context& context, const Value& item, const Value& path,
                  const Value* fallback = nullptr);

/// What filters such as sort and unique compare: the item or what `path` (if not null) leads to,
/// in lower case unless `case_sensitive`.
Value sort_key(Context& context, const Value& item, const Value* path, bool case_sensitive);

}  // namespace pangu::jinja
