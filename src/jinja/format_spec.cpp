// SPDX-License-Identifier: Apache-2.0
// The specification behind the colon of '{:>10.3f}'.
#include <algorithm>
#include <cmath>
#include <string>

#include "base/clipped.h"
#include "base/utf8.h"
#include "jinja/format.h"
#include "jinja/number_format.h"
#include "jinja/string_format.h"
#include "jinja/strings.h"
#include "jinja/text_operations.h"

namespace pangu::jinja {
namespace {

/// [[fill]align][sign][z][#][0][width][grouping][.precision][type]
struct FormatSpec {
  std::string fill = " ";
  Source source = Source::kTemplate;  // of the fill
  char align = '\0';
  char sign = '-';
  bool drops_negative_zero = false;
  bool alternate = false;
  std::int64_t width = -1;
  char grouping = '\0';
  std::int64_t precision = -1;
  char type = '\0';
};

class SpecReader {
 public:
  SpecReader(Context& context, std::string_view text) : context_(context), text_(text) {}

  FormatSpec run() {
    read_align();
    if (is_one_of("+- ")) out_.sign = text_[at_++];
    out_.drops_negative_zero = take('z');
    out_.alternate = take('#');
    if (is_one_of("0") && ++at_) {
      if (!has_fill_) out_.fill = "0";
      if (out_.align == '\0') out_.align = '=';
    }
    out_.width = number();
    if (is_one_of(",_")) out_.grouping = text_[at_++];
    if (take('.')) {
      out_.precision = number();
      if (out_.precision < 0) fail_spec();
    }
    if (at_ < text_.size()) out_.type = text_[at_++];
    if (at_ < text_.size()) fail_spec();
    return out_;
  }

 private:
  bool is_one_of(std::string_view characters) const {
    return at_ < text_.size() && characters.find(text_[at_]) != std::string_view::npos;
  }
  bool take(char c) {
    const bool found = at_ < text_.size() && text_[at_] == c;
    at_ += found ? 1 : 0;
    return found;
  }

  void read_align() {
    constexpr std::string_view kAligns = "<>=^";
    if (text_.empty()) return;
    std::size_t after = 0;
    utf8::next(text_, after);
    if (after < text_.size() && kAligns.find(text_[after]) != std::string_view::npos) {
      out_.fill = text_.substr(0, after);
      out_.align = text_[after];
      has_fill_ = true;
      at_ = after + 1;
    } else if (is_one_of(kAligns)) {
      out_.align = text_[at_++];
    }
  }

  /// -1 where no number stands.
  std::int64_t number() {
    constexpr std::int64_t kMost = 1'000'000'000'000;
    if (!is_one_of("0123456789")) return -1;
    std::int64_t value = 0;
    while (is_one_of("0123456789")) {
      value = std::min(value * 10 + (text_[at_++] - '0'), kMost);
    }
    return value;
  }

  [[noreturn]] void fail_spec() const {
    context_.fail<ConfigError>("'{}' is no format. Expected one as in '{{:>10.3f}}'.",
                               clipped(text_, 40));
  }

  Context& context_;
  std::string_view text_;
  std::size_t at_ = 0;
  bool has_fill_ = false;
  FormatSpec out_;
};

[[noreturn]] void fail_type(Context& context, const FormatSpec& spec, const Value& value) {
  context.fail<ConfigError>("the format '{}' does not fit a value of type {}.",
                            spec.type == '\0' ? "..." : std::string(1, spec.type),
                            type_name(value));
}

/// Digits in groups of `every`, with zeros in front until the whole has `width` characters.
std::string grouped(std::string digits, char separator, std::size_t every, std::size_t width) {
  std::size_t wanted = width - width / (every + 1);
  // A separator never comes first: one more digit does.
  if (wanted > 0 && wanted + (wanted - 1) / every < width) ++wanted;
  if (digits.size() < wanted) digits.insert(0, wanted - digits.size(), '0');
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % every == 0) out += separator;
    out += digits[i];
  }
  return out;
}

/// What a number is written with.
struct NumberParts {
  bool is_negative = false;
  std::string prefix = {};  // "0x"
  std::string digits = {};  // before the point
  std::string rest = {};    // from the point on
  std::size_t group = 3;    // digits between separators
  Source source = Source::kTemplate;
};

/// The parts put together and padded.
Value laid_out(Context& context, const FormatSpec& spec, NumberParts parts) {
  std::string sign = parts.is_negative ? "-" : spec.sign == '-' ? "" : std::string(1, spec.sign);
  sign += parts.prefix;
  const auto width = static_cast<std::uint64_t>(std::max<std::int64_t>(spec.width, 0));
  context.charge_text(width);
  if (spec.grouping != '\0') {
    const std::size_t taken = sign.size() + parts.rest.size();
    const bool fills_zeros = spec.align == '=' && spec.fill == "0" && width > taken;
    parts.digits = grouped(std::move(parts.digits), spec.grouping, parts.group,
                           fills_zeros ? width - taken : 0);
  }
  const std::size_t size = count_chars(sign + parts.digits + parts.rest);
  const std::uint64_t missing = width > size ? width - size : 0;
  const char align = spec.align == '\0' ? '>' : spec.align;
  const std::uint64_t before = align == '>' ? missing : align == '^' ? missing / 2 : 0;
  const std::uint64_t inside = align == '=' ? missing : 0;
  Writer out(context);
  out.repeat(spec.fill, before, spec.source);
  out.append(sign);
  out.repeat(spec.fill, inside, spec.source);
  out.append(parts.digits);
  out.append(parts.rest, parts.source);
  out.repeat(spec.fill, missing - before - inside, spec.source);
  return out.value();
}

Value format_float(Context& context, const Value& value, const FormatSpec& spec) {
  double number = value.as_double();
  const char type = spec.type;
  if (type != '\0' && std::string_view("eEfFgGn%").find(type) == std::string_view::npos) {
    fail_type(context, spec, value);
  }
  context.charge_text(static_cast<std::uint64_t>(std::max<std::int64_t>(spec.precision, 0)));
  const int precision = static_cast<int>(spec.precision);
  if (type == '%') number *= 100;
  const char letter = type == '%' ? 'f' : type == 'n' ? 'g' : type;
  std::string digits =
      type == '\0' ? general_digits(number, precision, spec.alternate)
                   : float_digits(number, letter, precision < 0 ? 6 : precision, spec.alternate);
  const bool is_zero = digits.find_first_of("123456789in") == std::string::npos &&
                       digits.find_first_of("IN") == std::string::npos;
  const bool is_negative =
      std::signbit(number) && !std::isnan(number) && !(spec.drops_negative_zero && is_zero);
  const std::size_t whole = std::min(digits.find_first_not_of("0123456789"), digits.size());
  NumberParts parts{.is_negative = is_negative,
                    .digits = digits.substr(0, whole),
                    .rest = digits.substr(whole) + (type == '%' ? "%" : "")};
  return laid_out(context, spec, std::move(parts));
}

Value format_integer(Context& context, const Value& value, const FormatSpec& spec) {
  const std::int64_t number = value.as_int();
  const char type = spec.type;
  if (type != '\0' && std::string_view("eEfFgG%").find(type) != std::string_view::npos) {
    return format_float(context, Value(static_cast<double>(number)), spec);
  }
  if (type != '\0' && std::string_view("bcdoxXn").find(type) == std::string_view::npos) {
    fail_type(context, spec, value);
  }
  if (spec.precision >= 0 || spec.drops_negative_zero ||
      (spec.grouping == ',' && type != '\0' && type != 'd')) {
    fail_type(context, spec, value);
  }
  if (type == 'c') {
    if (number < 0 || number > 0x10FFFF) fail_type(context, spec, value);
    // A character from its number is no markup.
    NumberParts parts{.source = Source::kContent};
    utf8::append(parts.rest, static_cast<char32_t>(number));
    return laid_out(context, spec, std::move(parts));
  }
  const int base = type == 'b' ? 2 : type == 'o' ? 8 : type == 'x' || type == 'X' ? 16 : 10;
  NumberParts parts{.is_negative = number < 0,
                    .prefix = spec.alternate && base != 10 ? std::string("0") + type : "",
                    .digits = integer_digits(number, base, type == 'X'),
                    .group = base == 10 ? std::size_t{3} : std::size_t{4}};
  return laid_out(context, spec, std::move(parts));
}

Value format_string(Context& context, const Value& value, const FormatSpec& spec) {
  const bool fits = (spec.type == '\0' || spec.type == 's') && spec.sign == '-' &&
                    !spec.alternate && spec.grouping == '\0' && !spec.drops_negative_zero &&
                    (spec.align != '=' || spec.fill == "0");
  if (!fits) fail_type(context, spec, value);
  const std::string& bytes = value.as_string();
  context.charge_bytes(bytes.size());
  Value text = value;
  if (spec.precision >= 0) {
    text = context.slice(value, 0, char_offset(bytes, static_cast<std::size_t>(spec.precision)));
  }
  const std::uint64_t missing = missing_width(text.as_string(), spec.width);
  const std::uint64_t left = spec.align == '>' ? missing : spec.align == '^' ? missing / 2 : 0;
  Writer out(context);
  out.repeat(spec.fill, left, spec.source);
  out.append(text.as_text());
  out.repeat(spec.fill, missing - left, spec.source);
  return out.value();
}

}  // namespace

Value format_value(Context& context, const Value& value, const Value& text) {
  if (text.as_string().empty()) return to_str(context, value);
  FormatSpec spec = SpecReader(context, text.as_string()).run();
  spec.source = text.as_text().source_at(0);
  switch (value.kind()) {
    case Kind::kBool:
    case Kind::kInt:
      return format_integer(context, value, spec);
    case Kind::kFloat:
      return format_float(context, value, spec);
    case Kind::kString:
      return format_string(context, value, spec);
    default:
      fail_type(context, spec, value);
  }
}

Value to_ascii(Context& context, const Value& value) {
  const Value text = to_repr(context, value);
  Writer out(context);
  const std::string& bytes = text.as_string();
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t begin = at;
    const auto c = static_cast<unsigned>(utf8::next(bytes, at));
    if (c < 0x80) {
      out.append(text.as_text(), begin, at);
    } else {
      out.append(c < 0x100     ? fmt::format("\\x{:02x}", c)
                 : c < 0x10000 ? fmt::format("\\u{:04x}", c)
                               : fmt::format("\\U{:08x}", c),
                 text.as_text().source_at(begin));
    }
  }
  return out.value();
}

}  // namespace pangu::jinja
