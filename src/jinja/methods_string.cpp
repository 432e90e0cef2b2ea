// SPDX-License-Identifier: Apache-2.0
// Methods of strings that look for something, cut, join or put values in.
#include <optional>
#include <string>
#include <vector>

#include "base/utf8.h"
#include "jinja/arguments.h"
#include "jinja/markup.h"
#include "jinja/method_tables.h"
#include "jinja/operators.h"
#include "jinja/string_format.h"
#include "jinja/strings.h"
#include "jinja/text_operations.h"

namespace pangu::jinja {
namespace {

template <bool kLeft, bool kRight>
Value strip_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "method 'strip'", {"chars"}, given);
  return strip(context, self, bound.optional_string(0), kLeft, kRight);
}

using Splitter = std::vector<Value> (*)(Context&, const Value&, std::optional<std::string_view>,
                                        std::int64_t);

template <Splitter kSplit>
Value split_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, kSplit == split ? "method 'split'" : "method 'rsplit'",
                    {"sep", "maxsplit"}, given);
  return context.list(kSplit(context, self, bound.optional_string(0), bound.integer(1, -1)));
}

Value splitlines_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "method 'splitlines'", {"keepends"}, given);
  return context.list(split_lines(context, self, bound.boolean(0, false)));
}

/// (before, separator, after), or the text and two empty ones.
template <bool kFromEnd>
Value partition_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "method 'partition'", {"sep"}, given, 1);
  const std::string& text = self.as_string();
  const std::string& separator = bound.string(0).as_string();
  if (separator.empty()) context.fail<ConfigError>("partition() got an empty separator.");
  context.charge_bytes(text.size());
  const std::size_t at = kFromEnd ? find_last_text(text, separator) : find_text(text, separator);
  std::vector<Value> parts(3, context.string(""));
  if (at == std::string_view::npos) {
    parts[kFromEnd ? 2 : 0] = self;
  } else {
    parts[0] = context.slice(self, 0, at);
    parts[1] = context.slice(self, at, at + separator.size());
    parts[2] = context.slice(self, at + separator.size(), text.size());
  }
  return context.list(std::move(parts), List::Type::kTuple);
}

/// The part of a text that the arguments `start` and `end` name, as bytes.
Bounds searched(Context& context, const Bound& bound, const std::string& text) {
  if (!bound.get(1) && !bound.get(2)) return {0, text.size()};
  context.charge_bytes(text.size());
  const auto number = [&](std::size_t i) -> std::optional<std::int64_t> {
    if (!bound.get(i) || bound.get(i)->is(Kind::kNone)) return std::nullopt;
    return bound.integer(i, 0);
  };
  return char_range(text, number(1), number(2));
}

/// startswith and endswith take one text or a tuple of them.
template <bool kAtStart>
Value affix_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, kAtStart ? "method 'startswith'" : "method 'endswith'",
                    {"prefix", "start", "end"}, given, 1);
  const std::string& whole = self.as_string();
  const Bounds range = searched(context, bound, whole);
  if (range.begin > whole.size()) return Value(false);
  const auto text = std::string_view(whole).substr(range.begin, range.end - range.begin);
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

template <bool kPrefix>
Value remove_affix_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, kPrefix ? "method 'removeprefix'" : "method 'removesuffix'", {"affix"},
                    given, 1);
  const std::string& text = self.as_string();
  const std::string& affix = bound.string(0).as_string();
  context.charge_bytes(affix.size());
  if (!(kPrefix ? text.starts_with(affix) : text.ends_with(affix))) return self;
  return kPrefix ? context.slice(self, affix.size(), text.size())
                 : context.slice(self, 0, text.size() - affix.size());
}

Value replace_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "method 'replace'", {"old", "new", "count"}, given, 2);
  const Value with = self.is_markup() ? escaped(context, bound.string(1)) : bound.string(1);
  return replace(context, self, bound.string(0), with, bound.integer(2, -1));
}

/// find, rfind: -1 where there is nothing; index, rindex: an error then.
template <bool kFromEnd, bool kMustBe>
Value find_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, kMustBe ? "method 'index'" : "method 'find'", {"sub", "start", "end"},
                    given, 1);
  const std::string& whole = self.as_string();
  const std::string& sub = bound.string(0).as_string();
  const Bounds range = searched(context, bound, whole);
  context.charge_bytes(whole.size());
  std::size_t found = std::string_view::npos;
  if (range.begin <= whole.size()) {
    const auto text = std::string_view(whole).substr(range.begin, range.end - range.begin);
    found = kFromEnd ? find_last_text(text, sub) : find_text(text, sub);
  }
  if (found != std::string_view::npos) {
    const auto before = std::string_view(whole).substr(0, range.begin + found);
    return Value(static_cast<std::int64_t>(count_chars(before)));
  }
  if (kMustBe) context.fail<ConfigError>("index() looked for a text that is not there.");
  return Value(std::int64_t{-1});
}

Value count_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "method 'count'", {"sub", "start", "end"}, given, 1);
  const std::string& whole = self.as_string();
  const std::string& sub = bound.string(0).as_string();
  const Bounds range = searched(context, bound, whole);
  context.charge_bytes(whole.size());
  if (range.begin > whole.size()) return Value(std::int64_t{0});
  const auto text = std::string_view(whole).substr(range.begin, range.end - range.begin);
  if (sub.empty()) return Value(static_cast<std::int64_t>(count_chars(text) + 1));
  std::int64_t count = 0;
  for (std::size_t at = 0; (at = find_text(text, sub, at)) != std::string_view::npos;) {
    at += sub.size();
    ++count;
  }
  return Value(count);
}

Value join_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "method 'join'", {"iterable"}, given, 1);
  const std::vector<Value> items = iterate(context, *bound.get(0));
  if (self.is_markup()) return join_escaped(context, items, self);
  for (const Value& item : items) {
    if (item.is(Kind::kString)) continue;
    context.fail<ConfigError>("method 'join' got an item of type {}, expected a str.",
                              type_name(item));
  }
  return join(context, items, self);
}

Value format_method(Context& context, const Value& self, const Arguments& given) {
  return brace_format(context, self, given);
}

Value format_map_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "method 'format_map'", {"mapping"}, given, 1);
  if (!bound.get(0)->is(Kind::kDict)) {
    context.fail<ConfigError>("method 'format_map' got a value of type {}, expected a dict.",
                              type_name(*bound.get(0)));
  }
  Arguments values;
  for (const auto& [key, value] : bound.get(0)->as_dict().entries()) {
    if (!key.is(Kind::kString)) continue;
    context.charge_bytes(key.as_string().size() + sizeof(Value));
    values.named.push_back({key.as_string(), value});
  }
  return brace_format(context, self, values);
}

constexpr Method kStringMethods[] = {
    {"strip", strip_method<true, true>, OfMarkup::kMarked},
    {"lstrip", strip_method<true, false>, OfMarkup::kMarked},
    {"rstrip", strip_method<false, true>, OfMarkup::kMarked},
    {"split", split_method<split>, OfMarkup::kItems},
    {"rsplit", split_method<split_from_end>, OfMarkup::kItems},
    {"splitlines", splitlines_method, OfMarkup::kItems},
    {"partition", partition_method<false>, OfMarkup::kItems},
    {"rpartition", partition_method<true>, OfMarkup::kItems},
    {"startswith", affix_method<true>},
    {"endswith", affix_method<false>},
    {"removeprefix", remove_affix_method<true>, OfMarkup::kMarked},
    {"removesuffix", remove_affix_method<false>, OfMarkup::kMarked},
    {"replace", replace_method, OfMarkup::kMarked},
    {"find", find_method<false, false>},
    {"rfind", find_method<true, false>},
    {"index", find_method<false, true>},
    {"rindex", find_method<true, true>},
    {"count", count_method},
    {"join", join_method},
    {"format", format_method},
    {"format_map", format_map_method},
};

}  // namespace

std::span<const Method> string_methods() {
  return kStringMethods;
}

}  // namespace pangu::jinja
