// SPDX-License-Identifier: Apache-2.0
// JSON whose objects keep the order of their keys, as where it says in which order to write.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "io/json.h"

namespace pangu {

using OrderedJson = nlohmann::ordered_json;

/// As parse_json. Looking up a key takes time for all keys of its object: max_values should be
/// small.
OrderedJson parse_ordered_json(std::string_view text, std::string_view file,
                               const JsonLimits& limits);

}  // namespace pangu
