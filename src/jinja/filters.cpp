// SPDX-License-Identifier: Apache-2.0
// The one list of filters, put together from the tables.
#include "jinja/filters.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "base/clipped.h"
#include "jinja/known_names.h"

namespace pangu::jinja {
namespace {

/// Filters of Python's Jinja that are left out, and why.
constexpr std::pair<std::string_view, std::string_view> kRefusedFilters[] = {
    {"random", "It would make prompts that no run can repeat."},
    {"urlize", "It makes links for web pages."},
};

const std::vector<Filter>& all_filters() {
  static const std::vector<Filter> all = [] {
    std::vector<Filter> out;
    for (const auto table : {text_filters(), layout_filters(), markup_filters(), number_filters(),
                             sequence_filters(), grouping_filters(), selection_filters()}) {
      out.insert(out.end(), table.begin(), table.end());
    }
    std::sort(out.begin(), out.end(),
              [](const Filter& a, const Filter& b) { return a.name < b.name; });
    return out;
  }();
  return all;
}

}  // namespace

const Filter* find_filter(std::string_view name) {
  const auto& all = all_filters();
  const auto found = std::lower_bound(
      all.begin(), all.end(), name,
      [](const Filter& filter, std::string_view key) { return filter.name < key; });
  return found != all.end() && found->name == name ? &*found : nullptr;
}

const Value& need_string(Context& context, const Value& input, std::string_view filter) {
  if (input.is(Kind::kUndefined)) context.fail_undefined(input);
  if (!input.is(Kind::kString)) {
    context.fail<ConfigError>("filter '{}' got a value of type {}, expected a str.", filter,
                              type_name(input));
  }
  return input;
}

const Filter& get_filter(const Context& context, std::string_view name) {
  if (const Filter* found = find_filter(name)) return *found;
  const auto* refused = std::find_if(std::begin(kRefusedFilters), std::end(kRefusedFilters),
                                     [&](const auto& row) { return row.first == name; });
  if (refused != std::end(kRefusedFilters)) {
    context.fail<Unsupported>("filter '{}' is not covered. {}", name, refused->second);
  }
  std::vector<std::string_view> names;
  for (const Filter& filter : all_filters()) names.push_back(filter.name);
  context.fail<Unsupported>("there is no filter '{}'. {}", clipped(name), advice_on(name, names));
}

}  // namespace pangu::jinja
