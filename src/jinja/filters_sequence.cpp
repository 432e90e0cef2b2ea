// SPDX-License-Identifier: Apache-2.0
// Filters on lists, dicts and other sequences as a whole.
#include <algorithm>
#include <string>
#include <utility>

#include "jinja/arguments.h"
#include "jinja/attribute_path.h"
#include "jinja/filters.h"
#include "jinja/format.h"
#include "jinja/operators.h"
#include "jinja/text_operations.h"

namespace pangu::jinja {
namespace {

/// An optional argument that may also be none.
const Value* unless_none(const Value* value) {
  return value && !value->is(Kind::kNone) ? value : nullptr;
}

Value length_filter(Context& context, const Value& input, const Arguments& given) {
  const Bound bound(context, "filter 'length'", {}, given);
  const auto n = length(input);
  if (!n) {
    context.fail<ConfigError>("a value of type {} has no length, expected a str, list or dict.",
                              type_name(input));
  }
  context.charge_bytes(input.is(Kind::kString) ? input.as_string().size() : 0);
  return Value(*n);
}

Value first_filter(Context& context, const Value& input, const Arguments& given) {
  const Bound bound(context, "filter 'first'", {}, given);
  if (input.is(Kind::kList) && !input.as_list().has_length() && !input.as_list().items.empty()) {
    // A generator keeps the rest.
    std::vector<Value>& rest = input.as_list().items;
    context.charge(rest.size());
    Value out = rest.front();
    rest.erase(rest.begin());
    return out;
  }
  const std::vector<Value> items = iterate(context, input);
  return items.empty() ? context.undefined("first item") : items.front();
}

Value last_filter(Context& context, const Value& input, const Arguments& given) {
  const Bound bound(context, "filter 'last'", {}, given);
  if (input.is(Kind::kList) && !input.as_list().has_length()) {
    context.fail<ConfigError>("filter 'last' got a generator. Turn it into a list with '| list'.");
  }
  const std::vector<Value> items = iterate(context, input);
  return items.empty() ? context.undefined("last item") : items.back();
}

Value list_filter(Context& context, const Value& input, const Arguments& given) {
  const Bound bound(context, "filter 'list'", {}, given);
  return context.list(iterate(context, input));
}

Value items_filter(Context& context, const Value& input, const Arguments& given) {
  const Bound bound(context, "filter 'items'", {}, given);
  std::vector<Value> out;
  if (input.is(Kind::kUndefined)) return context.list(out, List::Type::kGenerator);
  if (!input.is(Kind::kDict)) {
    context.fail<ConfigError>("filter 'items' got a value of type {}, expected a dict.",
                              type_name(input));
  }
  for (const auto& [key, value] : input.as_dict().entries()) {
    out.push_back(context.list({key, value}, List::Type::kTuple));
  }
  return context.list(std::move(out), List::Type::kGenerator);
}

Value reverse_filter(Context& context, const Value& input, const Arguments& given) {
  const Bound bound(context, "filter 'reverse'", {}, given);
  if (input.is(Kind::kString)) {
    const Value step(std::int64_t{-1});
    return slice(context, input, nullptr, nullptr, &step);
  }
  const bool is_generator = input.is(Kind::kList) && !input.as_list().has_length();
  std::vector<Value> items = iterate(context, input);
  std::reverse(items.begin(), items.end());
  // What cannot be read backwards becomes a list.
  return context.list(std::move(items), is_generator ? List::Type::kList : List::Type::kGenerator);
}

Value join_filter(Context& context, const Value& input, const Arguments& given) {
  const Bound bound(context, "filter 'join'", {"d", "attribute"}, given);
  std::vector<Value> items = iterate(context, input);
  if (const Value* path = unless_none(bound.get(1))) {
    for (Value& item : items) item = follow_path(context, item, *path);
  }
  const Value separator = bound.get(0) ? to_str(context, *bound.get(0)) : context.string("");
  const auto is_markup = [](const Value& item) { return item.is_markup(); };
  const bool escapes = context.autoescape && (separator.is_markup() ||
                                              std::any_of(items.begin(), items.end(), is_markup));
  return escapes ? join_escaped(context, items, separator) : join(context, items, separator);
}

/// Items ordered by their keys; equal ones stay in place, in reverse too.
void sort_by(Context& context, std::vector<std::pair<Value, Value>>& keyed, bool reverse) {
  std::stable_sort(keyed.begin(), keyed.end(), [&](const auto& a, const auto& b) {
    return reverse ? less(context, b.first, a.first) : less(context, a.first, b.first);
  });
}

Value sort_filter(Context& context, const Value& input, const Arguments& given) {
  const Bound bound(context, "filter 'sort'", {"reverse", "case_sensitive", "attribute"}, given);
  const Value* path = unless_none(bound.get(2));
  std::vector<Value> paths;  // several, with commas between, compare one after the other
  if (path) paths = path->is(Kind::kString) ? split(context, *path, ",", -1) : std::vector{*path};
  std::vector<std::pair<Value, Value>> keyed;
  for (const Value& item : iterate(context, input)) {
    std::vector<Value> keys;
    if (!path) keys.push_back(sort_key(context, item, nullptr, bound.boolean(1, false)));
    for (const Value& each : paths) {
      keys.push_back(sort_key(context, item, &each, bound.boolean(1, false)));
    }
    // As a list, in which equal keys need no order: two of none are sorted.
    keyed.emplace_back(context.list(std::move(keys)), item);
  }
  sort_by(context, keyed, bound.boolean(0, false));
  std::vector<Value> out;
  for (auto& [key, item] : keyed) out.push_back(std::move(item));
  return context.list(std::move(out));
}

Value dictsort_filter(Context& context, const Value& input, const Arguments& given) {
  const Bound bound(context, "filter 'dictsort'", {"case_sensitive", "by", "reverse"}, given);
  const std::string by(bound.optional_string(1).value_or("key"));
  if (!input.is(Kind::kDict) || (by != "key" && by != "value")) {
    context.fail<ConfigError>(
        "filter 'dictsort' got a value of type {} and by='{}', expected a dict and 'key' or "
        "'value'.",
        type_name(input), by);
  }
  std::vector<std::pair<Value, Value>> keyed;
  for (const auto& [key, value] : input.as_dict().entries()) {
    const Value& sorted_by = by == "key" ? key : value;
    keyed.emplace_back(sort_key(context, sorted_by, nullptr, bound.boolean(0, false)),
                       context.list({key, value}, List::Type::kTuple));
  }
  sort_by(context, keyed, bound.boolean(2, false));
  std::vector<Value> out;
  for (auto& [key, item] : keyed) out.push_back(std::move(item));
  return context.list(std::move(out));
}

Value unique_filter(Context& context, const Value& input, const Arguments& given) {
  const Bound bound(context, "filter 'unique'", {"case_sensitive", "attribute"}, given);
  Dict& seen = context.dict();
  std::vector<Value> out;
  for (const Value& item : iterate(context, input)) {
    const Value key = sort_key(context, item, unless_none(bound.get(1)), bound.boolean(0, false));
    if (seen.find(context, key)) continue;
    if (!seen.set(context, key, Value(true))) {
      context.fail<ConfigError>(
          "filter 'unique' got an item of type {}, expected str, numbers, "
          "bool or none.",
          type_name(key));
    }
    out.push_back(item);
  }
  return context.list(std::move(out), List::Type::kGenerator);
}

template <bool kMax>
Value extreme_filter(Context& context, const Value& input, const Arguments& given) {
  const Bound bound(context, kMax ? "filter 'max'" : "filter 'min'",
                    {"case_sensitive", "attribute"}, given);
  Value best;
  Value best_key;
  bool has_any = false;
  for (const Value& item : iterate(context, input)) {
    const Value key = sort_key(context, item, unless_none(bound.get(1)), bound.boolean(0, false));
    if (!has_any || (kMax ? less(context, best_key, key) : less(context, key, best_key))) {
      best = item;
      best_key = key;
    }
    has_any = true;
  }
  return has_any ? best : context.undefined(kMax ? "max of nothing" : "min of nothing");
}

Value sum_filter(Context& context, const Value& input, const Arguments& given) {
  const Bound bound(context, "filter 'sum'", {"attribute", "start"}, given);
  const Value* path = unless_none(bound.get(0));
  Value total = bound.get(1) ? *bound.get(1) : Value(std::int64_t{0});
  if (total.is(Kind::kString)) {
    context.fail<ConfigError>("filter 'sum' got a start of type str. Use 'join' for texts.");
  }
  for (const Value& item : iterate(context, input)) {
    total = binary(context, BinaryOp::kAdd, total, path ? follow_path(context, item, *path) : item);
  }
  return total;
}

Value default_filter(Context& context, const Value& input, const Arguments& given) {
  const Bound bound(context, "filter 'default'", {"default_value", "boolean"}, given);
  const bool is_missing = input.is(Kind::kUndefined) || (bound.boolean(1, false) && !truthy(input));
  if (!is_missing) return input;
  return bound.get(0) ? *bound.get(0) : context.string("");
}

constexpr Filter kSequenceFilters[] = {
    {"length", length_filter},     {"count", length_filter},  {"first", first_filter},
    {"last", last_filter},         {"list", list_filter},     {"items", items_filter},
    {"reverse", reverse_filter},   {"join", join_filter},     {"sort", sort_filter},
    {"dictsort", dictsort_filter}, {"unique", unique_filter}, {"min", extreme_filter<false>},
    {"max", extreme_filter<true>}, {"sum", sum_filter},       {"default", default_filter},
    {"d", default_filter},
};

}  // namespace

std::span<const Filter> sequence_filters() {
  return kSequenceFilters;
}

}  // namespace pangu::jinja
