// SPDX-License-Identifier: Apache-2.0
// The one list of filters, put together from the tables.
#include "text/jinja/filters.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace pangu::jinja {
namespace {

const std::vector<Filter>& all_filters() {
  static const std::vector<Filter> all = [] {
    std::vector<Filter> out;
    for (const auto table :
         {text_filters(), number_filters(), sequence_filters(), selection_filters()}) {
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

std::string filter_names() {
  std::vector<std::string_view> names;
  for (const Filter& filter : all_filters()) names.push_back(filter.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace pangu::jinja
