// SPDX-License-Identifier: Apache-2.0
// Attributes, items, slices and what a loop visits.
#include <algorithm>
#include <array>
#include <string_view>

#include "base/utf8.h"
#include "jinja/methods.h"
#include "jinja/operators.h"
#include "jinja/strings.h"

namespace pangu::jinja {
namespace {

Value loop_attribute(Context& context, const Loop& loop, const std::string& name) {
  const auto at = static_cast<std::int64_t>(loop.at);
  const auto size = static_cast<std::int64_t>(loop.items.size());
  if (name == "index") return Value(at + 1);
  if (name == "index0") return Value(at);
  if (name == "revindex") return Value(size - at);
  if (name == "revindex0") return Value(size - at - 1);
  if (name == "first") return Value(at == 0);
  if (name == "last") return Value(at + 1 == size);
  if (name == "length") return Value(size);
  if (name == "depth") return Value(loop.depth0 + 1);
  if (name == "depth0") return Value(loop.depth0);
  if (name == "previtem" && at > 0) return loop.items[loop.at - 1];
  if (name == "nextitem" && at + 1 < size) return loop.items[loop.at + 1];
  return context.undefined("loop." + name);
}

Value range_attribute(Context& context, const List& range, const std::string& name) {
  if (name == "start") return Value(range.bounds[0]);
  if (name == "stop") return Value(range.bounds[1]);
  if (name == "step") return Value(range.bounds[2]);
  return context.undefined(name);
}

Value list_attribute(Context& context, const List& list, const std::string& name) {
  if (list.type == List::Type::kRange) return range_attribute(context, list, name);
  if (list.is_group && name == "grouper") return list.items[0];
  if (list.is_group && name == "list") return list.items[1];
  return context.undefined(name);
}

Value helper_attribute(Context& context, const Helper& helper, const std::string& name) {
  if (!helper.is_cycler && name == "sep") return helper.items.front();
  if (!helper.is_cycler && name == "used") return Value(helper.at != 0);
  if (helper.is_cycler && name == "current") return helper.items[helper.at];
  if (helper.is_cycler && name == "pos") return Value(static_cast<std::int64_t>(helper.at));
  if (helper.is_cycler && name == "items") {
    return context.list(helper.items, List::Type::kTuple);
  }
  return context.undefined(name);
}

Value macro_attribute(Context& context, const Function& function, const std::string& name) {
  if (function.type != Function::Type::kMacro) return context.undefined(name);
  const Macro& macro = *function.macro;
  if (name == "name") return context.string(macro.name);
  if (name == "catch_kwargs") return Value(macro.has_kwargs);
  if (name == "catch_varargs") return Value(macro.has_varargs);
  if (name == "caller") return Value(macro.has_caller);
  if (name != "arguments") return context.undefined(name);
  std::vector<Value> names;
  for (const auto& [parameter, unused] : macro.parameters)
    names.push_back(context.string(parameter));
  return context.list(std::move(names), List::Type::kTuple);
}

Value or_undefined(Context& context, const Value* found, const std::string& name) {
  return found ? *found : context.undefined(name);
}

std::string describe_index(const Value& index) {
  if (index.is(Kind::kString)) return index.as_string().substr(0, 40);
  if (index.is_integral()) return fmt::format("[{}]", index.as_int());
  return "[...]";
}

/// Index of item `at` of `size`, counting from the end when negative; nothing when outside.
std::optional<std::size_t> position(std::int64_t at, std::size_t size) {
  const auto n = static_cast<std::int64_t>(size);
  if (at < -n || at >= n) return std::nullopt;
  return static_cast<std::size_t>(at < 0 ? at + n : at);
}

Value string_item(Context& context, const Value& text, const Value& index) {
  const std::string& bytes = text.as_string();
  context.charge_bytes(bytes.size());
  const auto at = position(index.as_int(), count_chars(bytes));
  if (!at) return context.undefined(describe_index(index));
  const std::size_t begin = char_offset(bytes, *at);
  std::size_t end = begin;
  utf8::next(bytes, end);
  return context.slice(text, begin, end).as_markup(text.is_markup());
}

/// Start, stop and step with Python's clamping, for a sequence of `size` items.
struct Steps {
  std::int64_t start;
  std::int64_t stop;
  std::int64_t step;
};

Steps clamp(Context& context, std::size_t size, const Value* start, const Value* stop,
            const Value* step) {
  const auto n = static_cast<std::int64_t>(size);
  const auto number = [&](const Value* part) -> std::optional<std::int64_t> {
    if (!part || part->is(Kind::kNone)) return std::nullopt;
    if (part->is(Kind::kUndefined)) context.fail_undefined(*part);
    if (!part->is_integral()) {
      context.fail<ConfigError>("a slice has an index of type {}, expected an int.",
                                type_name(*part));
    }
    return part->as_int();
  };
  // Steps beyond the size all visit one item; the bound keeps the sums below from overflowing.
  const std::int64_t by = std::clamp<std::int64_t>(number(step).value_or(1), -n - 1, n + 1);
  if (by == 0) context.fail<ConfigError>("the step of a slice is 0, expected another number.");
  const std::int64_t low = by > 0 ? 0 : -1;
  const std::int64_t high = by > 0 ? n : n - 1;
  const auto bounded = [&](const Value* part, std::int64_t fallback) {
    const auto given = number(part);
    if (!given) return fallback;
    return *given < 0 ? (*given < -n ? low : std::max(*given + n, low)) : std::min(*given, high);
  };
  return {bounded(start, by > 0 ? low : high), bounded(stop, by > 0 ? high : low), by};
}

/// The bounds of a range's slice.
std::array<std::int64_t, 3> sliced_range(const std::array<std::int64_t, 3>& range,
                                         const Steps& steps) {
  // Unsigned: what a range made of large numbers would overflow is never reached.
  const auto at = [&](std::int64_t i) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(range[0]) +
                                     static_cast<std::uint64_t>(i) *
                                         static_cast<std::uint64_t>(range[2]));
  };
  const auto step = static_cast<std::int64_t>(static_cast<std::uint64_t>(range[2]) *
                                              static_cast<std::uint64_t>(steps.step));
  return {at(steps.start), at(steps.stop), step};
}

Value slice_string(Context& context, const Value& text, const Steps& steps) {
  const std::string& bytes = text.as_string();
  if (steps.step == 1) {
    const auto from = static_cast<std::size_t>(steps.start);
    const auto to = static_cast<std::size_t>(std::max(steps.start, steps.stop));
    return context.slice(text, char_offset(bytes, from), char_offset(bytes, to));
  }
  std::vector<std::size_t> offsets;
  context.charge_bytes(bytes.size() * sizeof(std::size_t));
  for (std::size_t at = 0; at < bytes.size(); utf8::next(bytes, at)) offsets.push_back(at);
  offsets.push_back(bytes.size());
  Writer out(context);
  for (auto i = steps.start; steps.step > 0 ? i < steps.stop : i > steps.stop; i += steps.step) {
    const auto at = static_cast<std::size_t>(i);
    out.append(text.as_text(), offsets[at], offsets[at + 1]);
  }
  return out.value();
}

}  // namespace

Value get_attribute(Context& context, const Value& object, const std::string& name) {
  context.charge(1);
  if (object.is(Kind::kUndefined)) context.fail_undefined(object);
  if (has_method(context, object, name)) {
    return context.function({.type = Function::Type::kMethod, .name = name, .receiver = object});
  }
  switch (object.kind()) {
    case Kind::kDict:
      return or_undefined(context, object.as_dict().find(context, name), name);
    case Kind::kNamespace:
      return or_undefined(context, object.as_namespace().attributes.find(context, name), name);
    case Kind::kLoop:
      return loop_attribute(context, object.as_loop(), name);
    case Kind::kList:
      return list_attribute(context, object.as_list(), name);
    case Kind::kHelper:
      return helper_attribute(context, object.as_helper(), name);
    case Kind::kFunction:
      return macro_attribute(context, object.as_function(), name);
    default:
      return context.undefined(name);
  }
}

Value get_item(Context& context, const Value& object, const Value& index) {
  context.charge(1);
  if (object.is(Kind::kUndefined)) context.fail_undefined(object);
  if (index.is_integral()) {
    if (object.is(Kind::kString)) return string_item(context, object, index);
    if (object.is(Kind::kList) && object.as_list().can_index()) {
      const List& list = object.as_list();
      const auto at = position(index.as_int(), list.items.size());
      return at ? list.items[*at] : context.undefined(describe_index(index));
    }
  }
  if (object.is(Kind::kDict)) {
    if (const Value* found = object.as_dict().find(context, index)) return *found;
  }
  if (index.is(Kind::kString)) return get_attribute(context, object, index.as_string());
  return context.undefined(describe_index(index));
}

Value slice(Context& context, const Value& object, const Value* start, const Value* stop,
            const Value* step) {
  if (object.is(Kind::kUndefined)) context.fail_undefined(object);
  if (object.is(Kind::kString)) {
    context.charge_bytes(object.as_string().size());
    const std::size_t size = count_chars(object.as_string());
    return slice_string(context, object, clamp(context, size, start, stop, step))
        .as_markup(object.is_markup());
  }
  if (!object.is(Kind::kList) || !object.as_list().can_index()) {
    context.fail<ConfigError>("a slice is taken of a value of type {}, expected a str or list.",
                              type_name(object));
  }
  const List& list = object.as_list();
  const Steps steps = clamp(context, list.items.size(), start, stop, step);
  std::vector<Value> items;
  for (auto i = steps.start; steps.step > 0 ? i < steps.stop : i > steps.stop; i += steps.step) {
    items.push_back(list.items[static_cast<std::size_t>(i)]);
  }
  Value out = context.list(std::move(items), list.type);
  if (list.type == List::Type::kRange) out.as_list().bounds = sliced_range(list.bounds, steps);
  return out;
}

std::vector<Value> iterate(Context& context, const Value& value) {
  std::vector<Value> items;
  switch (value.kind()) {
    case Kind::kUndefined:
      return items;
    case Kind::kString: {
      const std::string& bytes = value.as_string();
      for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t begin = at;
        utf8::next(bytes, at);
        context.charge(8);  // A string of its own for each character.
        items.push_back(context.slice(value, begin, at));
      }
      return items;
    }
    case Kind::kList: {
      List& list = value.as_list();
      context.charge_items(list.items.size());
      if (list.type == List::Type::kGenerator) return std::exchange(list.items, {});
      return list.items;
    }
    case Kind::kDict:
      context.charge_items(value.as_dict().entries().size());
      for (const auto& [key, unused] : value.as_dict().entries()) items.push_back(key);
      return items;
    default:
      context.fail<ConfigError>(
          "a value of type {} has no items to go through, expected a list, "
          "dict or str.",
          type_name(value));
  }
}

std::optional<std::int64_t> length(const Value& value) {
  switch (value.kind()) {
    case Kind::kUndefined:
      return 0;
    case Kind::kString:
      return static_cast<std::int64_t>(count_chars(value.as_string()));
    case Kind::kList:
      if (!value.as_list().has_length()) return std::nullopt;
      return static_cast<std::int64_t>(value.as_list().items.size());
    case Kind::kDict:
      return static_cast<std::int64_t>(value.as_dict().entries().size());
    case Kind::kLoop:
      return static_cast<std::int64_t>(value.as_loop().items.size());
    default:
      return std::nullopt;
  }
}

}  // namespace pangu::jinja
