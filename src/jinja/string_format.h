// SPDX-License-Identifier: Apache-2.0
// Python's two ways of putting values into a text: '%s' % x, and '{}'.format(x).
#pragma once

#include "jinja/context.h"

namespace pangu::jinja {

/// format % values: a tuple has a value for each %, a dict values by name, anything else is one.
/// throws ConfigError for a format that is malformed or does not fit the values.
Value percent_format(Context& context, const Value& format, const Value& values);

/// format.format(...). throws as percent_format.
Value brace_format(Context& context, const Value& format, const Arguments& values);

/// Python's format(value, spec). `spec` is a string.
Value format_value(Context& context, const Value& value, const Value& spec);

/// Python's ascii(value): repr() with other characters as escapes.
Value to_ascii(Context& context, const Value& value);

}  // namespace pangu::jinja
