// SPDX-License-Identifier: Apache-2.0
// Keys of requests that this server does not act on, and whose effect would be missed.
#pragma once

#include <string>
#include <string_view>

#include "serve/api/fields.h"

namespace pangu::serve {

/// Throws ApiError with this message unless the key is absent, or its value says nothing: null,
/// false, "", [] or {}.
void refuse_unless_empty(Fields& fields, std::string_view key, const std::string& message);

}  // namespace pangu::serve
