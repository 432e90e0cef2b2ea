// SPDX-License-Identifier: Apache-2.0
// The tests of a template: `value is name(arguments)`.
#pragma once

#include <string_view>

#include "jinja/context.h"

namespace pangu::jinja {

struct Predicate {
  std::string_view name;
  bool (*holds)(Context&, const Value& subject, const Arguments&);
};

/// throws Unsupported, naming the nearest test, when there is no such one.
const Predicate& get_predicate(const Context& context, std::string_view name);

}  // namespace pangu::jinja
