// SPDX-License-Identifier: Apache-2.0
// Filters that give text. Values that are no text are printed first.
#include <algorithm>
#include <string>
#include <utility>

#include "jinja/arguments.h"
#include "jinja/filters.h"
#include "jinja/format.h"
#include "jinja/markup.h"
#include "jinja/operators.h"
#include "jinja/text_operations.h"

namespace pangu::jinja {
namespace {

template <LetterCase kMode>
Value case_filter(Context& context, const Value& input, const Arguments& given) {
  const Bound bound(context, "a filter without arguments", {}, given);
  // `title` puts the words together anew, which is no markup any more.
  return with_case(context, to_str(context, input), kMode)
      .as_markup(input.is_markup() && kMode != LetterCase::kTitleWords);
}

Value trim_filter(Context& context, const Value& input, const Arguments& given) {
  const Bound bound(context, "filter 'trim'", {"chars"}, given);
  return strip(context, to_str(context, input), bound.optional_string(0), true, true)
      .as_markup(input.is_markup());
}

Value string_filter(Context& context, const Value& input, const Arguments& given) {
  const Bound bound(context, "filter 'string'", {}, given);
  return to_str(context, input);
}

Value safe_filter(Context& context, const Value& input, const Arguments& given) {
  const Bound bound(context, "filter 'safe'", {}, given);
  return to_str(context, input).as_markup();
}

Value replace_filter(Context& context, const Value& input, const Arguments& given) {
  const Bound bound(context, "filter 'replace'", {"old", "new", "count"}, given, 2);
  const bool has_count = bound.get(2) && !bound.get(2)->is(Kind::kNone);
  const std::int64_t count = has_count ? bound.integer(2, -1) : -1;
  const Value old = to_str(context, *bound.get(0));
  Value with = to_str(context, *bound.get(1));
  Value text = to_str(context, input);
  if (!context.autoescape) return replace(context, text, old, with, count);
  if (old.is_markup() || (with.is_markup() && !text.is_markup())) text = escaped(context, text);
  if (text.is_markup()) with = escaped(context, with);
  return replace(context, text, old, with, count).as_markup(text.is_markup());
}

/// Text of the argument that is a width in spaces or the text itself.
Value indentation(Context& context, const Value* argument, std::int64_t fallback) {
  if (argument && argument->is(Kind::kString)) return *argument;
  if (argument && !argument->is_integral()) {
    context.fail<ConfigError>("an indentation is of type {}, expected an int or str.",
                              type_name(*argument));
  }
  const std::int64_t width = argument ? argument->as_int() : fallback;
  Writer out(context);
  out.repeat(" ", static_cast<std::uint64_t>(std::max<std::int64_t>(width, 0)));
  return out.value();
}

Value indent_filter(Context& context, const Value& input, const Arguments& given) {
  const Bound bound(context, "filter 'indent'", {"width", "first", "blank"}, given);
  const Value indent = indentation(context, bound.get(0), 4);
  const bool indents_blank = bound.boolean(2, false);
  const Value& text = need_string(context, input, "indent");
  std::vector<Value> lines = split_lines(context, text, false);
  // A line end at the very end begins one more, empty line.
  if (text.as_string().empty() || text.as_string().ends_with('\n')) {
    lines.push_back(context.string(""));
  }
  Writer out(context);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) out.append("\n");
    const bool is_indented =
        i == 0 ? bound.boolean(1, false) : indents_blank || !lines[i].as_string().empty();
    if (is_indented) out.append(indent.as_text());
    out.append(lines[i].as_text());
  }
  return out.value().as_markup(text.is_markup());
}

/// [item, key] of tojson's `separators`.
void set_separators(Context& context, const Value& given, JsonStyle& style) {
  const bool is_pair = given.is(Kind::kList) && given.as_list().items.size() == 2 &&
                       given.as_list().items[0].is(Kind::kString) &&
                       given.as_list().items[1].is(Kind::kString);
  if (!is_pair) {
    context.fail<ConfigError>("'separators' of tojson is of type {}, expected two strings.",
                              type_name(given));
  }
  style.item_separator = given.as_list().items[0].as_string();
  style.key_separator = given.as_list().items[1].as_string();
}

Value tojson_filter(Context& context, const Value& input, const Arguments& given) {
  const Bound bound(context, "filter 'tojson'",
                    {"ensure_ascii", "indent", "separators", "sort_keys"}, given);
  JsonStyle style;
  style.ensure_ascii = bound.boolean(0, false);
  style.sort_keys = bound.boolean(3, false);
  if (bound.get(1) && !bound.get(1)->is(Kind::kNone)) {
    style.indent = indentation(context, bound.get(1), 0).as_string();
    style.item_separator = ",";
  }
  if (bound.get(2) && !bound.get(2)->is(Kind::kNone)) {
    set_separators(context, *bound.get(2), style);
  }
  return to_json(context, input, style);
}

constexpr Filter kTextFilters[] = {
    {"upper", case_filter<LetterCase::kUpper>},
    {"lower", case_filter<LetterCase::kLower>},
    {"title", case_filter<LetterCase::kTitleWords>},
    {"capitalize", case_filter<LetterCase::kCapitalize>},
    {"trim", trim_filter},
    {"string", string_filter},
    {"safe", safe_filter},
    {"replace", replace_filter},
    {"indent", indent_filter},
    {"tojson", tojson_filter},
};

}  // namespace

std::span<const Filter> text_filters() {
  return kTextFilters;
}

}  // namespace pangu::jinja
