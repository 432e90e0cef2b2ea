// SPDX-License-Identifier: Apache-2.0
// Filters that apply another filter or a test to each item.
#include <string>
#include <utility>

#include "jinja/arguments.h"
#include "jinja/attribute_path.h"
#include "jinja/filters.h"
#include "jinja/operators.h"
#include "jinja/predicates.h"

namespace pangu::jinja {
namespace {

/// What select and its like go through: nothing for none and other values that are false.
std::vector<Value> items_of(Context& context, const Value& input) {
  return truthy(input) ? iterate(context, input) : std::vector<Value>();
}

/// The arguments after the first `n`.
Arguments after(const Arguments& given, std::size_t n) {
  Arguments out;
  out.named = given.named;
  for (std::size_t i = n; i < given.positional.size(); ++i) {
    out.positional.push_back(given.positional[i]);
  }
  return out;
}

/// The predicate named by argument `i`, or null when there is no such argument.
const Predicate* named_predicate(Context& context, const Arguments& given, std::size_t i) {
  if (given.positional.size() <= i) return nullptr;
  const Value& name = given.positional[i];
  if (!name.is(Kind::kString)) {
    context.fail<ConfigError>("the name of a test is of type {}, expected a str.", type_name(name));
  }
  return &get_predicate(context, name.as_string());
}

/// select, reject: (test, its arguments...); selectattr, rejectattr have an attribute before.
template <bool kKeepsTrue, bool kByAttribute>
Value select_filter(Context& context, const Value& input, const Arguments& given) {
  constexpr std::size_t kTest = kByAttribute ? 1 : 0;
  if (kByAttribute && given.positional.empty()) {
    context.fail<ConfigError>("'selectattr' and 'rejectattr' need the name of an attribute.");
  }
  const Predicate* predicate = named_predicate(context, given, kTest);
  const Arguments rest = after(given, kTest + 1);
  std::vector<Value> out;
  for (const Value& item : items_of(context, input)) {
    const Value subject = kByAttribute ? follow_path(context, item, given.positional[0]) : item;
    const bool holds = predicate ? predicate->holds(context, subject, rest) : truthy(subject);
    context.charge(1);
    if (holds == kKeepsTrue) out.push_back(item);
  }
  return context.list(std::move(out), List::Type::kGenerator);
}

Value map_attribute(Context& context, const Value& input, const Arguments& given) {
  const Bound bound(context, "filter 'map'", {"attribute", "default"}, given, 1);
  const bool has_fallback = bound.get(1) && !bound.get(1)->is(Kind::kNone);
  const Value* fallback = has_fallback ? bound.get(1) : nullptr;
  std::vector<Value> out;
  for (const Value& item : items_of(context, input)) {
    out.push_back(follow_path(context, item, *bound.get(0), fallback));
  }
  return context.list(std::move(out), List::Type::kGenerator);
}

/// map('filter', its arguments...) or map(attribute=...).
Value map_filter(Context& context, const Value& input, const Arguments& given) {
  if (given.positional.empty()) return map_attribute(context, input, given);
  const Value& name = given.positional[0];
  if (!name.is(Kind::kString)) {
    context.fail<ConfigError>("the name of a filter is of type {}, expected a str.",
                              type_name(name));
  }
  const Filter& filter = get_filter(context, name.as_string());
  const DepthGuard guard(context);  // map may map with map
  const Arguments rest = after(given, 1);
  std::vector<Value> out;
  for (const Value& item : items_of(context, input)) {
    context.charge(1);
    out.push_back(filter.apply(context, item, rest));
  }
  return context.list(std::move(out), List::Type::kGenerator);
}

constexpr Filter kSelectionFilters[] = {
    {"select", select_filter<true, false>},
    {"reject", select_filter<false, false>},
    {"selectattr", select_filter<true, true>},
    {"rejectattr", select_filter<false, true>},
    {"map", map_filter},
};

}  // namespace

std::span<const Filter> selection_filters() {
  return kSelectionFilters;
}

}  // namespace pangu::jinja
