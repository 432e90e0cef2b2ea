// SPDX-License-Identifier: Apache-2.0
// The filters: `value | name(arguments)`.
#pragma once

#include <span>
#include <string_view>

#include "jinja/context.h"

namespace pangu::jinja {

struct Filter {
  std::string_view name;
  Value (*apply)(Context&, const Value& input, const Arguments&);
};

/// Null when there is no such filter.
const Filter* find_filter(std::string_view name);

/// throws Unsupported, naming the nearest filter, when there is no such one.
const Filter& get_filter(const Context& context, std::string_view name);

/// The input of a filter that takes a str alone. throws ConfigError for anything else.
const Value& need_string(Context& context, const Value& input, std::string_view filter);

/// The tables that find_filter() searches, by what they work on.
std::span<const Filter> text_filters();
std::span<const Filter> layout_filters();
std::span<const Filter> markup_filters();
std::span<const Filter> number_filters();
std::span<const Filter> sequence_filters();
std::span<const Filter> grouping_filters();
std::span<const Filter> selection_filters();

}  // namespace pangu::jinja
