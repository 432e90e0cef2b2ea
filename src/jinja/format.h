// SPDX-License-Identifier: Apache-2.0
// Values as text: str(), repr() and JSON.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "jinja/context.h"

namespace pangu::jinja {

/// Python's str(value): what {{ value }} prints. Undefined prints nothing.
/// throws Unsupported for generators and most functions, whose print holds an address.
void append_str(Context& context, Writer& out, const Value& value);
Value to_str(Context& context, const Value& value);

/// Python's repr(value).
void append_repr(Context& context, Writer& out, const Value& value);
Value to_repr(Context& context, const Value& value);

/// Python's repr(float): the shortest digits that read back as the same number.
std::string float_repr(double value);

struct JsonStyle {
  std::optional<std::string> indent;  // what one level is indented with; all on one line if absent
  std::string item_separator = ", ";
  std::string key_separator = ": ";
  bool ensure_ascii = false;
  bool sort_keys = false;
};

/// Python's json.dumps(value).
/// throws ConfigError for undefined and for types JSON has no form of.
Value to_json(Context& context, const Value& value, const JsonStyle& style);

}  // namespace pangu::jinja
