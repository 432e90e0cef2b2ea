// SPDX-License-Identifier: Apache-2.0
// Text, {{ }} and the {% %} tags; expressions are parsed next door.
#include "text/jinja/parser.h"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <utility>

#include "text/jinja/expression_parser.h"
#include "text/jinja/token_stream.h"

namespace pangu::jinja {
namespace {

class Parser {
 public:
  explicit Parser(TokenStream& tokens) : tokens_(tokens) {}

  Block template_body();

 private:
  using Words = std::initializer_list<std::string_view>;

  Block block(Words ends);
  Block body(Words ends);
  std::string end_word();
  void end_tag() { tokens_.expect(TokenType::kBlockEnd, "'%}'"); }
  Statement tag();
  Statement::Node statement(const Token& word);
  Statement::Node for_loop();
  Statement::Node if_chain();
  Statement::Node set();
  Statement::Node macro();
  Statement::Node generation();
  Target target();
  Target single_target();
  std::string variable_name();

  TokenStream& tokens_;
  std::size_t loops_ = 0;
};

Block Parser::template_body() {
  Block out = block({});
  if (!tokens_.is(TokenType::kEnd)) tokens_.fail_expected("the end of the template");
  return out;
}

/// Statements up to a tag whose word is one of `ends` (its {% and word stay unread), or to the end
/// of the template.
Block Parser::block(Words ends) {
  const TokenStream::Nesting nesting(tokens_);
  Block out;
  while (true) {
    const Token& token = tokens_.peek();
    if (token.type == TokenType::kData) {
      auto text = std::make_shared<const Text>(tokens_.next().text, Source::kTemplate);
      out.push_back({Output{std::move(text)}, token.line});
    } else if (token.type == TokenType::kVariableBegin) {
      tokens_.next();
      out.push_back({Print{parse_tuple(tokens_)}, token.line});
      tokens_.expect(TokenType::kVariableEnd, "an operator or '}}'");
    } else if (token.type == TokenType::kBlockBegin) {
      const Token& word = tokens_.peek(1);
      if (std::find(ends.begin(), ends.end(), word.text) != ends.end()) return out;
      out.push_back(tag());
    } else {
      return out;
    }
  }
}

/// The inside of a block tag: from the end of the tag to one of `ends`.
Block Parser::body(Words ends) {
  const int line = tokens_.peek().line;
  end_tag();
  Block out = block(ends);
  if (!tokens_.is(TokenType::kBlockBegin)) {
    fail_at<ConfigError>(tokens_.origin(), line,
                         "the block opened here has no end. Close it with '{{% {} %}}'.",
                         *(ends.end() - 1));
  }
  return out;
}

/// Reads "{% word", where body() stopped, and gives the word.
std::string Parser::end_word() {
  tokens_.next();
  return tokens_.next().text;
}

Statement Parser::tag() {
  tokens_.next();
  const Token& word = tokens_.expect(TokenType::kName, "the word of a tag");
  Statement out{statement(word), word.line};
  end_tag();
  return out;
}

Statement::Node Parser::statement(const Token& word) {
  if (word.text == "for") return for_loop();
  if (word.text == "if") return if_chain();
  if (word.text == "set") return set();
  if (word.text == "macro") return macro();
  if (word.text == "generation") return generation();
  if (word.text == "break" || word.text == "continue") {
    if (loops_ == 0) {
      fail_at<ConfigError>(tokens_.origin(), word.line, "'{}' stands outside of any loop.",
                           word.text);
    }
    if (word.text == "break") return Break{};
    return Continue{};
  }
  if (word.text.starts_with("end") || word.text == "else" || word.text == "elif") {
    fail_at<ConfigError>(tokens_.origin(), word.line, "'{}' closes or continues no open block.",
                         word.text);
  }
  fail_at<Unsupported>(tokens_.origin(), word.line,
                       "the tag '{}' is not covered. Known: for, if, set, macro, raw, generation, "
                       "break, continue.",
                       word.text);
}

Statement::Node Parser::for_loop() {
  For out;
  out.target = target();
  if (!tokens_.take_name("in")) tokens_.fail_expected("'in'");
  out.iterable = parse_tuple(tokens_, false);
  if (tokens_.take_name("if")) out.condition = parse_expression(tokens_);
  if (tokens_.peek().is_name("recursive")) {
    tokens_.fail<Unsupported>("'recursive' loops are not covered. Use a macro that calls itself.");
  }
  ++loops_;
  out.body = body({"else", "endfor"});
  --loops_;
  if (end_word() == "else") {
    out.otherwise = body({"endfor"});
    end_word();
  }
  return out;
}

Statement::Node Parser::if_chain() {
  If out;
  std::string word = "if";
  while (word != "else" && word != "endif") {
    ExprPtr condition = parse_tuple(tokens_, false);
    out.branches.emplace_back(std::move(condition), body({"elif", "else", "endif"}));
    word = end_word();
  }
  if (word == "else") {
    out.otherwise = body({"endif"});
    end_word();
  }
  return out;
}

Statement::Node Parser::set() {
  Target where = target();
  if (tokens_.take_operator("=")) return Set{std::move(where), parse_tuple(tokens_)};
  if (tokens_.peek().is_operator("|")) {
    tokens_.fail<Unsupported>(
        "a filter on a 'set' block is not covered. Set the block, then filter the variable.");
  }
  Block inside = body({"endset"});
  end_word();
  return SetBlock{std::move(where), std::move(inside)};
}

Statement::Node Parser::macro() {
  Macro out;
  out.name = variable_name();
  tokens_.expect_operator("(");
  while (!tokens_.peek().is_operator(")")) {
    std::string name = variable_name();
    ExprPtr fallback = tokens_.take_operator("=") ? parse_expression(tokens_) : nullptr;
    if (!fallback && !out.parameters.empty() && out.parameters.back().second) {
      tokens_.fail<ConfigError>("parameter '{}' without a default follows one with a default.",
                                name);
    }
    out.parameters.emplace_back(std::move(name), std::move(fallback));
    if (!tokens_.take_operator(",")) break;
  }
  tokens_.expect_operator(")");
  const std::size_t outer_loops = std::exchange(loops_, 0);
  out.body = body({"endmacro"});
  loops_ = outer_loops;
  end_word();
  return out;
}

Statement::Node Parser::generation() {
  Generation out;
  const std::size_t outer_loops = std::exchange(loops_, 0);
  out.body = body({"endgeneration"});
  loops_ = outer_loops;
  end_word();
  return out;
}

std::string Parser::variable_name() {
  const Token& token = tokens_.expect(TokenType::kName, "the name of a variable");
  static constexpr std::string_view kConstants[] = {"true", "True", "false", "False", "none",
                                                    "None", "and",  "or",    "not",   "in",
                                                    "is",   "if",   "else",  "elif"};
  if (std::find(std::begin(kConstants), std::end(kConstants), token.text) != std::end(kConstants)) {
    fail_at<ConfigError>(tokens_.origin(), token.line,
                         "'{}' is a reserved word and cannot be a variable. Rename it.",
                         token.text);
  }
  return token.text;
}

Target Parser::single_target() {
  const TokenStream::Nesting nesting(tokens_);
  if (tokens_.take_operator("(")) {
    Target inside = target();
    tokens_.expect_operator(")");
    return inside;
  }
  Target out;
  out.name = variable_name();
  if (tokens_.take_operator(".")) {
    out.attribute = tokens_.expect(TokenType::kName, "the name of an attribute").text;
  }
  return out;
}

Target Parser::target() {
  Target first = single_target();
  if (!tokens_.peek().is_operator(",")) return first;
  Target out;
  out.targets.push_back(std::move(first));
  while (tokens_.take_operator(",")) {
    if (tokens_.peek().type != TokenType::kName && !tokens_.peek().is_operator("(")) break;
    if (tokens_.peek().is_name("in")) break;
    out.targets.push_back(single_target());
  }
  return out;
}

}  // namespace

Block parse(std::string_view source, std::string_view origin, const Limits& limits) {
  TokenStream tokens(tokenize(source, origin, limits), origin, limits);
  return Parser(tokens).template_body();
}

}  // namespace pangu::jinja
