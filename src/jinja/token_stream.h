// SPDX-License-Identifier: Apache-2.0
// The parser's view of the tokens, with errors at the current line.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jinja/lexer.h"

namespace pangu::jinja {

class TokenStream {
 public:
  TokenStream(std::vector<Token> tokens, std::string_view origin, const Limits& limits)
      : tokens_(std::move(tokens)), origin_(origin), limits_(limits) {}

  const Token& peek(std::size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  const Token& next() {
    const Token& token = peek();
    if (at_ + 1 < tokens_.size()) ++at_;
    return token;
  }
  bool is(TokenType type) const { return peek().type == type; }

  bool take_operator(std::string_view which) {
    const bool found = peek().is_operator(which);
    if (found) next();
    return found;
  }
  bool take_name(std::string_view which) {
    const bool found = peek().is_name(which);
    if (found) next();
    return found;
  }
  void expect_operator(std::string_view which) {
    if (!take_operator(which)) fail_expected(fmt::format("'{}'", which));
  }
  const Token& expect(TokenType type, std::string_view what) {
    if (!is(type)) fail_expected(what);
    return next();
  }

  template <class E, class... Args>
  [[noreturn]] void fail(fmt::format_string<Args...> message, Args&&... args) const {
    fail_at<E>(origin_, peek().line, message, std::forward<Args>(args)...);
  }
  [[noreturn]] void fail_expected(std::string_view what) const {
    fail<ConfigError>("found {}, expected {}.", describe(peek()), what);
  }

  const Limits& limits() const { return limits_; }
  std::string_view origin() const { return origin_; }

  /// Which of the names that a macro need not declare were read since the flags were cleared.
  struct SpecialNames {
    bool varargs = false;
    bool kwargs = false;
    bool caller = false;
  };
  SpecialNames special_names;

  /// One level of nesting, for as long as it lives; ConfigError past the limit.
  class Nesting {
   public:
    explicit Nesting(TokenStream& stream) : stream_(stream) {
      if (stream.nesting_ == stream.limits_.nesting) stream.fail_nesting();
      ++stream.nesting_;
    }
    ~Nesting() { --stream_.nesting_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;

   private:
    TokenStream& stream_;
  };
  [[noreturn]] void fail_nesting() const {
    fail<ConfigError>("expressions or blocks are nested more than {} deep. Split them.",
                      limits_.nesting);
  }

 private:
  std::vector<Token> tokens_;
  std::string_view origin_;
  const Limits& limits_;
  std::size_t at_ = 0;
  std::size_t nesting_ = 0;
};

}  // namespace pangu::jinja
