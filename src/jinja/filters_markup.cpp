// SPDX-License-Identifier: Apache-2.0
// Filters for HTML and addresses.
#include <string>
#include <utility>
#include <vector>

#include "base/clipped.h"
#include "jinja/arguments.h"
#include "jinja/filters.h"
#include "jinja/format.h"
#include "jinja/markup.h"
#include "jinja/operators.h"

namespace pangu::jinja {
namespace {

Value escape_filter(Context& context, const Value& input, const Arguments& given) {
  const Bound bound(context, "filter 'escape'", {}, given);
  return escaped_str(context, input);
}

Value forceescape_filter(Context& context, const Value& input, const Arguments& given) {
  const Bound bound(context, "filter 'forceescape'", {}, given);
  return escaped(context, to_str(context, input).as_markup(false));
}

Value striptags_filter(Context& context, const Value& input, const Arguments& given) {
  const Bound bound(context, "filter 'striptags'", {}, given);
  return without_tags(context, to_str(context, input));
}

/// %XX for all but letters, digits and "_.-~", and but for '/' in a path; a blank is '+' in a
/// query.
void append_quoted_url(Context& context, Writer& out, const Value& value, bool is_query) {
  constexpr std::string_view kSafe = "_.-~";
  const Value text = to_str(context, value);
  const std::string& bytes = text.as_string();
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    const char c = bytes[at];
    const bool is_plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                          (c >= 'A' && c <= 'Z') || kSafe.find(c) != std::string_view::npos ||
                          (c == '/' && !is_query);
    const Source source = text.as_text().source_at(at);
    if (is_plain) {
      out.append(std::string_view(bytes).substr(at, 1), source);
    } else if (c == ' ' && is_query) {
      out.append("+", source);
    } else {
      out.append(fmt::format("%{:02X}", static_cast<unsigned char>(c)), source);
    }
  }
}

Value urlencode_filter(Context& context, const Value& input, const Arguments& given) {
  const Bound bound(context, "filter 'urlencode'", {}, given);
  Writer out(context);
  if (!input.is(Kind::kList) && !input.is(Kind::kDict)) {
    append_quoted_url(context, out, input, false);
    return out.value();
  }
  std::vector<std::pair<Value, Value>> pairs;
  if (input.is(Kind::kDict)) pairs = input.as_dict().entries();
  for (const Value& item : input.is(Kind::kDict) ? std::vector<Value>() : iterate(context, input)) {
    const std::vector<Value> pair = iterate(context, item);
    if (pair.size() != 2) {
      context.fail<ConfigError>("filter 'urlencode' got an item of {} parts, expected pairs.",
                                pair.size());
    }
    pairs.emplace_back(pair[0], pair[1]);
  }
  context.charge_items(2 * pairs.size());
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (i > 0) out.append("&");
    append_quoted_url(context, out, pairs[i].first, true);
    out.append("=");
    append_quoted_url(context, out, pairs[i].second, true);
  }
  return out.value();
}

/// ' name="value" name="value"' of a dict, without values that are none or undefined.
Value xmlattr_filter(Context& context, const Value& input, const Arguments& given) {
  const Bound bound(context, "filter 'xmlattr'", {"autospace"}, given);
  if (!input.is(Kind::kDict)) {
    context.fail<ConfigError>("filter 'xmlattr' got a value of type {}, expected a dict.",
                              type_name(input));
  }
  Writer out(context);
  for (const auto& [key, value] : input.as_dict().entries()) {
    if (value.is(Kind::kNone) || value.is(Kind::kUndefined)) continue;
    if (!key.is(Kind::kString) ||
        key.as_string().find_first_of(" \t\n\r\f\v/>=") != std::string::npos) {
      context.fail<ConfigError>("filter 'xmlattr' got the name '{}', which no attribute can have.",
                                clipped(to_str(context, key).as_string(), 40));
    }
    if (out.size() > 0 || bound.boolean(0, true)) out.append(" ");
    out.append(escaped(context, key).as_text());
    out.append("=\"");
    out.append(escaped_str(context, value).as_text());
    out.append("\"");
  }
  return out.value().as_markup(context.autoescape);
}

constexpr Filter kMarkupFilters[] = {
    {"e", escape_filter},
    {"escape", escape_filter},
    {"forceescape", forceescape_filter},
    {"striptags", striptags_filter},
    {"urlencode", urlencode_filter},
    {"xmlattr", xmlattr_filter},
};

}  // namespace

std::span<const Filter> markup_filters() {
  return kMarkupFilters;
}

}  // namespace pangu::jinja
