// SPDX-License-Identifier: Apache-2.0
#include "text/chat/json_object_scanner.h"

#include <fmt/format.h>

#include <iterator>

namespace pangu {
namespace {

bool is_json_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool is_json_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_hex_digit(char c) {
  return is_json_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20;
}

void add_control(char c, std::string& out) {
  switch (c) {
    case '\n':
      out += "\\n";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\r':
      out += "\\r";
      return;
    default:
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
  }
}

}  // namespace

JsonObjectScanner::Step JsonObjectScanner::push(char c, std::string& out) {
  if (at_ == At::kString) return push_string(c, out);
  if (at_ == At::kNumber) {
    if (push_number(c)) {
      out += c;
      return Step::kMore;
    }
    if (!number_is_whole()) return Step::kBad;
    at_ = At::kAfterValue;
  }
  if (at_ == At::kLiteral) {
    if (c != literal_.front()) return Step::kBad;
    literal_.remove_prefix(1);
    if (literal_.empty()) at_ = At::kAfterValue;
    out += c;
    return Step::kMore;
  }
  const Step step = is_json_blank(c) && !open_.empty() ? Step::kMore : push_structure(c);
  if (step != Step::kBad) out += c;
  return step;
}

JsonObjectScanner::Step JsonObjectScanner::push_structure(char c) {
  switch (at_) {
    case At::kFirstKey:
      if (c == '}') return close(c);
      [[fallthrough]];
    case At::kKey:
      if (c != '"') return Step::kBad;
      is_key_ = true;
      at_ = At::kString;
      return Step::kMore;
    case At::kColon:
      if (c != ':') return Step::kBad;
      at_ = At::kValue;
      return Step::kMore;
    case At::kFirstValue:
      if (c == ']') return close(c);
      return begin_value(c);
    case At::kAfterValue:
      if (c != ',' || open_.empty()) return close(c);
      at_ = open_.back() == '{' ? At::kKey : At::kValue;
      return Step::kMore;
    default:
      return begin_value(c);
  }
}

JsonObjectScanner::Step JsonObjectScanner::begin_value(char c) {
  if (c == '{' || (c == '[' && !open_.empty())) return open(c);
  if (open_.empty()) return Step::kBad;
  if (c == '"') {
    is_key_ = false;
    at_ = At::kString;
  } else if (c == '-' || is_json_digit(c)) {
    number_ = c == '-' ? Number::kMinus : c == '0' ? Number::kZero : Number::kDigits;
    at_ = At::kNumber;
  } else if (c == 't' || c == 'f' || c == 'n') {
    literal_ = c == 't' ? "rue" : c == 'f' ? "alse" : "ull";
    at_ = At::kLiteral;
  } else {
    return Step::kBad;
  }
  return Step::kMore;
}

JsonObjectScanner::Step JsonObjectScanner::open(char c) {
  if (open_.size() == kMaxDepth) return Step::kBad;
  open_ += c;
  at_ = c == '{' ? At::kFirstKey : At::kFirstValue;
  return Step::kMore;
}

JsonObjectScanner::Step JsonObjectScanner::close(char c) {
  if (open_.empty() || c != (open_.back() == '{' ? '}' : ']')) return Step::kBad;
  open_.pop_back();
  at_ = At::kAfterValue;
  return open_.empty() ? Step::kDone : Step::kMore;
}

JsonObjectScanner::Step JsonObjectScanner::push_string(char c, std::string& out) {
  if (!escape_.empty() || c == '\\') {
    push_escape(c, out);
  } else if (is_control(c)) {
    add_control(c, out);
  } else {
    out += c;
    if (c == '"') at_ = is_key_ ? At::kColon : At::kAfterValue;
  }
  return Step::kMore;
}

void JsonObjectScanner::push_escape(char c, std::string& out) {
  constexpr std::string_view kShort = "\"\\/bfnrt";
  const std::size_t n = escape_.size();
  const bool fits = n == 0   ? true
                    : n == 1 ? c == 'u' || kShort.find(c) != kShort.npos
                             : is_hex_digit(c);
  if (fits) {
    escape_ += c;
    if (n == 0 || (escape_[1] == 'u' && n < 5)) return;
    out += escape_;
    escape_.clear();
    return;
  }
  out += '\\';  // the backslash stands for itself
  out += escape_;
  escape_.clear();
  push_string(c, out);
}

bool JsonObjectScanner::push_number(char c) {
  const bool digit = is_json_digit(c);
  const auto go = [&](Number next) {
    number_ = next;
    return true;
  };
  switch (number_) {
    case Number::kMinus:
      return digit && go(c == '0' ? Number::kZero : Number::kDigits);
    case Number::kDigits:
      if (digit) return true;
      [[fallthrough]];
    case Number::kZero:
      if (c == '.') return go(Number::kPoint);
      return (c == 'e' || c == 'E') && go(Number::kE);
    case Number::kPoint:
      return digit && go(Number::kDecimals);
    case Number::kDecimals:
      if (digit) return true;
      return (c == 'e' || c == 'E') && go(Number::kE);
    case Number::kE:
      if (c == '+' || c == '-') return go(Number::kSign);
      return digit && go(Number::kExponent);
    case Number::kSign:
      return digit && go(Number::kExponent);
    case Number::kExponent:
      return digit;
  }
  return false;
}

bool JsonObjectScanner::number_is_whole() const {
  return number_ == Number::kZero || number_ == Number::kDigits || number_ == Number::kDecimals ||
         number_ == Number::kExponent;
}

bool JsonObjectScanner::in_string() const {
  return at_ == At::kString;
}

std::optional<std::string> JsonObjectScanner::closers() const {
  const bool value_is_whole = at_ == At::kAfterValue || (at_ == At::kNumber && number_is_whole());
  if (!value_is_whole) return std::nullopt;
  std::string out;
  for (auto open = open_.rbegin(); open != open_.rend(); ++open) out += *open == '{' ? '}' : ']';
  return out;
}

std::optional<std::string> json_object_in(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  const std::size_t end = text.find_last_not_of(" \t\r\n");
  if (begin == text.npos) return std::nullopt;
  JsonObjectScanner scanner;
  std::string out;
  for (std::size_t at = begin; at <= end; ++at) {
    const auto step = scanner.push(text[at], out);
    if (step == JsonObjectScanner::Step::kBad) return std::nullopt;
    if (step == JsonObjectScanner::Step::kDone)
      return at == end ? std::optional(out) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace pangu
