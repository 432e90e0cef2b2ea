// SPDX-License-Identifier: Apache-2.0
// Functions every template can call: raise_exception, strftime_now, range, namespace, dict, cycler,
// joiner.
#pragma once

#include <string_view>

#include "jinja/context.h"

namespace pangu::jinja {

/// Null when there is no such function.
GlobalFunction find_global(std::string_view name);

/// throws Unsupported: there is no such function; names the nearest one.
[[noreturn]] void fail_unknown_global(Context& context, std::string_view name);

/// What a joiner gives: nothing at first, then its separator.
Value call_joiner(Context& context, Helper& joiner, const Arguments& given);

/// Fills `out` as dict(...) does: from a dict or pairs, and named values. `what` names the callee.
void fill_dict(Context& context, const Arguments& given, std::string_view what, Dict& out);

/// dict[key] = value. throws ConfigError for what cannot be a key.
void set_key(Context& context, Dict& dict, const Value& key, Value value);

}  // namespace pangu::jinja
