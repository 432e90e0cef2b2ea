// SPDX-License-Identifier: Apache-2.0
// JSON whose objects keep the order of their keys, as where it says in which order to write.
#pragma once

#include <concepts>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "io/json.h"

namespace pangu {

using OrderedJson = nlohmann::ordered_json;

/// As parse_json. Looking up a key takes time for all keys of its object: max_values should be
/// small.
OrderedJson parse_ordered_json(std::string_view text, std::string_view file,
                               const JsonLimits& limits);

/// As describe() of io/json.h.
std::string describe(const OrderedJson& value);

/// On one line, as json_text() of io/json.h. A template, so that values that are written out in a
/// call stay Json.
template <std::same_as<OrderedJson> Ordered>
std::string json_text(const Ordered& json) {
  return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

}  // namespace pangu
