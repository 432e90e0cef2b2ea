// SPDX-License-Identifier: Apache-2.0
// The tests of a template: `value is name(arguments)`.
#pragma once

#include <string>
#include <string_view>

#include "text/jinja/context.h"

namespace pangu::jinja {

struct Predicate {
  std::string_view name;
  bool (*holds)(Context&, const Value& subject, const Arguments&);
};

/// Null when there is no such test.
const Predicate* find_predicate(std::string_view name);

/// All names, with commas between.
std::string predicate_names();

}  // namespace pangu::jinja
