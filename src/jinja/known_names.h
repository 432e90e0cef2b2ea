// SPDX-License-Identifier: Apache-2.0
// What a message says about a name that does not exist.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace pangu::jinja {

/// "Did you mean 'upper'?" or, where no name is near, "Known: ...".
std::string advice_on(std::string_view wrong, std::span<const std::string_view> names);

}  // namespace pangu::jinja
