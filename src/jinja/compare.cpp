// SPDX-License-Identifier: Apache-2.0
// Equality, order and membership.
#include <algorithm>
#include <cstddef>
#include <limits>

#include "jinja/operators.h"
#include "jinja/strings.h"

namespace pangu::jinja {
namespace {

/// Views of keys and of items compare as sets.
bool equal_sets(Context& context, const List& a, const List& b) {
  const auto has = [&](const Value& item) {
    return std::any_of(b.items.begin(), b.items.end(),
                       [&](const Value& other) { return equal(context, item, other); });
  };
  return std::all_of(a.items.begin(), a.items.end(), has);
}

bool equal_lists(Context& context, const List& a, const List& b) {
  if (&a == &b) return true;
  // Views of values and generators are equal to themselves alone.
  if (a.type != b.type || a.type == List::Type::kGenerator || a.type == List::Type::kValues ||
      a.items.size() != b.items.size()) {
    return false;
  }
  if (a.is_view()) return equal_sets(context, a, b);
  for (std::size_t i = 0; i < a.items.size(); ++i) {
    if (!equal(context, a.items[i], b.items[i])) return false;
  }
  return true;
}

bool equal_dicts(Context& context, const Dict& a, const Dict& b) {
  if (&a == &b) return true;
  if (a.entries().size() != b.entries().size()) return false;
  for (const auto& [key, value] : a.entries()) {
    const Value* other = b.find(context, key);
    if (!other || !equal(context, value, *other)) return false;
  }
  return true;
}

bool less_lists(Context& context, const List& a, const List& b) {
  for (std::size_t i = 0; i < a.items.size() && i < b.items.size(); ++i) {
    if (!equal(context, a.items[i], b.items[i])) return less(context, a.items[i], b.items[i]);
  }
  return a.items.size() < b.items.size();
}

/// Compares as Python does: ints exactly, not through double.
bool less_numbers(const Value& a, const Value& b) {
  if (a.is_integral() && b.is_integral()) return a.as_int() < b.as_int();
  return a.as_double() < b.as_double();
}

bool equal_numbers(const Value& a, const Value& b) {
  if (a.is_integral() && b.is_integral()) return a.as_int() == b.as_int();
  return a.as_double() == b.as_double();
}

bool both(const Value& a, const Value& b, Kind kind) {
  return a.is(kind) && b.is(kind);
}

void charge_text(Context& context, const Value& a) {
  context.charge_bytes(a.as_string().size());
}

}  // namespace

bool equal(Context& context, const Value& a, const Value& b) {
  context.charge(1);
  if (a.is_number() && b.is_number()) return equal_numbers(a, b);
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Kind::kUndefined:
    case Kind::kNone:
      return true;
    case Kind::kString:
      if (a.as_string().size() != b.as_string().size()) return false;
      charge_text(context, a);
      return a.as_string() == b.as_string();
    case Kind::kList: {
      const DepthGuard guard(context);
      return equal_lists(context, a.as_list(), b.as_list());
    }
    case Kind::kDict: {
      const DepthGuard guard(context);
      return equal_dicts(context, a.as_dict(), b.as_dict());
    }
    case Kind::kNamespace:
    case Kind::kFunction:
    case Kind::kLoop:
    case Kind::kHelper:
      return is_same_object(a, b);
    case Kind::kBool:
    case Kind::kInt:
    case Kind::kFloat:
      return equal_numbers(a, b);
  }
  return false;
}

bool less(Context& context, const Value& a, const Value& b) {
  context.charge(1);
  if (a.is_number() && b.is_number()) return less_numbers(a, b);
  // UTF-8 sorts by bytes as by code points.
  if (both(a, b, Kind::kString)) {
    charge_text(context, a);
    return a.as_string() < b.as_string();
  }
  if (both(a, b, Kind::kList) && a.as_list().type == b.as_list().type &&
      a.as_list().type <= List::Type::kTuple) {
    const DepthGuard guard(context);
    return less_lists(context, a.as_list(), b.as_list());
  }
  if (a.is(Kind::kUndefined)) context.fail_undefined(a);
  if (b.is(Kind::kUndefined)) context.fail_undefined(b);
  context.fail<ConfigError>("values of types {} and {} have no order. Compare two of one type.",
                            type_name(a), type_name(b));
}

bool contains(Context& context, const Value& container, const Value& item) {
  switch (container.kind()) {
    case Kind::kUndefined:
      return false;
    case Kind::kString:
      if (item.is(Kind::kUndefined)) context.fail_undefined(item);
      if (!item.is(Kind::kString)) {
        context.fail<ConfigError>("'in' looks for a value of type {} in a str, expected a str.",
                                  type_name(item));
      }
      charge_text(context, container);
      return find_text(container.as_string(), item.as_string()) != std::string_view::npos;
    case Kind::kList:
      for (const Value& each : iterate(context, container)) {
        if (equal(context, each, item)) return true;
      }
      return false;
    case Kind::kDict:
      if (item.is(Kind::kDict) ||
          (item.is(Kind::kList) && item.as_list().type != List::Type::kTuple)) {
        context.fail<ConfigError>("a {} cannot be the key of a dict.", type_name(item));
      }
      return container.as_dict().find(context, item) != nullptr;
    default:
      context.fail<ConfigError>("'in' looks into a value of type {}, expected a str, list or dict.",
                                type_name(container));
  }
}

bool is_same_object(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Kind::kUndefined:
      return false;
    case Kind::kNone:
      return true;
    case Kind::kBool:
    case Kind::kInt:
      return a.as_int() == b.as_int();
    case Kind::kFloat:
      return a.as_double() == b.as_double();
    case Kind::kString:
      return &a.as_text() == &b.as_text() ||
             (a.is_markup() == b.is_markup() && a.as_string() == b.as_string());
    case Kind::kList:
      return &a.as_list() == &b.as_list();
    case Kind::kDict:
      return &a.as_dict() == &b.as_dict();
    case Kind::kNamespace:
      return &a.as_namespace() == &b.as_namespace();
    case Kind::kFunction:
      return &a.as_function() == &b.as_function();
    case Kind::kLoop:
      return &a.as_loop() == &b.as_loop();
    case Kind::kHelper:
      return &a.as_helper() == &b.as_helper();
  }
  return false;
}

bool compare(Context& context, CompareOp op, const Value& left, const Value& right) {
  // a <= b is not `not b < a` for floats: comparisons with nan are false.
  const auto at_most = [&](const Value& a, const Value& b) {
    return less(context, a, b) || equal(context, a, b);
  };
  switch (op) {
    case CompareOp::kEqual:
      return equal(context, left, right);
    case CompareOp::kNotEqual:
      return !equal(context, left, right);
    case CompareOp::kLess:
      return less(context, left, right);
    case CompareOp::kLessEqual:
      return at_most(left, right);
    case CompareOp::kGreater:
      return less(context, right, left);
    case CompareOp::kGreaterEqual:
      return at_most(right, left);
    case CompareOp::kIn:
      return contains(context, right, left);
    case CompareOp::kNotIn:
      return !contains(context, right, left);
  }
  return false;
}

}  // namespace pangu::jinja
