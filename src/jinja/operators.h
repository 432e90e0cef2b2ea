// SPDX-License-Identifier: Apache-2.0
// Operators and look-ups with Python's semantics.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "jinja/ast.h"
#include "jinja/context.h"

namespace pangu::jinja {

/// a == b. Values of unlike types are different, numbers compare by value.
bool equal(Context& context, const Value& a, const Value& b);

/// a < b. throws ConfigError for types Python does not order.
bool less(Context& context, const Value& a, const Value& b);

/// `item in container`: a substring, an item, or a key.
bool contains(Context& context, const Value& container, const Value& item);

/// `a is b`, as far as Python promises it: small values by value, the rest by identity.
bool is_same_object(const Value& a, const Value& b);

bool compare(Context& context, CompareOp op, const Value& left, const Value& right);

Value binary(Context& context, BinaryOp op, const Value& left, const Value& right);

/// Python's int(value) of a float. throws ConfigError unless it is finite and fits 64 bits.
Value truncated_value(Context& context, const Value& value);

/// -value or +value.
Value signed_value(Context& context, char sign, const Value& value);

/// value.name: a method or, for dicts and namespaces, an item. Undefined when there is neither.
Value get_attribute(Context& context, const Value& object, const std::string& name);

/// value[index]: an item or, failing that, an attribute. Undefined when there is neither.
Value get_item(Context& context, const Value& object, const Value& index);

/// value[start:stop:step] of a string or list; absent parts are null or none.
Value slice(Context& context, const Value& object, const Value* start, const Value* stop,
            const Value* step);

/// What a loop over the value visits: items, keys or characters. Uses a generator up.
std::vector<Value> iterate(Context& context, const Value& value);

/// len(value), or nothing for types without a length.
std::optional<std::int64_t> length(const Value& value);

}  // namespace pangu::jinja
