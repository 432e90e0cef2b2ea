// SPDX-License-Identifier: Apache-2.0
// Filters that put items into groups, and the one that looks up an attribute.
#include <algorithm>
#include <utility>
#include <vector>

#include "jinja/arguments.h"
#include "jinja/attribute_path.h"
#include "jinja/filters.h"
#include "jinja/methods.h"
#include "jinja/operators.h"

namespace pangu::jinja {
namespace {

/// A count that an argument gives, between 1 and what a range may have.
std::size_t group_count(Context& context, const Bound& bound, std::string_view filter) {
  const std::int64_t n = bound.integer(0, 0);
  if (n < 1 || static_cast<std::uint64_t>(n) > context.limits().range_items) {
    context.fail<ConfigError>("filter '{}' got {}, expected a number from 1 to {}.", filter, n,
                              context.limits().range_items);
  }
  return static_cast<std::size_t>(n);
}

const Value* fill_of(const Bound& bound) {
  return bound.get(1) && !bound.get(1)->is(Kind::kNone) ? bound.get(1) : nullptr;
}

/// Lists of `linecount` items, the last one filled up.
Value batch_filter(Context& context, const Value& input, const Arguments& given) {
  const Bound bound(context, "filter 'batch'", {"linecount", "fill_with"}, given, 1);
  const std::size_t size = group_count(context, bound, "batch");
  const std::vector<Value> items = iterate(context, input);
  std::vector<Value> out;
  for (std::size_t begin = 0; begin < items.size(); begin += size) {
    const std::size_t end = std::min(begin + size, items.size());
    std::vector<Value> group(items.begin() + static_cast<std::ptrdiff_t>(begin),
                             items.begin() + static_cast<std::ptrdiff_t>(end));
    if (const Value* fill = fill_of(bound)) {
      context.charge_items(size);
      group.resize(size, *fill);
    }
    out.push_back(context.list(std::move(group)));
  }
  return context.list(std::move(out), List::Type::kGenerator);
}

/// `slices` lists of nearly equal length, the shorter ones filled up.
Value slice_filter(Context& context, const Value& input, const Arguments& given) {
  const Bound bound(context, "filter 'slice'", {"slices", "fill_with"}, given, 1);
  const std::size_t slices = group_count(context, bound, "slice");
  const std::vector<Value> items = iterate(context, input);
  const std::size_t longer = items.size() % slices;
  std::vector<Value> out;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < slices; ++i) {
    const std::size_t end = begin + items.size() / slices + (i < longer ? 1 : 0);
    std::vector<Value> part(items.begin() + static_cast<std::ptrdiff_t>(begin),
                            items.begin() + static_cast<std::ptrdiff_t>(end));
    if (const Value* fill = fill_of(bound); fill && i >= longer) part.push_back(*fill);
    out.push_back(context.list(std::move(part)));
    begin = end;
  }
  return context.list(std::move(out), List::Type::kGenerator);
}

/// Pairs of a value and the items that have it, in the order of the values.
Value groupby_filter(Context& context, const Value& input, const Arguments& given) {
  const Bound bound(context, "filter 'groupby'", {"attribute", "default", "case_sensitive"}, given,
                    1);
  const Value& path = *bound.get(0);
  const Value* fallback = fill_of(bound);
  struct Keyed {
    Value key;   // what is compared
    Value name;  // what the item has
    Value item;
  };
  std::vector<Keyed> keyed;
  for (const Value& item : iterate(context, input)) {
    const Value name = follow_path(context, item, path, fallback);
    keyed.push_back({sort_key(context, name, nullptr, bound.boolean(2, false)), name, item});
  }
  std::stable_sort(keyed.begin(), keyed.end(),
                   [&](const Keyed& a, const Keyed& b) { return less(context, a.key, b.key); });
  std::vector<Value> out;
  for (std::size_t begin = 0; begin < keyed.size();) {
    std::vector<Value> items;
    std::size_t end = begin;
    while (end < keyed.size() &&
           (end == begin || equal(context, keyed[begin].key, keyed[end].key))) {
      items.push_back(keyed[end++].item);
    }
    Value group =
        context.list({keyed[begin].name, context.list(std::move(items))}, List::Type::kTuple);
    group.as_list().is_group = true;
    out.push_back(group);
    begin = end;
  }
  return context.list(std::move(out));
}

/// As value.name, but for dicts, whose items it does not look at.
Value attr_filter(Context& context, const Value& input, const Arguments& given) {
  const Bound bound(context, "filter 'attr'", {"name"}, given, 1);
  const std::string& name = bound.string(0).as_string();
  if (input.is(Kind::kDict) && !has_method(context, input, name)) return context.undefined(name);
  return get_attribute(context, input, name);
}

constexpr Filter kGroupingFilters[] = {
    {"batch", batch_filter},
    {"slice", slice_filter},
    {"groupby", groupby_filter},
    {"attr", attr_filter},
};

}  // namespace

std::span<const Filter> grouping_filters() {
  return kGroupingFilters;
}

}  // namespace pangu::jinja
