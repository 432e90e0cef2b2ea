// SPDX-License-Identifier: Apache-2.0
// Text, {{ }} and the {% %} tags; expressions are parsed next door.
#include "jinja/parser.h"

#include <algorithm>
#include <initializer_list>
#include <set>
#include <string>
#include <utility>

#include "base/clipped.h"
#include "jinja/expression_parser.h"
#include "jinja/known_names.h"
#include "jinja/token_stream.h"

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
  Statement::Node print();
  Statement::Node with();
  Statement::Node macro();
  Statement::Node call_block();
  Statement::Node filter_block();
  Statement::Node block_tag();
  Statement::Node autoescape();
  Statement::Node other_template(const Token& word);
  Statement::Node generation();
  Block separate_body(Words ends);
  void signature(Macro& macro);
  void macro_body(Macro& macro, Words ends);
  Target target();
  Target single_target();
  std::string variable_name();
  [[noreturn]] void fail_unknown_tag(const Token& word) const;

  TokenStream& tokens_;
  std::size_t loops_ = 0;
  std::set<std::string> blocks_;
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
      Print print;
      print.values.push_back(parse_tuple(tokens_));
      out.push_back({std::move(print), token.line});
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
  tokens_.take_operator(":");  // as in Python
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
  static constexpr std::pair<std::string_view, Statement::Node (Parser::*)()> kTags[] = {
      {"for", &Parser::for_loop},
      {"if", &Parser::if_chain},
      {"set", &Parser::set},
      {"macro", &Parser::macro},
      {"call", &Parser::call_block},
      {"filter", &Parser::filter_block},
      {"with", &Parser::with},
      {"print", &Parser::print},
      {"block", &Parser::block_tag},
      {"autoescape", &Parser::autoescape},
      {"generation", &Parser::generation}};
  for (const auto& [name, parse] : kTags) {
    if (word.text == name) return (this->*parse)();
  }
  if (word.text == "do") return Do{parse_tuple(tokens_)};
  if (word.text == "include" || word.text == "import" || word.text == "from" ||
      word.text == "extends") {
    return other_template(word);
  }
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
  fail_unknown_tag(word);
}

void Parser::fail_unknown_tag(const Token& word) const {
  static constexpr std::string_view kNames[] = {
      "for",   "if",         "set", "macro", "call",  "filter",   "with",      "print",
      "block", "autoescape", "do",  "raw",   "break", "continue", "generation"};
  fail_at<Unsupported>(tokens_.origin(), word.line, "there is no tag '{}'. {}", clipped(word.text),
                       advice_on(word.text, kNames));
}

Statement::Node Parser::for_loop() {
  For out;
  out.target = target();
  if (!tokens_.take_name("in")) tokens_.fail_expected("'in'");
  out.iterable = parse_tuple(tokens_, false);
  if (tokens_.take_name("if")) out.condition = parse_expression(tokens_);
  out.is_recursive = tokens_.take_name("recursive");
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
  ExprPtr filters = tokens_.take_operator("|") ? parse_block_filters(tokens_) : nullptr;
  Block inside = body({"endset"});
  end_word();
  return SetBlock{std::move(where), std::move(filters), std::move(inside)};
}

Statement::Node Parser::print() {
  Print out;
  do {
    out.values.push_back(parse_expression(tokens_));
  } while (tokens_.take_operator(","));
  return out;
}

/// The body of a block that no `break` may leave, with its end.
Block Parser::separate_body(Words ends) {
  const std::size_t outer_loops = std::exchange(loops_, 0);
  Block out = body(ends);
  loops_ = outer_loops;
  end_word();
  return out;
}

Statement::Node Parser::with() {
  With out;
  while (!tokens_.is(TokenType::kBlockEnd) && !tokens_.peek().is_operator(":")) {
    if (!out.values.empty()) tokens_.expect_operator(",");
    Target where = target();
    tokens_.expect_operator("=");
    out.values.emplace_back(std::move(where), parse_expression(tokens_));
  }
  out.body = body({"endwith"});
  end_word();
  return out;
}

Statement::Node Parser::filter_block() {
  FilterBlock out;
  out.filters = parse_block_filters(tokens_);
  out.body = body({"endfilter"});
  end_word();
  return out;
}

Statement::Node Parser::block_tag() {
  BlockTag out;
  const std::string name = variable_name();
  if (!blocks_.insert(name).second) {
    tokens_.fail<ConfigError>("block '{}' is there twice. Give it another name.", clipped(name));
  }
  out.is_scoped = tokens_.take_name("scoped");
  const bool is_required = tokens_.take_name("required");
  out.body = separate_body({"endblock"});
  tokens_.take_name(name);
  // A required block is filled by a template that extends this one.
  if (is_required) return OtherTemplate{"required block"};
  return out;
}

Statement::Node Parser::autoescape() {
  Autoescape out;
  out.value = parse_expression(tokens_);
  out.body = body({"endautoescape"});
  end_word();
  return out;
}

/// Fails when it is reached, so what follows is passed over.
Statement::Node Parser::other_template(const Token& word) {
  OtherTemplate out{word.text};
  while (!tokens_.is(TokenType::kBlockEnd)) tokens_.next();
  return out;
}

Statement::Node Parser::macro() {
  Macro out;
  out.name = variable_name();
  signature(out);
  macro_body(out, {"endmacro"});
  return out;
}

Statement::Node Parser::call_block() {
  CallBlock out;
  out.caller.name = "caller";
  if (tokens_.peek().is_operator("(")) signature(out.caller);
  const int line = tokens_.peek().line;
  out.call = parse_expression(tokens_);
  if (!std::holds_alternative<Call>(out.call->node)) {
    fail_at<ConfigError>(tokens_.origin(), line,
                         "'call' is followed by no call, expected one as in '{{% call m() %}}'.");
  }
  macro_body(out.caller, {"endcall"});
  return out;
}

/// "(a, b=1)".
void Parser::signature(Macro& macro) {
  tokens_.expect_operator("(");
  while (!tokens_.peek().is_operator(")")) {
    std::string name = variable_name();
    ExprPtr fallback = tokens_.take_operator("=") ? parse_expression(tokens_) : nullptr;
    if (!fallback && !macro.parameters.empty() && macro.parameters.back().second) {
      tokens_.fail<ConfigError>("parameter '{}' without a default follows one with a default.",
                                name);
    }
    macro.parameters.emplace_back(std::move(name), std::move(fallback));
    if (!tokens_.take_operator(",")) break;
  }
  tokens_.expect_operator(")");
}

void Parser::macro_body(Macro& macro, Words ends) {
  const TokenStream::SpecialNames outer = std::exchange(tokens_.special_names, {});
  macro.body = separate_body(ends);
  TokenStream::SpecialNames& named = tokens_.special_names;
  macro.has_varargs = named.varargs;
  macro.has_kwargs = named.kwargs;
  macro.has_caller = named.caller;
  // What an inner macro names, the outer one names, too.
  named = {.varargs = named.varargs || outer.varargs,
           .kwargs = named.kwargs || outer.kwargs,
           .caller = named.caller || outer.caller};
}

Statement::Node Parser::generation() {
  Generation out;
  out.body = separate_body({"endgeneration"});
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
