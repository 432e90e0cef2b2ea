// SPDX-License-Identifier: Apache-2.0
// + - * / // % ** on numbers, and + and * on strings and lists.
#include <cmath>
#include <string_view>

#include "jinja/markup.h"
#include "jinja/operators.h"
#include "jinja/string_format.h"

namespace pangu::jinja {
namespace {

constexpr std::string_view kSymbols[] = {"+", "-", "*", "/", "//", "%", "**"};

std::string_view symbol(BinaryOp op) {
  return kSymbols[static_cast<std::size_t>(op)];
}

[[noreturn]] void fail_overflow(Context& context, std::string_view op) {
  context.fail<ConfigError>("the result of '{}' does not fit a 64-bit integer.", op);
}

[[noreturn]] void fail_zero(Context& context, BinaryOp op) {
  context.fail<ConfigError>("'{}' divides by zero.", symbol(op));
}

std::int64_t integer_power(Context& context, std::int64_t base, std::int64_t exponent) {
  std::int64_t result = 1;
  while (exponent > 0) {
    if (exponent % 2 == 1 && __builtin_mul_overflow(result, base, &result)) {
      fail_overflow(context, "**");
    }
    exponent /= 2;
    if (exponent > 0 && __builtin_mul_overflow(base, base, &base)) fail_overflow(context, "**");
  }
  return result;
}

/// Python rounds the quotient down, C towards zero.
std::int64_t floor_divide(Context& context, std::int64_t a, std::int64_t b) {
  if (b == -1) {
    std::int64_t result = 0;
    if (__builtin_sub_overflow(std::int64_t{0}, a, &result)) fail_overflow(context, "//");
    return result;
  }
  const std::int64_t quotient = a / b;
  return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

std::int64_t floor_modulo(std::int64_t a, std::int64_t b) {
  if (b == -1) return 0;
  const std::int64_t rest = a % b;
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

Value integer_binary(Context& context, BinaryOp op, std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  bool overflows = false;
  switch (op) {
    case BinaryOp::kAdd:
      overflows = __builtin_add_overflow(a, b, &result);
      break;
    case BinaryOp::kSubtract:
      overflows = __builtin_sub_overflow(a, b, &result);
      break;
    case BinaryOp::kMultiply:
      overflows = __builtin_mul_overflow(a, b, &result);
      break;
    case BinaryOp::kDivide:
      if (b == 0) fail_zero(context, op);
      return Value(static_cast<double>(a) / static_cast<double>(b));
    case BinaryOp::kFloorDivide:
      if (b == 0) fail_zero(context, op);
      return Value(floor_divide(context, a, b));
    case BinaryOp::kModulo:
      if (b == 0) fail_zero(context, op);
      return Value(floor_modulo(a, b));
    case BinaryOp::kPower:
      if (b >= 0) return Value(integer_power(context, a, b));
      if (a == 0) fail_zero(context, op);
      return Value(std::pow(static_cast<double>(a), static_cast<double>(b)));
  }
  if (overflows) fail_overflow(context, symbol(op));
  return Value(result);
}

double float_modulo(double a, double b) {
  const double rest = std::fmod(a, b);
  if (rest == 0) return std::copysign(0.0, b);
  return (rest < 0) != (b < 0) ? rest + b : rest;
}

Value float_binary(Context& context, BinaryOp op, double a, double b) {
  switch (op) {
    case BinaryOp::kAdd:
      return Value(a + b);
    case BinaryOp::kSubtract:
      return Value(a - b);
    case BinaryOp::kMultiply:
      return Value(a * b);
    case BinaryOp::kDivide:
    case BinaryOp::kFloorDivide:
    case BinaryOp::kModulo:
      if (b == 0) fail_zero(context, op);
      if (op == BinaryOp::kDivide) return Value(a / b);
      if (op == BinaryOp::kModulo) return Value(float_modulo(a, b));
      return Value(std::round((a - float_modulo(a, b)) / b));
    case BinaryOp::kPower: {
      if (a == 0 && b < 0) fail_zero(context, op);
      const double result = std::pow(a, b);
      if (std::isnan(result) && !std::isnan(a) && !std::isnan(b)) {
        context.fail<ConfigError>("'**' of a negative number and a fraction is no real number.");
      }
      return Value(result);
    }
  }
  return Value();
}

/// `count` copies of a string or list; none for a negative count.
Value repeat(Context& context, const Value& sequence, std::int64_t count) {
  const std::size_t n = count < 0 ? 0 : static_cast<std::size_t>(count);
  if (sequence.is(Kind::kString)) {
    Writer out(context);
    const std::size_t times = sequence.as_string().empty() ? 0 : n;
    for (std::size_t i = 0; i < times; ++i) out.append(sequence.as_text());
    return out.value().as_markup(sequence.is_markup());
  }
  const List& list = sequence.as_list();
  const std::size_t limit = context.limits().range_items;
  if (!list.items.empty() && n > limit / list.items.size()) {
    context.fail<ConfigError>("a list of {} items times {} is longer than {} items.",
                              list.items.size(), n, limit);
  }
  std::vector<Value> items;
  for (std::size_t i = 0; i < n && !list.items.empty(); ++i) {
    items.insert(items.end(), list.items.begin(), list.items.end());
  }
  return context.list(std::move(items), list.type);
}

bool can_be_repeated(const Value& value) {
  return value.is(Kind::kString) ||
         (value.is(Kind::kList) && value.as_list().type <= List::Type::kTuple);
}

/// Where one of them is markup, the other is escaped.
Value add_strings(Context& context, const Value& left, const Value& right) {
  const bool is_markup = left.is_markup() || right.is_markup();
  Writer out(context);
  out.append((is_markup ? escaped(context, left) : left).as_text());
  out.append((is_markup ? escaped(context, right) : right).as_text());
  return out.value().as_markup(is_markup);
}

Value add_lists(Context& context, const List& a, const List& b) {
  context.charge_items(a.items.size() + b.items.size());
  std::vector<Value> items = a.items;
  items.insert(items.end(), b.items.begin(), b.items.end());
  return context.list(std::move(items), a.type);
}

}  // namespace

Value binary(Context& context, BinaryOp op, const Value& left, const Value& right) {
  if (left.is(Kind::kUndefined)) context.fail_undefined(left);
  if (op == BinaryOp::kModulo && left.is(Kind::kString) && right.is(Kind::kUndefined)) {
    return percent_format(context, left, right);  // '%s' prints nothing for it
  }
  if (right.is(Kind::kUndefined)) context.fail_undefined(right);
  if (left.is_integral() && right.is_integral()) {
    return integer_binary(context, op, left.as_int(), right.as_int());
  }
  if (left.is_number() && right.is_number()) {
    return float_binary(context, op, left.as_double(), right.as_double());
  }
  if (op == BinaryOp::kAdd && left.is(Kind::kString) && right.is(Kind::kString)) {
    return add_strings(context, left, right);
  }
  if (op == BinaryOp::kAdd && left.is(Kind::kList) && can_be_repeated(left) &&
      right.is(Kind::kList) && left.as_list().type == right.as_list().type) {
    return add_lists(context, left.as_list(), right.as_list());
  }
  if (op == BinaryOp::kMultiply && can_be_repeated(left) && right.is_integral()) {
    return repeat(context, left, right.as_int());
  }
  if (op == BinaryOp::kMultiply && left.is_integral() && can_be_repeated(right)) {
    return repeat(context, right, left.as_int());
  }
  if (op == BinaryOp::kModulo && left.is(Kind::kString)) {
    return percent_format(context, left, right);
  }
  context.fail<ConfigError>(
      "'{}' does not work on types {} and {}. Join text with '~', or convert with a filter.",
      symbol(op), type_name(left), type_name(right));
}

Value truncated_value(Context& context, const Value& value) {
  constexpr double kTwoTo63 = 9223372036854775808.0;
  const double number = value.as_double();
  if (!(number >= -kTwoTo63 && number < kTwoTo63)) {
    context.fail<ConfigError>("{} does not fit a 64-bit integer.", number);
  }
  return Value(static_cast<std::int64_t>(number));
}

Value signed_value(Context& context, char sign, const Value& value) {
  if (value.is(Kind::kUndefined)) context.fail_undefined(value);
  if (!value.is_number()) {
    context.fail<ConfigError>("the sign '{}' stands before a value of type {}, expected a number.",
                              sign, type_name(value));
  }
  if (value.is(Kind::kFloat)) return Value(sign == '-' ? -value.as_double() : value.as_double());
  const BinaryOp op = sign == '-' ? BinaryOp::kSubtract : BinaryOp::kAdd;
  return integer_binary(context, op, 0, value.as_int());
}

}  // namespace pangu::jinja
