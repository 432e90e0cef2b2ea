// SPDX-License-Identifier: Apache-2.0
// The filters: `value | name(arguments)`.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "text/jinja/context.h"

namespace pangu::jinja {

struct Filter {
  std::string_view name;
  Value (*apply)(Context&, const Value& input, const Arguments&);
};

/// Null when there is no such filter.
const Filter* find_filter(std::string_view name);

/// All names, sorted, with commas between.
std::string filter_names();

/// The tables that find_filter() searches, by what they work on.
std::span<const Filter> text_filters();
std::span<const Filter> number_filters();
std::span<const Filter> sequence_filters();
std::span<const Filter> selection_filters();

}  // namespace pangu::jinja
