// SPDX-License-Identifier: Apache-2.0
#include "jinja/markup.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "base/clipped.h"
#include "base/utf8.h"
#include "jinja/format.h"
#include "jinja/literals.h"
#include "jinja/strings.h"
#include "jinja/text_operations.h"

namespace pangu::jinja {
namespace {

std::string_view html_escape(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&#34;";
    case '\'':
      return "&#39;";
    default:
      return "";
  }
}

/// Removes every stretch from `open` to the next `close`.
Value without(Context& context, const Value& text, std::string_view open, std::string_view close) {
  const std::string& bytes = text.as_string();
  Writer out(context);
  std::size_t at = 0;
  while (true) {
    const std::size_t begin = find_text(bytes, open, at);
    const std::size_t end =
        begin == std::string_view::npos ? begin : find_text(bytes, close, begin);
    if (end == std::string_view::npos) break;
    context.charge(1);
    out.append(text.as_text(), at, begin);
    at = end + close.size();
  }
  out.append(text.as_text(), at, bytes.size());
  return out.value();
}

/// The character that the inside of &...; means.
std::string entity(Context& context, std::string_view name) {
  static constexpr std::pair<std::string_view, std::string_view> kNames[] = {
      {"amp", "&"}, {"lt", "<"}, {"gt", ">"}, {"quot", "\""}, {"apos", "'"}, {"nbsp", "\u00A0"}};
  const auto* found = std::find_if(std::begin(kNames), std::end(kNames),
                                   [&](const auto& row) { return row.first == name; });
  if (found != std::end(kNames)) return std::string(found->second);
  const bool is_hex = name.starts_with("#x") || name.starts_with("#X");
  const auto number = name.starts_with('#')
                          ? parse_int(name.substr(is_hex ? 2 : 1), is_hex ? 16 : 10)
                          : std::nullopt;
  if (!number || *number < 0x20 || *number > 0x10FFFF || (*number >= 0x7F && *number < 0xA0)) {
    context.fail<Unsupported>(
        "filter 'striptags' met the entity '&{};', which is not covered. Known: amp, lt, gt, quot, "
        "apos, nbsp and numbers of printable characters.",
        clipped(name, 20));
  }
  std::string out;
  utf8::append(out, static_cast<char32_t>(*number));
  return out;
}

Value unescaped(Context& context, const Value& text) {
  constexpr std::size_t kLongestName = 32;
  const std::string& bytes = text.as_string();
  Writer out(context);
  std::size_t plain = 0;
  for (std::size_t at = 0; (at = bytes.find('&', at)) != std::string::npos;) {
    const std::size_t end = std::string_view(bytes).substr(at, kLongestName).find(';');
    const bool is_name = end != std::string::npos && end > 1 &&
                         bytes.find_first_not_of(
                             "#abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVW"
                             "XYZ0123456789",
                             at + 1) == at + end;
    if (!is_name) {
      ++at;
      continue;
    }
    context.charge(1);
    out.append(text.as_text(), plain, at);
    // No markup is spelled by entities.
    out.append(entity(context, std::string_view(bytes).substr(at + 1, end - 1)), Source::kContent);
    plain = at += end + 1;
  }
  out.append(text.as_text(), plain, bytes.size());
  return out.value();
}

}  // namespace

Value escaped(Context& context, const Value& text) {
  if (text.is_markup()) return text;
  const std::string& bytes = text.as_string();
  Writer out(context);
  std::size_t plain = 0;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    const std::string_view escape = html_escape(bytes[at]);
    if (escape.empty()) continue;
    out.append(text.as_text(), plain, at);
    out.append(escape, text.as_text().source_at(at));
    plain = at + 1;
  }
  out.append(text.as_text(), plain, bytes.size());
  return out.value().as_markup();
}

Value escaped_str(Context& context, const Value& value) {
  return escaped(context, to_str(context, value));
}

Value without_tags(Context& context, const Value& text) {
  const Value bare = without(context, without(context, text, "<!--", "-->"), "<", ">");
  const std::vector<Value> words = split(context, bare, std::nullopt, -1);
  return unescaped(context, join(context, words, context.string(" ")));
}

}  // namespace pangu::jinja
