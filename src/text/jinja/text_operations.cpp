// SPDX-License-Identifier: Apache-2.0
// Case, strip, replace, split and join on texts with content ranges.
#include "text/jinja/text_operations.h"

#include <string>

#include "base/utf8.h"
#include "text/jinja/format.h"
#include "text/jinja/strings.h"

namespace pangu::jinja {
namespace {

void append_in_case(std::string& out, char32_t c, bool is_upper, LetterCase mode) {
  if (is_upper && c == 0xDF) {
    // Sharp s is the one letter in use whose upper case is two.
    out += mode == LetterCase::kUpper ? "SS" : "Ss";
  } else {
    utf8::append(out, is_upper ? to_upper(c) : to_lower(c));
  }
}

bool is_cased(char32_t c) {
  return to_upper(c) != c || to_lower(c) != c;
}

/// Whether the character after `before` gets an upper-case letter.
bool begins_word(LetterCase mode, bool is_first, char32_t before) {
  switch (mode) {
    case LetterCase::kUpper:
      return true;
    case LetterCase::kLower:
      return false;
    case LetterCase::kCapitalize:
      return is_first;
    case LetterCase::kTitle:
      return is_first || !is_cased(before);
    case LetterCase::kTitleWords:
      return is_first || is_space(before) || before == U'-' || before == U'(' || before == U'[' ||
             before == U'{' || before == U'<';
  }
  return false;
}

bool is_line_end(char32_t c) {
  return (c >= 0x0A && c <= 0x0D) || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028 ||
         c == 0x2029;
}

std::vector<Value> split_blanks(Context& context, const Value& text, std::int64_t limit) {
  const std::string& bytes = text.as_string();
  context.charge_bytes(bytes.size());
  std::vector<Value> out;
  std::size_t at = 0;
  while (true) {
    at += strip_bounds(std::string_view(bytes).substr(at), std::nullopt, true, false).begin;
    if (at == bytes.size()) return out;
    context.charge(4);
    if (limit >= 0 && out.size() == static_cast<std::size_t>(limit)) {
      out.push_back(context.slice(text, at, bytes.size()));
      return out;
    }
    std::size_t end = at;
    for (std::size_t next = at; end < bytes.size(); end = next) {
      if (is_space(utf8::next(bytes, next))) break;
    }
    out.push_back(context.slice(text, at, end));
    at = end;
  }
}

/// Copies of `with` between characters: replace() with an empty `old`.
Value interleave(Context& context, const Text& text, const Text& with, std::int64_t count) {
  Writer out(context);
  std::size_t at = 0;
  for (std::int64_t done = 0; count < 0 || done < count; ++done) {
    out.append(with);
    context.charge(1);
    if (at == text.size()) return out.value();
    const std::size_t begin = at;
    utf8::next(text.bytes(), at);
    out.append(text, begin, at);
  }
  out.append(text, at, text.size());
  return out.value();
}

}  // namespace

Value with_case(Context& context, const Value& value, LetterCase mode) {
  Writer out(context);
  bool is_first = true;
  char32_t before = 0;
  for (const Text::Piece& piece : value.as_text().pieces()) {
    std::string changed;
    for (std::size_t at = 0; at < piece.text.size(); is_first = false) {
      const char32_t c = utf8::next(piece.text, at);
      append_in_case(changed, c, begins_word(mode, is_first, before), mode);
      before = c;
    }
    out.append(changed, piece.source);
  }
  return out.value();
}

Value strip(Context& context, const Value& text, std::optional<std::string_view> chars, bool left,
            bool right) {
  context.charge_bytes(text.as_string().size() + chars.value_or("").size());
  const Bounds bounds = strip_bounds(text.as_string(), chars, left, right);
  return context.slice(text, bounds.begin, bounds.end);
}

Value replace(Context& context, const Value& value, const Value& old, const Value& with,
              std::int64_t count) {
  const Text& text = value.as_text();
  const std::string& needle = old.as_string();
  if (needle.empty()) return interleave(context, text, with.as_text(), count);
  Writer out(context);
  std::size_t at = 0;
  for (std::int64_t done = 0; count < 0 || done < count; ++done) {
    const std::size_t found = find_text(text.bytes(), needle, at);
    if (found == std::string_view::npos) break;
    context.charge(1);
    out.append(text, at, found);
    out.append(with.as_text());
    at = found + needle.size();
  }
  out.append(text, at, text.size());
  return out.value();
}

std::vector<Value> split(Context& context, const Value& text,
                         std::optional<std::string_view> separator, std::int64_t limit) {
  if (!separator) return split_blanks(context, text, limit);
  if (separator->empty()) context.fail<ConfigError>("split() got an empty separator.");
  const std::string& bytes = text.as_string();
  context.charge_bytes(bytes.size());
  std::vector<Value> out;
  std::size_t at = 0;
  while (limit < 0 || out.size() < static_cast<std::size_t>(limit)) {
    const std::size_t found = find_text(bytes, *separator, at);
    if (found == std::string_view::npos) break;
    context.charge(4);
    out.push_back(context.slice(text, at, found));
    at = found + separator->size();
  }
  out.push_back(context.slice(text, at, bytes.size()));
  return out;
}

std::vector<Value> split_lines(Context& context, const Value& text, bool keep_ends) {
  const std::string& bytes = text.as_string();
  context.charge_bytes(bytes.size());
  std::vector<Value> out;
  std::size_t line = 0;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t end = at;
    if (!is_line_end(utf8::next(bytes, at))) continue;
    if (bytes[end] == '\r' && at < bytes.size() && bytes[at] == '\n') ++at;
    context.charge(4);
    out.push_back(context.slice(text, line, keep_ends ? at : end));
    line = at;
  }
  if (line < bytes.size()) out.push_back(context.slice(text, line, bytes.size()));
  return out;
}

Value join(Context& context, const std::vector<Value>& items, const Value& separator) {
  Writer out(context);
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out.append(separator.as_text());
    append_str(context, out, items[i]);
  }
  return out.value();
}

}  // namespace pangu::jinja
