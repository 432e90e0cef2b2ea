// SPDX-License-Identifier: Apache-2.0
// JSON as Python's json.dumps writes it.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "jinja/format.h"
#include "jinja/operators.h"

namespace pangu::jinja {
namespace {

class JsonWriter {
 public:
  JsonWriter(Context& context, const JsonStyle& style)
      : context_(context), style_(style), out_(context) {}

  Value run(const Value& value) {
    write(value);
    return out_.value();
  }

 private:
  void write(const Value& value);
  void write_number(const Value& value);
  void write_string(const Text& text);
  void write_list(const List& list);
  void write_dict(const Dict& dict);
  Value key(const Value& key);
  void separate(bool is_first);
  void new_line();

  Context& context_;
  const JsonStyle& style_;
  Writer out_;
  std::size_t level_ = 0;
};

void JsonWriter::write(const Value& value) {
  const DepthGuard guard(context_);
  context_.charge(1);
  switch (value.kind()) {
    case Kind::kUndefined:
      context_.fail_undefined(value);
    case Kind::kNone:
      return out_.append("null");
    case Kind::kBool:
      return out_.append(value.as_bool() ? "true" : "false");
    case Kind::kInt:
    case Kind::kFloat:
      return write_number(value);
    case Kind::kString:
      return write_string(value.as_text());
    case Kind::kList:
      if (value.as_list().type <= List::Type::kTuple) return write_list(value.as_list());
      break;
    case Kind::kDict:
      return write_dict(value.as_dict());
    case Kind::kNamespace:
    case Kind::kFunction:
    case Kind::kLoop:
    case Kind::kHelper:
      break;
  }
  context_.fail<ConfigError>(
      "a value of type {} has no JSON form. Pass a list, dict, str, number, "
      "bool or none.",
      type_name(value));
}

void JsonWriter::write_number(const Value& value) {
  if (value.is(Kind::kInt)) return out_.append(fmt::format("{}", value.as_int()));
  const double number = value.as_double();
  if (std::isnan(number)) return out_.append("NaN");
  if (std::isinf(number)) return out_.append(number < 0 ? "-Infinity" : "Infinity");
  out_.append(float_repr(number));
}

std::string utf16_escape(char32_t c) {
  const auto code = static_cast<unsigned>(c);
  if (code < 0x10000) return fmt::format("\\u{:04x}", code);
  return fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + ((code - 0x10000) >> 10),
                     0xDC00 + ((code - 0x10000) & 0x3FF));
}

/// The escape of a character, or "" if it stands as it is.
std::string json_escape(char32_t c, bool ensure_ascii) {
  switch (c) {
    case U'"':
      return "\\\"";
    case U'\\':
      return "\\\\";
    case U'\n':
      return "\\n";
    case U'\r':
      return "\\r";
    case U'\t':
      return "\\t";
    case U'\b':
      return "\\b";
    case U'\f':
      return "\\f";
    default:
      break;
  }
  const bool is_plain = c >= 0x20 && (!ensure_ascii || c < 0x7F);
  return is_plain ? "" : utf16_escape(c);
}

void JsonWriter::write_string(const Text& text) {
  const std::string& bytes = text.bytes();
  context_.charge_bytes(bytes.size());
  out_.append("\"");
  std::size_t plain = 0;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t begin = at;
    const std::string escape = json_escape(utf8::next(bytes, at), style_.ensure_ascii);
    if (escape.empty()) continue;
    out_.append(text, plain, begin);
    out_.append(escape, text.source_at(begin));
    plain = at;
  }
  out_.append(text, plain, bytes.size());
  out_.append("\"");
}

void JsonWriter::new_line() {
  if (!style_.indent) return;
  out_.append("\n");
  for (std::size_t i = 0; i < level_; ++i) out_.append(*style_.indent);
}

void JsonWriter::separate(bool is_first) {
  if (!is_first) out_.append(style_.item_separator);
  new_line();
}

void JsonWriter::write_list(const List& list) {
  if (list.items.empty()) return out_.append("[]");
  out_.append("[");
  ++level_;
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    separate(i == 0);
    write(list.items[i]);
  }
  --level_;
  new_line();
  out_.append("]");
}

/// Keys become strings: numbers, bools and none by their JSON form.
Value JsonWriter::key(const Value& key) {
  if (key.is(Kind::kString)) return key;
  if (key.is(Kind::kList)) {
    context_.fail<ConfigError>("a key of type {} has no JSON form. Use a str or a number.",
                               type_name(key));
  }
  return to_json(context_, key, JsonStyle{});
}

void JsonWriter::write_dict(const Dict& dict) {
  if (dict.entries().empty()) return out_.append("{}");
  std::vector<Dict::Entry> entries = dict.entries();
  context_.charge_items(2 * entries.size());
  if (style_.sort_keys) {
    std::stable_sort(entries.begin(), entries.end(), [&](const auto& a, const auto& b) {
      return less(context_, a.first, b.first);
    });
  }
  out_.append("{");
  ++level_;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    separate(i == 0);
    write_string(key(entries[i].first).as_text());
    out_.append(style_.key_separator);
    write(entries[i].second);
  }
  --level_;
  new_line();
  out_.append("}");
}

}  // namespace

Value to_json(Context& context, const Value& value, const JsonStyle& style) {
  return JsonWriter(context, style).run(value);
}

}  // namespace pangu::jinja
