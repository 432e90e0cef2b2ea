// SPDX-License-Identifier: Apache-2.0
// Functions every template can call: raise_exception, strftime_now, range, namespace, dict.
#pragma once

#include <string_view>

#include "text/jinja/context.h"

namespace pangu::jinja {

/// Null when there is no such function.
GlobalFunction find_global(std::string_view name);

}  // namespace pangu::jinja
