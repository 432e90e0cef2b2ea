// SPDX-License-Identifier: Apache-2.0
// str() and repr() as Python words them.
#include "jinja/format.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "base/utf8.h"
#include "jinja/characters.h"

namespace pangu::jinja {
namespace {

/// The escape that repr() writes for a character, or "" if it stands as it is.
std::string repr_escape(char32_t c, char quote) {
  switch (c) {
    case U'\\':
      return "\\\\";
    case U'\n':
      return "\\n";
    case U'\r':
      return "\\r";
    case U'\t':
      return "\\t";
    default:
      break;
  }
  if (c == static_cast<char32_t>(quote)) return {'\\', quote};
  if (is_printable(c)) return "";
  const auto code = static_cast<unsigned>(c);
  if (c < 0x100) return fmt::format("\\x{:02x}", code);
  return c < 0x10000 ? fmt::format("\\u{:04x}", code) : fmt::format("\\U{:08x}", code);
}

void append_quoted(Context& context, Writer& out, const Text& text) {
  const std::string& bytes = text.bytes();
  context.charge_bytes(bytes.size());
  const bool has_single = bytes.find('\'') != std::string::npos;
  const char quote = has_single && bytes.find('"') == std::string::npos ? '"' : '\'';
  out.append(std::string(1, quote));
  std::size_t plain = 0;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t begin = at;
    const std::string escape = repr_escape(utf8::next(bytes, at), quote);
    if (escape.empty()) continue;
    out.append(text, plain, begin);
    out.append(escape, text.source_at(begin));
    plain = at;
  }
  out.append(text, plain, bytes.size());
  out.append(std::string(1, quote));
}

std::string range_text(const std::array<std::int64_t, 3>& bounds) {
  const auto& [start, stop, step] = bounds;
  if (step == 1) return fmt::format("range({}, {})", start, stop);
  return fmt::format("range({}, {}, {})", start, stop, step);
}

void append_list(Context& context, Writer& out, const List& list) {
  static constexpr std::string_view kViews[] = {"dict_keys(", "dict_values(", "dict_items("};
  if (list.type == List::Type::kRange) return out.append(range_text(list.bounds));
  if (list.type == List::Type::kGenerator) {
    context.fail<Unsupported>(
        "printing a generator is not covered. Turn it into a list with '| list'.");
  }
  const bool is_tuple = list.type == List::Type::kTuple;
  const auto view =
      static_cast<std::size_t>(list.type) - static_cast<std::size_t>(List::Type::kKeys);
  if (list.is_view()) out.append(kViews[view]);
  out.append(is_tuple ? "(" : "[");
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    if (i > 0) out.append(", ");
    append_repr(context, out, list.items[i]);
  }
  out.append(is_tuple ? (list.items.size() == 1 ? ",)" : ")") : "]");
  if (list.is_view()) out.append(")");
}

void append_dict(Context& context, Writer& out, const Dict& dict) {
  out.append("{");
  bool is_first = true;
  for (const auto& [key, value] : dict.entries()) {
    if (!std::exchange(is_first, false)) out.append(", ");
    append_repr(context, out, key);
    out.append(": ");
    append_repr(context, out, value);
  }
  out.append("}");
}

/// Functions that print without an address.
std::string_view function_text(const Function& function) {
  if (function.type != Function::Type::kGlobal) return "";
  if (function.name == "dict") return "<class 'dict'>";
  if (function.name == "namespace") return "<class 'jinja2.utils.Namespace'>";
  if (function.name == "cycler") return "<class 'jinja2.utils.Cycler'>";
  if (function.name == "joiner") return "<class 'jinja2.utils.Joiner'>";
  return "";
}

void append_object(Context& context, Writer& out, const Value& value) {
  if (value.is(Kind::kLoop)) {
    const Loop& loop = value.as_loop();
    return out.append(fmt::format("<LoopContext {}/{}>", loop.at + 1, loop.items.size()));
  }
  if (value.is(Kind::kNamespace)) {
    out.append("<Namespace ");
    append_dict(context, out, value.as_namespace().attributes);
    return out.append(">");
  }
  if (value.is(Kind::kFunction)) {
    const Function& function = value.as_function();
    if (function.type == Function::Type::kMacro) {
      return out.append(fmt::format("<Macro '{}'>", function.name));
    }
    if (const auto text = function_text(function); !text.empty()) return out.append(text);
  }
  context.fail<Unsupported>("printing a {} is not covered. Was a call, '()', left out?",
                            type_name(value));
}

}  // namespace

void append_repr(Context& context, Writer& out, const Value& value) {
  if (value.is(Kind::kUndefined)) return out.append("Undefined");
  if (!value.is(Kind::kString)) return append_str(context, out, value);
  if (value.is_markup()) out.append("Markup(");
  append_quoted(context, out, value.as_text());
  if (value.is_markup()) out.append(")");
}

Value to_repr(Context& context, const Value& value) {
  Writer out(context);
  append_repr(context, out, value);
  return out.value();
}

std::string float_repr(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  char buffer[64];
  const auto shortest =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific);
  const std::string_view text(buffer, static_cast<std::size_t>(shortest.ptr - buffer));
  const int exponent = std::atoi(std::string(text.substr(text.find('e') + 1)).c_str());
  // Python's bounds for writing without an exponent.
  if (exponent < -4 || exponent >= 16) return std::string(text);
  const auto fixed = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed);
  std::string out(buffer, fixed.ptr);
  if (out.find('.') == std::string::npos) out += ".0";
  return out;
}

void append_str(Context& context, Writer& out, const Value& value) {
  const DepthGuard guard(context);
  context.charge(1);
  switch (value.kind()) {
    case Kind::kUndefined:
      return;
    case Kind::kNone:
      return out.append("None");
    case Kind::kBool:
      return out.append(value.as_bool() ? "True" : "False");
    case Kind::kInt:
      return out.append(fmt::format("{}", value.as_int()));
    case Kind::kFloat:
      return out.append(float_repr(value.as_double()));
    case Kind::kString:
      return out.append(value.as_text());
    case Kind::kList:
      return append_list(context, out, value.as_list());
    case Kind::kDict:
      return append_dict(context, out, value.as_dict());
    case Kind::kNamespace:
    case Kind::kFunction:
    case Kind::kLoop:
    case Kind::kHelper:
      return append_object(context, out, value);
  }
}

Value to_str(Context& context, const Value& value) {
  if (value.is(Kind::kString)) return value;
  Writer out(context);
  append_str(context, out, value);
  return out.value();
}

}  // namespace pangu::jinja
