// SPDX-License-Identifier: Apache-2.0
// One table per type; each method is a small function.
#include "text/jinja/methods.h"

#include <algorithm>
#include <iterator>
#include <span>

#include "text/jinja/arguments.h"
#include "text/jinja/operators.h"
#include "text/jinja/strings.h"
#include "text/jinja/text_operations.h"

namespace pangu::jinja {
namespace {

struct Method {
  std::string_view name;
  Value (*call)(Context&, const Value& self, const Arguments&);
};

template <bool kLeft, bool kRight>
Value strip_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "method 'strip'", {"chars"}, given);
  return strip(context, self, bound.optional_string(0), kLeft, kRight);
}

template <LetterCase kMode>
Value case_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "a method without arguments", {}, given);
  return with_case(context, self, kMode);
}

Value split_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "method 'split'", {"sep", "maxsplit"}, given);
  return context.list(split(context, self, bound.optional_string(0), bound.integer(1, -1)));
}

Value splitlines_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "method 'splitlines'", {"keepends"}, given);
  return context.list(split_lines(context, self, bound.boolean(0, false)));
}

/// startswith and endswith take one text or a tuple of them.
template <bool kAtStart>
Value affix_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, kAtStart ? "method 'startswith'" : "method 'endswith'", {"prefix"},
                    given, 1);
  const std::string& text = self.as_string();
  const auto fits = [&](const std::string& affix) {
    context.charge_bytes(affix.size());
    return kAtStart ? text.starts_with(affix) : text.ends_with(affix);
  };
  if (!bound.get(0)->is(Kind::kList)) return Value(fits(bound.string(0).as_string()));
  for (const Value& affix : bound.get(0)->as_list().items) {
    context.charge(1);
    if (affix.is(Kind::kString) && fits(affix.as_string())) return Value(true);
  }
  return Value(false);
}

Value replace_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "method 'replace'", {"old", "new", "count"}, given, 2);
  return replace(context, self, bound.string(0), bound.string(1), bound.integer(2, -1));
}

Value find_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "method 'find'", {"sub"}, given, 1);
  const std::string& text = self.as_string();
  context.charge_bytes(text.size());
  const std::size_t found = find_text(text, bound.string(0).as_string());
  if (found == std::string_view::npos) return Value(std::int64_t{-1});
  return Value(static_cast<std::int64_t>(count_chars(std::string_view(text).substr(0, found))));
}

Value join_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "method 'join'", {"iterable"}, given, 1);
  const std::vector<Value> items = iterate(context, *bound.get(0));
  for (const Value& item : items) {
    if (item.is(Kind::kString)) continue;
    context.fail<ConfigError>("method 'join' got an item of type {}, expected a str.",
                              type_name(item));
  }
  return join(context, items, self);
}

Value append_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "method 'append'", {"object"}, given, 1);
  context.charge_items(1);
  self.as_list().items.push_back(*bound.get(0));
  return Value::none();
}

Value get_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "method 'get'", {"key", "default"}, given, 1);
  if (const Value* found = self.as_dict().find(context, *bound.get(0))) return *found;
  return bound.get(1) ? *bound.get(1) : Value::none();
}

enum class Part { kKeys, kValues, kItems };

template <Part kPart>
Value view_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "a method without arguments", {}, given);
  std::vector<Value> out;
  for (const auto& [key, value] : self.as_dict().entries()) {
    if constexpr (kPart == Part::kKeys) out.push_back(key);
    if constexpr (kPart == Part::kValues) out.push_back(value);
    if constexpr (kPart == Part::kItems) {
      out.push_back(context.list({key, value}, List::Type::kTuple));
    }
  }
  return context.list(std::move(out), List::Type::kView);
}

Value cycle_method(Context& context, const Value& self, const Arguments& given) {
  if (given.positional.empty()) {
    context.fail<ConfigError>("'loop.cycle' got no values, expected at least one.");
  }
  return given.positional[self.as_loop().at % given.positional.size()];
}

constexpr Method kStringMethods[] = {
    {"strip", strip_method<true, true>},
    {"lstrip", strip_method<true, false>},
    {"rstrip", strip_method<false, true>},
    {"split", split_method},
    {"splitlines", splitlines_method},
    {"startswith", affix_method<true>},
    {"endswith", affix_method<false>},
    {"replace", replace_method},
    {"upper", case_method<LetterCase::kUpper>},
    {"lower", case_method<LetterCase::kLower>},
    {"title", case_method<LetterCase::kTitle>},
    {"capitalize", case_method<LetterCase::kCapitalize>},
    {"find", find_method},
    {"join", join_method},
};
constexpr Method kListMethods[] = {{"append", append_method}};
constexpr Method kDictMethods[] = {
    {"get", get_method},
    {"keys", view_method<Part::kKeys>},
    {"values", view_method<Part::kValues>},
    {"items", view_method<Part::kItems>},
};
constexpr Method kLoopMethods[] = {{"cycle", cycle_method}};

/// What Python would answer with a method, so that no item may be taken in its place.
constexpr std::string_view kOtherDictMethods[] = {"clear",   "copy",       "fromkeys", "pop",
                                                  "popitem", "setdefault", "update"};

std::span<const Method> methods_of(const Value& receiver) {
  switch (receiver.kind()) {
    case Kind::kString:
      return kStringMethods;
    case Kind::kList:
      if (receiver.as_list().type == List::Type::kList) return kListMethods;
      return {};
    case Kind::kDict:
      return kDictMethods;
    case Kind::kLoop:
      return kLoopMethods;
    default:
      return {};
  }
}

const Method* find_method_of(const Value& receiver, std::string_view name) {
  const auto methods = methods_of(receiver);
  const auto found = std::find_if(methods.begin(), methods.end(),
                                  [&](const Method& method) { return method.name == name; });
  return found == methods.end() ? nullptr : &*found;
}

}  // namespace

bool has_method(Context& context, const Value& receiver, std::string_view name) {
  if (find_method_of(receiver, name)) return true;
  if (receiver.is(Kind::kDict) &&
      std::find(std::begin(kOtherDictMethods), std::end(kOtherDictMethods), name) !=
          std::end(kOtherDictMethods)) {
    context.fail<Unsupported>(
        "method '{}' of a dict is not covered. Known: get, items, keys, "
        "values.",
        name);
  }
  return false;
}

Value call_method(Context& context, const Value& receiver, std::string_view name,
                  const Arguments& arguments) {
  context.charge(1);
  return find_method_of(receiver, name)->call(context, receiver, arguments);
}

}  // namespace pangu::jinja
