// SPDX-License-Identifier: Apache-2.0
// Case, strip, replace, split and join on texts with content ranges.
#include "jinja/text_operations.h"

#include <algorithm>
#include <string>

#include "base/utf8.h"
#include "jinja/characters.h"
#include "jinja/format.h"
#include "jinja/markup.h"
#include "jinja/strings.h"

namespace pangu::jinja {
namespace {

/// Whether a capital sigma at [begin, end) ends a word: then its lower case is another letter.
bool is_final_sigma(std::string_view text, std::size_t begin, std::size_t end) {
  const auto character = [&](std::size_t at) { return utf8::next(text, at); };
  bool has_before = false;
  for (std::size_t at = begin; at > 0 && !has_before;) {
    at = previous_char(text, at);
    if (is_case_ignorable(character(at))) continue;
    if (!is_cased(character(at))) return false;
    has_before = true;
  }
  for (std::size_t at = end; at < text.size();) {
    const char32_t c = utf8::next(text, at);
    if (!is_case_ignorable(c)) return has_before && !is_cased(c);
  }
  return has_before;
}

/// A character of a text: where it stands, and what stands before it.
struct CharAt {
  std::string_view text;
  std::size_t begin;
  std::size_t end;
  char32_t c;
  char32_t before;
};

void append_lower_at(std::string& out, const CharAt& at) {
  constexpr char32_t kCapitalSigma = 0x3A3;
  constexpr char32_t kFinalSigma = 0x3C2;
  if (at.c == kCapitalSigma && is_final_sigma(at.text, at.begin, at.end)) {
    return utf8::append(out, kFinalSigma);
  }
  append_lower(out, at.c);
}

/// Whether the character begins a word, in modes that tell.
bool begins_word(LetterCase mode, const CharAt& at) {
  if (at.begin == 0) return true;
  if (mode == LetterCase::kTitle) return !is_cased(at.before);
  return mode == LetterCase::kTitleWords &&
         (is_space(at.before) || at.before == U'-' || at.before == U'(' || at.before == U'[' ||
          at.before == U'{' || at.before == U'<');
}

void append_in_case(std::string& out, const CharAt& at, LetterCase mode) {
  switch (mode) {
    case LetterCase::kUpper:
      return append_upper(out, at.c);
    case LetterCase::kFold:
      return append_folded(out, at.c);
    case LetterCase::kSwap:
      if (is_lower(at.c)) return append_upper(out, at.c);
      if (is_upper(at.c)) return append_lower_at(out, at);
      return utf8::append(out, at.c);
    case LetterCase::kLower:
      return append_lower_at(out, at);
    case LetterCase::kCapitalize:
    case LetterCase::kTitle:
    case LetterCase::kTitleWords:
      if (!begins_word(mode, at)) return append_lower_at(out, at);
      return mode == LetterCase::kTitleWords ? append_upper(out, at.c) : append_title(out, at.c);
  }
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

/// As split_blanks(), from the end of the text.
std::vector<Value> split_blanks_from_end(Context& context, const Value& text, std::int64_t limit) {
  const std::string_view bytes = text.as_string();
  context.charge_bytes(bytes.size());
  std::vector<Value> out;
  std::size_t end = bytes.size();
  while (true) {
    end = strip_bounds(bytes.substr(0, end), std::nullopt, false, true).end;
    if (end == 0) break;
    context.charge(4);
    if (limit >= 0 && out.size() == static_cast<std::size_t>(limit)) {
      out.push_back(context.slice(text, 0, end));
      break;
    }
    std::size_t begin = end;
    while (begin > 0) {
      std::size_t next = previous_char(bytes, begin);
      const std::size_t character = next;
      if (is_space(utf8::next(bytes, next))) break;
      begin = character;
    }
    out.push_back(context.slice(text, begin, end));
    end = begin;
  }
  std::reverse(out.begin(), out.end());
  return out;
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
  const std::string_view bytes = value.as_string();
  Writer out(context);
  char32_t before = 0;
  std::size_t at = 0;
  for (const Text::Piece& piece : value.as_text().pieces()) {
    std::string changed;
    for (const std::size_t end = at + piece.text.size(); at < end;) {
      const std::size_t begin = at;
      const char32_t c = utf8::next(bytes, at);
      append_in_case(changed, {bytes, begin, at, c, before}, mode);
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

std::vector<Value> split_from_end(Context& context, const Value& text,
                                  std::optional<std::string_view> separator, std::int64_t limit) {
  if (!separator) return split_blanks_from_end(context, text, limit);
  if (limit < 0) return split(context, text, separator, limit);
  if (separator->empty()) context.fail<ConfigError>("rsplit() got an empty separator.");
  const std::string_view bytes = text.as_string();
  context.charge_bytes(bytes.size() + separator->size());
  const std::string backwards(bytes.rbegin(), bytes.rend());
  const std::string wanted(separator->rbegin(), separator->rend());
  std::vector<Value> out;
  std::size_t at = 0;  // bytes from the end
  while (out.size() < static_cast<std::size_t>(limit)) {
    const std::size_t found = find_text(backwards, wanted, at);
    if (found == std::string_view::npos) break;
    context.charge(4);
    out.push_back(context.slice(text, bytes.size() - found, bytes.size() - at));
    at = found + wanted.size();
  }
  out.push_back(context.slice(text, 0, bytes.size() - at));
  std::reverse(out.begin(), out.end());
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

std::uint64_t missing_width(std::string_view text, std::int64_t width) {
  const std::size_t size = count_chars(text);
  return width < 0 || static_cast<std::uint64_t>(width) <= size
             ? 0
             : static_cast<std::uint64_t>(width) - size;
}

Value padded(Context& context, const Value& text, std::uint64_t left, std::uint64_t right,
             const Value& fill) {
  if (left == 0 && right == 0) return text;
  const Source source = fill.as_text().source_at(0);
  Writer out(context);
  out.repeat(fill.as_string(), left, source);
  out.append(text.as_text());
  out.repeat(fill.as_string(), right, source);
  return out.value();
}

Value centered(Context& context, const Value& text, std::int64_t width, const Value& fill) {
  const std::uint64_t room = missing_width(text.as_string(), width);
  const std::uint64_t left = room / 2 + (room & static_cast<std::uint64_t>(width) & 1);
  return padded(context, text, left, room - left, fill);
}

Value join(Context& context, const std::vector<Value>& items, const Value& separator) {
  Writer out(context);
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out.append(separator.as_text());
    append_str(context, out, items[i]);
  }
  return out.value();
}

Value join_escaped(Context& context, const std::vector<Value>& items, const Value& separator) {
  const Value between = escaped(context, separator);
  Writer out(context);
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out.append(between.as_text());
    out.append(escaped_str(context, items[i]).as_text());
  }
  return out.value().as_markup();
}

Value concatenate(Context& context, const std::vector<Value>& parts) {
  const bool has_markup =
      context.autoescape &&
      std::any_of(parts.begin(), parts.end(), [](const Value& part) { return part.is_markup(); });
  const Value nothing = context.string("");
  return has_markup ? join_escaped(context, parts, nothing) : join(context, parts, nothing);
}

}  // namespace pangu::jinja
