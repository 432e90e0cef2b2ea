// SPDX-License-Identifier: Apache-2.0
// Filters that give numbers.
#include <algorithm>
#include <cmath>
#include <string>

#include "jinja/arguments.h"
#include "jinja/filters.h"
#include "jinja/literals.h"
#include "jinja/operators.h"

namespace pangu::jinja {
namespace {

/// The integer part of a float; nothing for inf and nan.
std::optional<std::int64_t> truncated(Context& context, double value) {
  if (!std::isfinite(value)) return std::nullopt;
  return truncated_value(context, Value(value)).as_int();
}

Value int_filter(Context& context, const Value& input, const Arguments& given) {
  const Bound bound(context, "filter 'int'", {"default", "base"}, given);
  const std::int64_t base = bound.integer(1, 10);
  if (base != 0 && (base < 2 || base > 36)) {
    context.fail<ConfigError>("the base of filter 'int' is {}, expected 0 or 2 to 36.", base);
  }
  if (input.is(Kind::kUndefined)) context.fail_undefined(input);
  std::optional<std::int64_t> result;
  if (input.is_integral()) result = input.as_int();
  if (input.is(Kind::kFloat)) result = truncated(context, input.as_double());
  if (input.is(Kind::kString)) {
    context.charge_bytes(2 * input.as_string().size());
    result = parse_int(input.as_string(), static_cast<int>(base));
    if (!result) {
      if (const auto number = parse_float(input.as_string())) result = truncated(context, *number);
    }
  }
  if (result) return Value(*result);
  return bound.get(0) ? *bound.get(0) : Value(std::int64_t{0});
}

Value float_filter(Context& context, const Value& input, const Arguments& given) {
  const Bound bound(context, "filter 'float'", {"default"}, given);
  if (input.is(Kind::kUndefined)) context.fail_undefined(input);
  if (input.is_number()) return Value(input.as_double());
  if (input.is(Kind::kString)) {
    context.charge_bytes(2 * input.as_string().size());
    if (const auto number = parse_float(input.as_string())) return Value(*number);
  }
  return bound.get(0) ? *bound.get(0) : Value(0.0);
}

void need_number(Context& context, const Value& input, std::string_view filter) {
  if (input.is(Kind::kUndefined)) context.fail_undefined(input);
  if (!input.is_number()) {
    context.fail<ConfigError>("filter '{}' got a value of type {}, expected a number.", filter,
                              type_name(input));
  }
}

Value abs_filter(Context& context, const Value& input, const Arguments& given) {
  const Bound bound(context, "filter 'abs'", {}, given);
  need_number(context, input, "abs");
  if (input.is(Kind::kFloat)) return Value(std::abs(input.as_double()));
  return signed_value(context, input.as_int() < 0 ? '-' : '+', input);
}

/// Python's round(): the exact value of the double, halves to even.
double rounded(double value, int precision) {
  if (!std::isfinite(value) || precision > 300) return value;
  if (precision < 0) {
    const double unit = std::pow(10.0, -precision);
    return std::isinf(unit) ? std::copysign(0.0, value) : std::nearbyint(value / unit) * unit;
  }
  return parse_float(fmt::format("{:.{}f}", value, precision)).value_or(value);
}

Value round_filter(Context& context, const Value& input, const Arguments& given) {
  const Bound bound(context, "filter 'round'", {"precision", "method"}, given);
  need_number(context, input, "round");
  const std::int64_t precision = std::clamp<std::int64_t>(bound.integer(0, 0), -400, 400);
  const std::string method(bound.optional_string(1).value_or("common"));
  if (method == "common") {
    if (input.is_integral() && precision >= 0) return Value(input.as_int());
    const double result = rounded(input.as_double(), static_cast<int>(precision));
    const auto whole = input.is_integral() ? truncated(context, result) : std::nullopt;
    return whole ? Value(*whole) : Value(result);
  }
  if (method != "ceil" && method != "floor") {
    context.fail<ConfigError>("filter 'round' got the method '{}'. Known: common, ceil, floor.",
                              method);
  }
  const double scale = std::pow(10.0, static_cast<double>(precision));
  const double scaled = input.as_double() * scale;
  // Python makes an int of it, which has no negative zero.
  return Value(((method == "ceil" ? std::ceil(scaled) : std::floor(scaled)) + 0.0) / scale);
}

constexpr Filter kNumberFilters[] = {
    {"int", int_filter},
    {"float", float_filter},
    {"abs", abs_filter},
    {"round", round_filter},
};

}  // namespace

std::span<const Filter> number_filters() {
  return kNumberFilters;
}

}  // namespace pangu::jinja
