// SPDX-License-Identifier: Apache-2.0
// '%-10s %(name)05.2f' % values.
#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include "base/clipped.h"
#include "base/utf8.h"
#include "jinja/format.h"
#include "jinja/markup.h"
#include "jinja/number_format.h"
#include "jinja/operators.h"
#include "jinja/string_format.h"
#include "jinja/strings.h"
#include "jinja/text_operations.h"

namespace pangu::jinja {
namespace {

/// %[(name)][flags][width][.precision][hlL]type
struct Conversion {
  std::optional<std::string> name;
  bool aligns_left = false;
  bool has_sign = false;
  bool has_blank = false;
  bool fills_zeros = false;
  bool alternate = false;
  std::int64_t width = 0;
  std::int64_t precision = -1;
  char type = '\0';
};

class PercentFormatter {
 public:
  PercentFormatter(Context& context, const Value& format, const Value& values)
      : context_(context), format_(format), text_(format.as_string()), values_(values) {}

  Value run();

 private:
  Conversion read_conversion();
  std::int64_t number();
  const Value& next_value();
  Value value_of(const Conversion& conversion);
  Value converted(const Conversion& conversion, const Value& value);
  Value character(const Value& value);
  void append_number(Writer& out, const Conversion& conversion, const Value& value);
  void append(Writer& out, const Conversion& conversion, const Value& value);
  bool is_tuple() const {
    return values_.is(Kind::kList) && values_.as_list().type == List::Type::kTuple;
  }
  /// Values by name: Python takes everything with items, but for tuples and strings.
  bool is_mapping() const {
    return values_.is(Kind::kDict) || (values_.is(Kind::kList) && !is_tuple());
  }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  [[noreturn]] void fail_format(std::string_view why) const {
    context_.fail<ConfigError>("the format '{}' does not fit: {}.", clipped(text_, 60), why);
  }

  Context& context_;
  const Value& format_;
  std::string_view text_;
  const Value& values_;
  std::size_t at_ = 0;
  std::size_t used_ = 0;
};

const Value& PercentFormatter::next_value() {
  if (!is_tuple()) {
    if (used_++ > 0) fail_format("it asks for more than one value");
    return values_;
  }
  const auto& items = values_.as_list().items;
  if (used_ >= items.size()) fail_format("it asks for more values than there are");
  return items[used_++];
}

/// Digits, or '*' for the next value; -1 where neither stands.
std::int64_t PercentFormatter::number() {
  constexpr std::int64_t kMost = 1'000'000'000'000;
  if (peek() == '*') {
    ++at_;
    const Value& value = next_value();
    if (!value.is_integral()) fail_format("'*' wants an int");
    return std::clamp<std::int64_t>(value.as_int(), -kMost, kMost);
  }
  if (peek() < '0' || peek() > '9') return -1;
  std::int64_t out = 0;
  while (peek() >= '0' && peek() <= '9') out = std::min(out * 10 + (text_[at_++] - '0'), kMost);
  return out;
}

Conversion PercentFormatter::read_conversion() {
  Conversion out;
  if (peek() == '(') {
    const std::size_t begin = ++at_;
    for (int open = 1; at_ < text_.size(); ++at_) {
      open += peek() == '(' ? 1 : peek() == ')' ? -1 : 0;
      if (open == 0) break;
    }
    if (at_ == text_.size()) fail_format("a '(' has no ')'");
    out.name = text_.substr(begin, at_++ - begin);
  }
  for (bool is_flag = true; is_flag;) {
    out.aligns_left = out.aligns_left || peek() == '-';
    out.has_sign = out.has_sign || peek() == '+';
    out.has_blank = out.has_blank || peek() == ' ';
    out.fills_zeros = out.fills_zeros || peek() == '0';
    out.alternate = out.alternate || peek() == '#';
    is_flag = peek() != '\0' && std::string_view("-+ 0#").find(peek()) != std::string_view::npos;
    at_ += is_flag ? 1 : 0;
  }
  const bool is_given = peek() == '*';
  out.width = number();
  if (is_given && out.width < 0) {
    out.aligns_left = true;
    out.width = -out.width;
  }
  if (peek() == '.') {
    ++at_;
    out.precision = std::max<std::int64_t>(number(), 0);
  }
  if (peek() == 'h' || peek() == 'l' || peek() == 'L') ++at_;
  if (at_ == text_.size()) fail_format("it ends within a '%'");
  out.type = text_[at_++];
  return out;
}

Value PercentFormatter::value_of(const Conversion& conversion) {
  if (!conversion.name) return next_value();
  if (!is_mapping()) fail_format("'%(' wants a dict");
  used_ = 1;
  if (values_.is(Kind::kDict)) {
    if (const Value* found = values_.as_dict().find(context_, *conversion.name)) return *found;
  }
  fail_format("it asks for '" + clipped(*conversion.name, 40) + "', which is not there");
}

/// %c: one character, or the number of one.
Value PercentFormatter::character(const Value& value) {
  if (value.is(Kind::kString) && count_chars(value.as_string()) == 1) return value;
  if (!value.is_integral() || value.as_int() < 0 || value.as_int() > 0x10FFFF) {
    fail_format("'%c' wants one character or its number");
  }
  std::string out;
  utf8::append(out, static_cast<char32_t>(value.as_int()));
  return context_.string(out, Source::kContent);  // no markup is spelled by numbers
}

void PercentFormatter::append_number(Writer& out, const Conversion& c, const Value& value) {
  if (value.is(Kind::kUndefined)) context_.fail_undefined(value);
  const bool is_float = std::string_view("eEfFgG").find(c.type) != std::string_view::npos;
  const int base = c.type == 'o' ? 8 : c.type == 'x' || c.type == 'X' ? 16 : 10;
  if (!value.is_number() || (base != 10 && !value.is_integral())) {
    context_.fail<ConfigError>("'%{}' in a format got a value of type {}, expected {}.", c.type,
                               type_name(value), base == 10 ? "a number" : "an int");
  }
  context_.charge_text(static_cast<std::uint64_t>(std::max<std::int64_t>(c.precision, 0)));
  const auto precision = static_cast<std::size_t>(std::max<std::int64_t>(c.precision, 0));
  std::string sign, digits;
  bool is_negative = false;
  if (is_float) {
    is_negative = std::signbit(value.as_double()) && !std::isnan(value.as_double());
    digits = float_digits(value.as_double(), c.type,
                          c.precision < 0 ? 6 : static_cast<int>(precision), c.alternate);
  } else {
    const Value whole = value.is(Kind::kFloat) ? truncated_value(context_, value) : value;
    is_negative = whole.as_int() < 0;
    digits = integer_digits(whole.as_int(), base, c.type == 'X');
    if (digits.size() < precision) digits.insert(0, precision - digits.size(), '0');
  }
  sign = is_negative ? "-" : c.has_sign ? "+" : c.has_blank ? " " : "";
  if (c.alternate && !is_float && base != 10) sign += std::string("0") + c.type;
  const std::size_t size = sign.size() + digits.size();
  const auto width = static_cast<std::uint64_t>(std::max<std::int64_t>(c.width, 0));
  const std::uint64_t missing = width > size ? width - size : 0;
  const bool with_zeros = c.fills_zeros && !c.aligns_left;
  if (!c.aligns_left && !with_zeros) out.repeat(" ", missing);
  out.append(sign);
  if (with_zeros) out.repeat("0", missing);
  out.append(digits);
  if (c.aligns_left) out.repeat(" ", missing);
}

/// The value of a conversion that is no number, as text.
Value PercentFormatter::converted(const Conversion& conversion, const Value& value) {
  switch (conversion.type) {
    case 's':
      return to_str(context_, value);
    case 'r':
      return to_repr(context_, value);
    case 'a':
      return to_ascii(context_, value);
    case 'c':
      return character(value);
    default:
      fail_format(std::string("'%") + conversion.type + "' is none of its conversions");
  }
}

void PercentFormatter::append(Writer& out, const Conversion& conversion, const Value& value) {
  if (std::string_view("diuoxXeEfFgG").find(conversion.type) != std::string_view::npos) {
    return append_number(out, conversion, value);
  }
  Value text = converted(conversion, value);
  if (format_.is_markup()) text = escaped(context_, text);
  const std::string& bytes = text.as_string();
  if (conversion.precision >= 0 && conversion.type != 'c') {
    text =
        context_.slice(text, 0, char_offset(bytes, static_cast<std::size_t>(conversion.precision)));
  }
  const std::uint64_t missing = missing_width(text.as_string(), conversion.width);
  if (!conversion.aligns_left) out.repeat(" ", missing);
  out.append(text.as_text());
  if (conversion.aligns_left) out.repeat(" ", missing);
}

Value PercentFormatter::run() {
  Writer out(context_);
  while (at_ < text_.size()) {
    const std::size_t percent = std::min(text_.find('%', at_), text_.size());
    out.append(format_.as_text(), at_, percent);
    if (percent == text_.size()) break;
    context_.charge(4);
    at_ = percent + 1;
    const Conversion conversion = read_conversion();
    if (conversion.type == '%') {
      out.append(format_.as_text(), percent, percent + 1);
    } else {
      append(out, conversion, value_of(conversion));
    }
  }
  const std::size_t given = is_tuple() ? values_.as_list().items.size() : is_mapping() ? 0 : 1;
  if (used_ < given) fail_format("not all values were asked for");
  return out.value();
}

}  // namespace

Value percent_format(Context& context, const Value& format, const Value& values) {
  return PercentFormatter(context, format, values).run().as_markup(format.is_markup());
}

}  // namespace pangu::jinja
