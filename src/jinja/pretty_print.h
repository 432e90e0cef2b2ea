// SPDX-License-Identifier: Apache-2.0
// Python's pprint.pformat(), which the filter `pprint` uses.
#pragma once

#include "jinja/context.h"

namespace pangu::jinja {

/// The value as repr() with keys in order, over several lines of at most 80 characters if one is
/// not enough.
Value pretty_printed(Context& context, const Value& value);

}  // namespace pangu::jinja
