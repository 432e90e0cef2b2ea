// SPDX-License-Identifier: Apache-2.0
// Texts and numbers.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/clipped.h"
#include "grammar/regex/regex_parser.h"
#include "grammar/schema/json_characters.h"
#include "grammar/schema/schema_compiler.h"
#include "grammar/schema/schema_keywords.h"

namespace pangu::grammar {
namespace {

struct TextFormat {
  std::string_view name;
  const char* expression;
};

#define PANGU_DATE                                                                              \
  "(\\d{4}-((0[13578]|1[02])-(0[1-9]|[12]\\d|3[01])|(0[469]|11)-(0[1-9]|[12]\\d|30)|02-(0[1-9]" \
  "|1\\d|2[0-8]))|(\\d\\d(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)"
#define PANGU_TIME \
  "([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,6})?(Z|[+-]([01]\\d|2[0-3]):[0-5]\\d)"

/// RFC 3339 for times, without leap seconds; RFC 4122; addresses of letters, digits and the usual
/// signs, of moderate length.
constexpr TextFormat kTextFormats[] = {
    {"date", PANGU_DATE},
    {"time", PANGU_TIME},
    {"date-time", PANGU_DATE "T" PANGU_TIME},
    {"uuid", "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"},
    {"email",
     "[A-Za-z0-9_%+-]{1,32}(\\.[A-Za-z0-9_%+-]{1,30})?@"
     "([A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?\\.){1,3}[A-Za-z]{2,10}"},
};

#undef PANGU_DATE
#undef PANGU_TIME

/// Of OpenAPI. The numbers of a grammar are short enough for the other three.
constexpr std::string_view kNumberFormats[] = {"int32", "int64", "float", "double"};

/// Whether `format` is about texts; it may be, where no type is named.
bool may_be_text(const OrderedJson& schema) {
  if (!schema.contains("type")) return true;
  const OrderedJson& types = schema["type"];
  return std::find(types.begin(), types.end(), "string") != types.end();
}

bool is_narrower(const NumberBounds::Bound& a, const NumberBounds::Bound& b, bool is_min) {
  const bool is_beyond = is_min ? is_less(b.value, a.value) : is_less(a.value, b.value);
  const bool is_short = is_min ? is_less(a.value, b.value) : is_less(b.value, a.value);
  return is_beyond || (!is_short && a.is_exclusive);
}

}  // namespace

ExprId SchemaCompiler::compile_string(const OrderedJson& schema, const std::string& pointer) {
  const ExprId quote = rules_.text("\"");
  const bool has_pattern = schema.contains("pattern"), has_format = schema.contains("format");
  const bool has_length = schema.contains("minLength") || schema.contains("maxLength");
  if (has_pattern + has_format + has_length > 1) {
    refuse_schema(pointer,
                  "pattern, format and bounds of the length cannot be enforced together. "
                  "Keep one, or write the bounds into the pattern");
  }
  ExprId inner;
  if (has_pattern) {
    const std::string at = pointer_to(pointer, "pattern");
    inner = add_regex(schema["pattern"].get_ref<const std::string&>(), rules_,
                      RegexSpelling::kJsonString, RegexMatch::kAnywhere,
                      "the pattern of " + clipped(at, 200));
  } else if (has_format) {
    const auto& name = schema["format"].get_ref<const std::string&>();
    const auto* format = std::find_if(std::begin(kTextFormats), std::end(kTextFormats),
                                      [&](const TextFormat& f) { return f.name == name; });
    if (format == std::end(kTextFormats)) {
      refuse_schema(pointer_to(pointer, "format"),
                    fmt::format("'{}' is not supported for texts; date, time, date-time, uuid and "
                                "email are",
                                clipped(name)));
    }
    inner = add_regex(format->expression, rules_, RegexSpelling::kJsonString);
  } else {
    const auto [min, max] = counts_of(schema, "minLength", "maxLength", pointer);
    inner = rules_.repeat(any_json_character(rules_), min, max);
  }
  return rules_.sequence({quote, inner, quote});
}

ExprId SchemaCompiler::compile_number(const OrderedJson& schema, bool is_whole,
                                      const std::string& pointer) {
  const NumberBounds bounds = bounds_of(schema, pointer);
  if (!bounds.min && !bounds.max) {
    return is_whole ? add_regex("0|-?[1-9]\\d{0,15}", rules_)
                    : add_regex("-?(0|[1-9]\\d{0,15})(\\.\\d{1,16})?([eE][+-]?\\d{1,2})?", rules_);
  }
  const std::optional<ExprId> numbers =
      is_whole ? add_whole_numbers(bounds, rules_) : add_numbers(bounds, rules_);
  if (!numbers) refuse_schema(pointer, "no number lies within these bounds");
  return *numbers;
}

NumberBounds SchemaCompiler::bounds_of(const OrderedJson& schema, const std::string& pointer) {
  NumberBounds bounds;
  for (const char* key : {"minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"}) {
    add_bound(schema, key, bounds, pointer);
  }
  if (!schema.contains("format") || may_be_text(schema)) return bounds;
  const auto& format = schema["format"].get_ref<const std::string&>();
  if (std::find(std::begin(kNumberFormats), std::end(kNumberFormats), format) ==
      std::end(kNumberFormats)) {
    refuse_schema(pointer_to(pointer, "format"),
                  fmt::format("'{}' is not supported for numbers; {} are", clipped(format),
                              fmt::join(kNumberFormats, ", ")));
  }
  if (format == "int32") {
    const OrderedJson range = {{"minimum", -2147483648LL}, {"maximum", 2147483647LL}};
    for (const char* key : {"minimum", "maximum"}) add_bound(range, key, bounds, pointer);
  }
  return bounds;
}

/// Keeps the narrower one of two bounds.
void SchemaCompiler::add_bound(const OrderedJson& schema, const char* key, NumberBounds& bounds,
                               const std::string& pointer) {
  const auto number = schema.find(key);
  if (number == schema.end()) return;
  const std::string_view name = key;
  const bool is_min = name == "minimum" || name == "exclusiveMinimum";
  bool is_exact = true;
  const std::optional<Decimal> value = decimal_of(*number, is_exact);
  if (!is_exact) {
    refuse_schema(pointer_to(pointer, key),
                  fmt::format("bounds may have up to {} digits behind the point", kMaxDigits));
  }
  if (!value) {  // beyond all numbers of the grammar
    if ((number->get<double>() > 0) == is_min) {
      refuse_schema(
          pointer_to(pointer, key),
          fmt::format("numbers have up to {} digits, and none of them lies within this bound",
                      kMaxDigits));
    }
    return;
  }
  std::optional<NumberBounds::Bound>& bound = is_min ? bounds.min : bounds.max;
  const NumberBounds::Bound other{*value, name.starts_with("exclusive")};
  if (!bound || is_narrower(other, *bound, is_min)) bound = other;
}

}  // namespace pangu::grammar
