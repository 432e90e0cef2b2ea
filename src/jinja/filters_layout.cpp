// SPDX-License-Identifier: Apache-2.0
// Filters that put text into a width, shorten it, count it, or put values into it.
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/utf8.h"
#include "jinja/arguments.h"
#include "jinja/characters.h"
#include "jinja/filters.h"
#include "jinja/format.h"
#include "jinja/literals.h"
#include "jinja/operators.h"
#include "jinja/pretty_print.h"
#include "jinja/string_format.h"
#include "jinja/strings.h"
#include "jinja/text_operations.h"
#include "jinja/word_wrap.h"

namespace pangu::jinja {
namespace {

Value center_filter(Context& context, const Value& input, const Arguments& given) {
  const Bound bound(context, "filter 'center'", {"width"}, given);
  return centered(context, to_str(context, input), bound.integer(0, 80), context.string(" "))
      .as_markup(input.is_markup());
}

/// printf-style: the values by place or by name.
Value format_filter(Context& context, const Value& input, const Arguments& given) {
  const Value format = to_str(context, input);
  if (!given.positional.empty() && !given.named.empty()) {
    context.fail<ConfigError>("filter 'format' takes values by place or by name, not both.");
  }
  if (given.named.empty()) {
    return percent_format(context, format, context.list(given.positional, List::Type::kTuple));
  }
  Dict& values = context.dict();
  for (const auto& [name, value, source] : given.named) {
    values.set(context, context.string(name, source), value);
  }
  return percent_format(context, format, Value(&values));
}

Value truncate_filter(Context& context, const Value& input, const Arguments& given) {
  const Bound bound(context, "filter 'truncate'", {"length", "killwords", "end", "leeway"}, given);
  const Value end = bound.get(2) ? bound.string(2) : context.string("...");
  const std::int64_t wanted = bound.integer(0, 255);
  const bool has_leeway = bound.get(3) && !bound.get(3)->is(Kind::kNone);
  const std::int64_t leeway = has_leeway ? bound.integer(3, 5) : 5;
  const auto end_size = static_cast<std::int64_t>(count_chars(end.as_string()));
  if (wanted < end_size || leeway < 0) {
    context.fail<ConfigError>(
        "filter 'truncate' got a length of {} and a leeway of {}, expected at least {} and 0.",
        wanted, leeway, end_size);
  }
  const auto size = length(input);
  if (size && *size - leeway <= wanted) return input;
  need_string(context, input, "truncate");
  const auto kept = static_cast<std::size_t>(wanted - end_size);
  Value head = context.slice(input, 0, char_offset(input.as_string(), kept));
  if (!bound.boolean(1, false)) head = split_from_end(context, head, " ", 1).front();
  return binary(context, BinaryOp::kAdd, head.as_markup(input.is_markup()), end);
}

Value wordcount_filter(Context& context, const Value& input, const Arguments& given) {
  const Bound bound(context, "filter 'wordcount'", {}, given);
  const Value text = to_str(context, input);
  context.charge_bytes(text.as_string().size());
  std::int64_t count = 0;
  bool is_within = false;
  for (std::size_t at = 0; at < text.as_string().size();) {
    const bool was_within = is_within;
    is_within = is_word_char(utf8::next(text.as_string(), at));
    count += is_within && !was_within ? 1 : 0;
  }
  return Value(count);
}

Value wordwrap_filter(Context& context, const Value& input, const Arguments& given) {
  const Bound bound(context, "filter 'wordwrap'",
                    {"width", "break_long_words", "wrapstring", "break_on_hyphens"}, given);
  const std::int64_t width = bound.integer(0, 79);
  if (width < 1) {
    context.fail<ConfigError>("filter 'wordwrap' got a width of {}, expected at least 1.", width);
  }
  const bool has_between = bound.get(2) && !bound.get(2)->is(Kind::kNone);
  const Value between = has_between ? bound.string(2) : context.string("\n");
  const Value& text = need_string(context, input, "wordwrap");
  constexpr std::size_t kMemoryPerByte = 32;  // of the characters and chunks
  context.charge_bytes(text.as_string().size() * kMemoryPerByte);
  const WrapOptions options{.width = static_cast<std::size_t>(width),
                            .breaks_long_words = bound.boolean(1, true),
                            .breaks_on_hyphens = bound.boolean(3, true)};
  Writer out(context);
  bool is_first = true;
  for (const Value& line : split_lines(context, text, false)) {
    const std::string& bytes = line.as_string();
    if (!std::exchange(is_first, false)) out.append(between.as_text());
    bool begins = true;
    for (const std::string_view part : wrap_words(bytes, options)) {
      if (!std::exchange(begins, false)) out.append(between.as_text());
      const auto begin = static_cast<std::size_t>(part.data() - bytes.data());
      out.append(line.as_text(), begin, begin + part.size());
    }
  }
  return out.value();
}

/// "13 kB", "4.1 MB", ...
Value filesizeformat_filter(Context& context, const Value& input, const Arguments& given) {
  static constexpr std::string_view kPrefixes = "kMGTPEZY";
  const Bound bound(context, "filter 'filesizeformat'", {"binary"}, given);
  const bool is_binary = bound.boolean(0, false);
  const double base = is_binary ? 1024 : 1000;
  const auto parsed = input.is(Kind::kString) ? parse_float(input.as_string()) : std::nullopt;
  if (!input.is_number() && !parsed) {
    context.fail<ConfigError>("filter 'filesizeformat' got a value of type {}, expected a number.",
                              type_name(input));
  }
  const double bytes = parsed ? *parsed : input.as_double();
  if (bytes == 1) return context.string("1 Byte");
  if (bytes < base) {
    return context.string(fmt::format("{} Bytes", truncated_value(context, Value(bytes)).as_int()));
  }
  std::size_t i = 0;
  while (i + 1 < kPrefixes.size() && bytes >= std::pow(base, static_cast<double>(i + 2))) ++i;
  const double unit = std::pow(base, static_cast<double>(i + 2));
  const char letter = is_binary && i == 0 ? 'K' : kPrefixes[i];
  return context.string(
      fmt::format("{:.1f} {}{}", base * bytes / unit, letter, is_binary ? "iB" : "B"));
}

Value pprint_filter(Context& context, const Value& input, const Arguments& given) {
  const Bound bound(context, "filter 'pprint'", {}, given);
  return pretty_printed(context, input);
}

constexpr Filter kLayoutFilters[] = {
    {"pprint", pprint_filter},
    {"center", center_filter},
    {"format", format_filter},
    {"truncate", truncate_filter},
    {"wordcount", wordcount_filter},
    {"wordwrap", wordwrap_filter},
    {"filesizeformat", filesizeformat_filter},
};

}  // namespace

std::span<const Filter> layout_filters() {
  return kLayoutFilters;
}

}  // namespace pangu::jinja
