// SPDX-License-Identifier: Apache-2.0
// Methods of strings, lists, dicts, numbers and loops, as `value.method(...)`.
#pragma once

#include <string>
#include <string_view>

#include "jinja/context.h"

namespace pangu::jinja {

/// Whether `receiver.name` is a method. Methods win over items of the same name, as in Python.
/// throws Unsupported for a method that Python has but that is not covered here.
bool has_method(Context& context, const Value& receiver, std::string_view name);

/// Calls a method for which has_method() is true.
Value call_method(Context& context, const Value& receiver, std::string_view name,
                  const Arguments& arguments);

/// throws Unsupported: the value has no such method; names the nearest one.
[[noreturn]] void fail_unknown_method(Context& context, const Value& receiver,
                                      std::string_view name);

}  // namespace pangu::jinja
