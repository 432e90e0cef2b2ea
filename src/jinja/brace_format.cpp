// SPDX-License-Identifier: Apache-2.0
// '{} {name:>5} {0.attribute[key]!r}'.format(...), as Jinja's sandbox lets it look things up.
#include <algorithm>
#include <optional>
#include <string>

#include "base/clipped.h"
#include "jinja/format.h"
#include "jinja/literals.h"
#include "jinja/markup.h"
#include "jinja/operators.h"
#include "jinja/string_format.h"

namespace pangu::jinja {
namespace {

/// The inside of a pair of braces, as byte ranges of the format.
struct Field {
  std::size_t begin;
  std::size_t name_end;
  char conversion = '\0';
  std::size_t spec_begin;
  std::size_t spec_end;
  std::size_t end;  ///< behind the closing brace
};

class BraceFormatter {
 public:
  BraceFormatter(Context& context, const Arguments& values, bool is_markup)
      : context_(context), values_(values), is_markup_(is_markup) {}

  Value run(const Value& format, int levels);

 private:
  Field read_field(std::string_view text, std::size_t begin) const;
  Value value_of(const Value& format, const Field& field, int levels);
  Value look_up(const Value& name);
  Value first_value(std::string_view name);
  const Value* named(std::string_view name) const;
  [[noreturn]] void fail_format(std::string_view text, std::string_view why) const {
    context_.fail<ConfigError>("the format '{}' is malformed: {}.", clipped(text, 60), why);
  }

  Context& context_;
  const Arguments& values_;
  bool is_markup_;
  std::size_t next_ = 0;
  bool counts_ = true;  // until a field has a number of its own
};

Field BraceFormatter::read_field(std::string_view text, std::size_t begin) const {
  Field field{.begin = begin, .name_end = begin, .spec_begin = begin, .spec_end = begin, .end = 0};
  std::size_t at = begin;
  const auto peek = [&] { return at < text.size() ? text[at] : '\0'; };
  for (; at < text.size() && peek() != '}' && peek() != ':' && peek() != '!'; ++at) {
    if (peek() == '{') fail_format(text, "a '{' stands within a name");
    if (peek() == '[') at = std::min(text.find(']', at), text.size() - 1);
  }
  field.name_end = at;
  if (peek() == '!') {
    if (at + 2 >= text.size()) fail_format(text, "a conversion has no end");
    field.conversion = text[at + 1];
    at += 2;
    if (peek() != '}' && peek() != ':') fail_format(text, "a ':' was expected after a conversion");
  }
  field.spec_begin = field.spec_end = at;
  if (peek() == ':') {
    field.spec_begin = ++at;
    for (int open = 1; at < text.size(); ++at) {
      open += peek() == '{' ? 1 : peek() == '}' ? -1 : 0;
      if (open == 0) break;
    }
    field.spec_end = at;
  }
  if (at >= text.size()) fail_format(text, "a '{' has no '}'");
  field.end = at + 1;
  return field;
}

const Value* BraceFormatter::named(std::string_view name) const {
  const auto found = std::find_if(values_.named.begin(), values_.named.end(),
                                  [&](const auto& entry) { return entry.name == name; });
  return found == values_.named.end() ? nullptr : &found->value;
}

Value BraceFormatter::first_value(std::string_view name) {
  const bool is_number =
      !name.empty() && name.find_first_not_of("0123456789") == std::string_view::npos;
  if (is_number) {
    const auto index = parse_int(name, 10);
    if (index && static_cast<std::uint64_t>(*index) < values_.positional.size()) {
      return values_.positional[static_cast<std::size_t>(*index)];
    }
    context_.fail<ConfigError>("a format asks for value {}, but got {} values.", clipped(name, 20),
                               values_.positional.size());
  }
  context_.charge(1 + values_.named.size() / 8);
  if (const Value* found = named(name)) return *found;
  context_.fail<ConfigError>("a format asks for '{}', which it was not given.", clipped(name, 40));
}

/// "name.attribute[key]".
Value BraceFormatter::look_up(const Value& name) {
  const std::string& text = name.as_string();
  std::size_t at = std::min(text.find_first_of(".["), text.size());
  Value value = first_value(std::string_view(text).substr(0, at));
  while (at < text.size()) {
    const bool is_attribute = text[at] == '.';
    const std::size_t begin = at + 1;
    const std::size_t end = is_attribute ? std::min(text.find_first_of(".[", begin), text.size())
                                         : text.find(']', begin);
    if (end == std::string::npos || end == begin) fail_format(text, "a name is missing");
    const Value part = context_.slice(name, begin, end);
    const auto index = parse_int(part.as_string(), 10);
    const bool is_index = !is_attribute && index &&
                          part.as_string().find_first_not_of("0123456789") == std::string::npos;
    value = is_attribute ? get_attribute(context_, value, part.as_string())
                         : get_item(context_, value, is_index ? Value(*index) : part);
    at = is_attribute ? end : end + 1;
    if (at < text.size() && text[at] != '.' && text[at] != '[') {
      fail_format(text, "only '.' or '[' may follow ']'");
    }
  }
  return value;
}

Value BraceFormatter::value_of(const Value& format, const Field& field, int levels) {
  Value name = context_.slice(format, field.begin, field.name_end);
  const std::string& text = name.as_string();
  const bool is_number = text.find_first_not_of("0123456789") == std::string::npos;
  if (text.empty()) {
    if (!counts_) fail_format(format.as_string(), "'{}' follows a field with a number");
    name = context_.string(std::to_string(next_++));
  } else if (is_number) {
    if (next_ > 0) fail_format(format.as_string(), "a field with a number follows '{}'");
    counts_ = false;
  }
  Value value = look_up(name);
  if (field.conversion == 's') value = to_str(context_, value);
  if (field.conversion == 'r') value = to_repr(context_, value);
  if (field.conversion == 'a') value = to_ascii(context_, value);
  if (field.conversion != '\0' &&
      std::string_view("sra").find(field.conversion) == std::string_view::npos) {
    fail_format(format.as_string(), "a conversion is none of s, r and a");
  }
  const Value spec = run(context_.slice(format, field.spec_begin, field.spec_end), levels - 1);
  if (is_markup_ && value.is_markup() && spec.as_string().empty()) return value;
  const Value out = format_value(context_, value, spec);
  return is_markup_ ? escaped(context_, out.as_markup(false)) : out;
}

Value BraceFormatter::run(const Value& format, int levels) {
  const std::string_view text = format.as_string();
  if (text.find_first_of("{}") == std::string_view::npos) return format;
  if (levels < 0) fail_format(text, "fields are more than two deep");
  Writer out(context_);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t brace = std::min(text.find_first_of("{}", at), text.size());
    out.append(format.as_text(), at, brace);
    if (brace == text.size()) break;
    context_.charge(4);
    if (brace + 1 < text.size() && text[brace + 1] == text[brace]) {
      out.append(format.as_text(), brace, brace + 1);
      at = brace + 2;
    } else if (text[brace] == '}' || brace + 1 == text.size()) {
      fail_format(text, "a single brace stands in it");
    } else {
      const Field field = read_field(text, brace + 1);
      out.append(value_of(format, field, levels).as_text());
      at = field.end;
    }
  }
  return out.value();
}

}  // namespace

Value brace_format(Context& context, const Value& format, const Arguments& values) {
  const Value out =
      BraceFormatter(context, values, format.is_markup()).run(format.as_markup(false), 1);
  return out.as_markup(format.is_markup());
}

}  // namespace pangu::jinja
