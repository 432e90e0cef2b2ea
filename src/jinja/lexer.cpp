// SPDX-License-Identifier: Apache-2.0
// One pass over the source: text up to the next tag, then the tokens of the tag, and so on.
#include "jinja/lexer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/utf8.h"
#include "jinja/literals.h"
#include "jinja/strings.h"

namespace pangu::jinja {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
bool is_name_start(char c) {
  const auto u = static_cast<unsigned char>(c);
  return (u >= 'a' && u <= 'z') || (u >= 'A' && u <= 'Z') || u == '_' || u >= 0x80;
}

/// Line ends become \n, and a single one at the very end goes.
std::string normalized(std::string_view source) {
  std::string out;
  out.reserve(source.size());
  for (std::size_t i = 0; i < source.size(); ++i) {
    if (source[i] != '\r') {
      out += source[i];
    } else if (i + 1 == source.size() || source[i + 1] != '\n') {
      out += '\n';
    }
  }
  if (out.ends_with('\n')) out.pop_back();
  return out;
}

class Lexer {
 public:
  Lexer(std::string_view source, std::string_view origin)
      : source_(normalized(source)), origin_(origin) {}

  std::vector<Token> run() {
    while (at_ < source_.size()) read_data();
    emit(TokenType::kEnd);
    return std::move(tokens_);
  }

 private:
  template <class E, class... Args>
  [[noreturn]] void fail(fmt::format_string<Args...> message, Args&&... args) const {
    fail_at<E>(origin_, line_, message, std::forward<Args>(args)...);
  }

  std::string_view rest() const { return std::string_view(source_).substr(at_); }
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
  }
  void advance(std::size_t n) {
    const auto begin = source_.begin() + static_cast<std::ptrdiff_t>(at_);
    line_ += static_cast<int>(std::count(begin, begin + static_cast<std::ptrdiff_t>(n), '\n'));
    at_ += n;
  }
  Token& emit(TokenType type, std::string text = {}) {
    return tokens_.emplace_back(Token{type, std::move(text), line_});
  }

  void read_data();
  void emit_data(std::size_t begin, std::size_t end, std::size_t tag);
  void read_comment();
  void read_tag(bool is_block);
  void read_raw(std::size_t head);
  std::size_t raw_head(std::string_view name, std::size_t tag) const;
  void finish_tag(std::size_t length, char sign, bool trims_newline);
  bool read_tag_end(std::string_view end, bool is_block);
  void read_token();
  void read_number();
  void read_string();
  void read_operator();

  std::string source_;
  std::string_view origin_;
  std::size_t at_ = 0;
  int line_ = 1;
  std::string open_brackets_;
  std::vector<Token> tokens_;
};

void Lexer::read_data() {
  const std::size_t begin = at_;
  std::size_t tag = at_;
  const auto opens_tag = [&] {
    const char second = tag + 1 < source_.size() ? source_[tag + 1] : '\0';
    return second == '{' || second == '%' || second == '#';
  };
  while ((tag = source_.find('{', tag)) != std::string::npos && !opens_tag()) ++tag;
  if (tag == std::string::npos) {
    emit_data(begin, source_.size(), source_.size());
    advance(source_.size() - at_);
    return;
  }
  emit_data(begin, tag, tag);
  advance(tag - at_);
  if (peek(1) == '#') {
    read_comment();
  } else if (const std::size_t head = raw_head("raw", at_)) {
    read_raw(head);
  } else {
    read_tag(peek(1) == '%');
  }
}

/// Emits source[begin, end) as the whitespace control of the tag at `tag` leaves it.
void Lexer::emit_data(std::size_t begin, std::size_t end, std::size_t tag) {
  const char sign = tag + 2 < source_.size() ? source_[tag + 2] : '\0';
  std::string_view text = std::string_view(source_).substr(begin, end - begin);
  if (tag < source_.size() && sign == '-') {
    text = text.substr(0, strip_bounds(text, std::nullopt, false, true).end);
  } else if (tag < source_.size() && sign != '+' && source_[tag + 1] != '{') {
    const std::size_t newline = text.rfind('\n');
    const bool starts_line =
        newline != std::string_view::npos || begin == 0 || source_[begin - 1] == '\n';
    const std::size_t line = newline == std::string_view::npos ? 0 : newline + 1;
    if (starts_line && stripped(text.substr(line)).empty()) text = text.substr(0, line);
  }
  if (!text.empty()) emit(TokenType::kData, std::string(text));
}

/// Leaves a tag whose end, without its sign, is `length` bytes long.
void Lexer::finish_tag(std::size_t length, char sign, bool trims_newline) {
  advance(length + (sign == '\0' ? 0 : 1));
  if (sign == '-') {
    advance(strip_bounds(rest(), std::nullopt, true, false).begin);
  } else if (sign == '\0' && trims_newline && peek() == '\n') {
    advance(1);
  }
}

void Lexer::read_comment() {
  const std::size_t end = source_.find("#}", at_ + 2);
  if (end == std::string::npos) {
    fail<ConfigError>("the comment opened here has no end. Close it with '#}}'.");
  }
  const char before = source_[end - 1];
  const std::size_t body = at_ + (peek(2) == '-' || peek(2) == '+' ? 3 : 2);
  const bool has_sign = end > body && (before == '-' || before == '+');
  advance(end - at_ - (has_sign ? 1 : 0));
  finish_tag(2, has_sign ? before : '\0', true);
}

/// Length of "{% name" with the blanks after it if that is what stands at `tag` and an end of tag
/// follows, else 0.
std::size_t Lexer::raw_head(std::string_view name, std::size_t tag) const {
  const std::string_view all = source_;
  if (!all.substr(tag).starts_with("{%")) return 0;
  std::size_t at = tag + 2;
  if (at < all.size() && (all[at] == '-' || all[at] == '+')) ++at;
  while (at < all.size() && is_blank(all[at])) ++at;
  if (!all.substr(at).starts_with(name)) return 0;
  at += name.size();
  while (at < all.size() && is_blank(all[at])) ++at;
  const std::string_view after = all.substr(at);
  const bool ends = after.starts_with("%}") || after.starts_with("-%}") || after.starts_with("+%}");
  return ends ? at - tag : 0;
}

void Lexer::read_raw(std::size_t head) {
  const auto sign = [&] { return peek() == '%' ? '\0' : peek(); };
  const int line = line_;
  advance(head);
  finish_tag(2, sign(), false);
  const std::size_t begin = at_;
  for (std::size_t tag = at_; (tag = source_.find("{%", tag)) != std::string::npos; ++tag) {
    if (const std::size_t length = raw_head("endraw", tag)) {
      emit_data(begin, tag, tag);
      advance(tag + length - at_);
      finish_tag(2, sign(), true);
      return;
    }
  }
  line_ = line;
  fail<ConfigError>("the 'raw' block opened here has no end. Close it with '{{% endraw %}}'.");
}

void Lexer::read_tag(bool is_block) {
  const int line = line_;
  const std::string_view end = is_block ? "%}" : "}}";
  emit(is_block ? TokenType::kBlockBegin : TokenType::kVariableBegin);
  advance(2);
  if (peek() == '-' || peek() == '+') advance(1);
  open_brackets_.clear();
  while (!read_tag_end(end, is_block)) {
    if (at_ == source_.size()) {
      line_ = line;
      fail<ConfigError>("the tag opened here has no end. Close it with '{}'.", end);
    }
    if (is_blank(peek())) {
      advance(1);
    } else {
      read_token();
    }
  }
}

/// Takes the end of the tag if it stands here; within brackets it cannot.
bool Lexer::read_tag_end(std::string_view end, bool is_block) {
  if (!open_brackets_.empty()) return false;
  const bool has_sign = peek() == '-' || (is_block && peek() == '+');
  if (!rest().substr(has_sign ? 1 : 0).starts_with(end)) return false;
  emit(is_block ? TokenType::kBlockEnd : TokenType::kVariableEnd);
  finish_tag(2, has_sign ? peek() : '\0', is_block);
  return true;
}

void Lexer::read_token() {
  if (is_name_start(peek())) {
    std::size_t n = 1;
    while (is_name_start(peek(n)) || is_digit(peek(n))) ++n;
    emit(TokenType::kName, source_.substr(at_, n));
    advance(n);
  } else if (is_digit(peek())) {
    read_number();
  } else if (peek() == '\'' || peek() == '"') {
    read_string();
  } else {
    read_operator();
  }
}

void Lexer::read_number() {
  std::size_t n = 0;
  const auto digits = [&] {
    while (is_digit(peek(n)) || (peek(n) == '_' && is_digit(peek(n + 1)))) ++n;
  };
  const char prefix = static_cast<char>(peek(1) | 0x20);
  const bool has_base = peek() == '0' && (prefix == 'x' || prefix == 'o' || prefix == 'b');
  bool is_float = false;
  if (has_base) {
    while (is_name_start(peek(n)) || is_digit(peek(n))) ++n;
  } else {
    digits();
    // After a dot a number is an index, as in `row.0.1`.
    const bool is_index = !tokens_.empty() && tokens_.back().is_operator(".");
    if (!is_index && peek(n) == '.' && is_digit(peek(n + 1))) {
      is_float = true;
      ++n;
      digits();
    }
    const bool has_sign = peek(n + 1) == '-' || peek(n + 1) == '+';
    if (!is_index && (peek(n) | 0x20) == 'e' && is_digit(peek(n + (has_sign ? 2 : 1)))) {
      is_float = true;
      n += has_sign ? 2 : 1;
      digits();
    }
  }
  const std::string text = source_.substr(at_, n);
  const auto integer = is_float ? std::nullopt : parse_int(text, has_base ? 0 : 10);
  const auto number = is_float ? parse_float(text) : std::nullopt;
  if (!integer && !number) {
    fail<Unsupported>("the number {} is malformed or does not fit 64 bits.", text);
  }
  Token& token = emit(is_float ? TokenType::kFloat : TokenType::kInt, text);
  token.integer = integer.value_or(0);
  token.number = number.value_or(0);
  advance(n);
}

void Lexer::read_string() {
  const char quote = peek();
  std::size_t n = 1;
  while (at_ + n < source_.size() && peek(n) != quote) n += peek(n) == '\\' ? 2 : 1;
  if (at_ + n >= source_.size()) {
    fail<ConfigError>("the string opened here has no end. Close it with {}.", quote);
  }
  std::string error;
  auto text = unescape(std::string_view(source_).substr(at_ + 1, n - 1), error);
  if (!text) fail<Unsupported>("a string cannot be read: {}.", error);
  emit(TokenType::kString, std::move(*text));
  advance(n + 1);
}

void Lexer::read_operator() {
  // Longer ones first: the first that fits is taken.
  static constexpr std::array<std::string_view, 27> kOperators = {
      "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]",
      "(",  ")",  "{",  "}",  ">",  "<",  "=", ".", ":", "|", ",", ";", "!"};
  const auto* found = std::find_if(kOperators.begin(), kOperators.end(),
                                   [&](std::string_view op) { return rest().starts_with(op); });
  if (found == kOperators.end() || *found == "!") {
    std::size_t at = at_;
    utf8::next(source_, at);
    fail<ConfigError>("unexpected character '{}' in a tag.", source_.substr(at_, at - at_));
  }
  const char bracket = found->front();
  if (bracket == '(' || bracket == '[' || bracket == '{') {
    open_brackets_ += bracket;
  } else if (bracket == ')' || bracket == ']' || bracket == '}') {
    const char opened = open_brackets_.empty() ? '\0' : open_brackets_.back();
    const char wanted = bracket == ')' ? '(' : bracket == ']' ? '[' : '{';
    if (opened != wanted) fail<ConfigError>("'{}' closes nothing that is open here.", bracket);
    open_brackets_.pop_back();
  }
  emit(TokenType::kOperator, std::string(*found));
  advance(found->size());
}

}  // namespace

std::vector<Token> tokenize(std::string_view source, std::string_view origin,
                            const Limits& limits) {
  if (source.size() > limits.source_bytes) {
    fail_at<ConfigError>(origin, 1, "the template has {} bytes; at most {} are read.",
                         source.size(), limits.source_bytes);
  }
  if (const std::size_t at = utf8::find_invalid(source); at != utf8::npos) {
    const auto line =
        1 + std::count(source.begin(), source.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    fail_at<ConfigError>(origin, static_cast<int>(line),
                         "the template is not valid UTF-8 at byte {}. Convert it to UTF-8.", at);
  }
  return Lexer(source, origin).run();
}

std::string describe(const Token& token) {
  switch (token.type) {
    case TokenType::kData:
      return "text outside tags";
    case TokenType::kVariableBegin:
      return "'{{'";
    case TokenType::kVariableEnd:
      return "'}}'";
    case TokenType::kBlockBegin:
      return "'{%'";
    case TokenType::kBlockEnd:
      return "'%}'";
    case TokenType::kString:
      return "a string";
    case TokenType::kEnd:
      return "the end of the template";
    case TokenType::kName:
    case TokenType::kInt:
    case TokenType::kFloat:
    case TokenType::kOperator:
      break;
  }
  return "'" + token.text + "'";
}

}  // namespace pangu::jinja
