// SPDX-License-Identifier: Apache-2.0
// Recursive descent, one function per precedence: or, and, not, comparison, + -, ~, * / // %, **,
// sign, then attributes, subscripts, calls, filters and tests.
#include "jinja/expression_parser.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <utility>

namespace pangu::jinja {
namespace {

class ExpressionParser {
 public:
  explicit ExpressionParser(TokenStream& tokens) : tokens_(tokens) {}

  ExprPtr conditional();
  ExprPtr tuple(bool with_conditional, bool in_parentheses);
  ExprPtr block_filters();

 private:
  /// Chains such as a + b + c grow deep without recursion here, so depth is kept in the nodes.
  template <class Node>
  ExprPtr make(int line, Node node, std::initializer_list<const Expr*> children = {}) {
    std::size_t depth = 0;
    for (const Expr* child : children) depth = std::max(depth, child ? child->depth : 0);
    return make_deep(line, std::move(node), depth);
  }
  template <class Node>
  ExprPtr make_deep(int line, Node node, std::size_t depth_below) {
    if (depth_below + 1 > tokens_.limits().nesting) tokens_.fail_nesting();
    return std::make_unique<Expr>(Expr{std::move(node), line, depth_below + 1});
  }

  ExprPtr logical_or();
  ExprPtr logical_and();
  ExprPtr negation();
  ExprPtr comparison();
  std::optional<CompareOp> comparison_operator();
  ExprPtr sum();
  ExprPtr concat();
  ExprPtr product();
  ExprPtr power();
  ExprPtr sign(bool with_filters);
  ExprPtr primary();
  ExprPtr string_literal();
  ExprPtr list_literal();
  ExprPtr dict_literal();
  ExprPtr postfix(ExprPtr value);
  ExprPtr attribute(ExprPtr object);
  ExprPtr subscript(ExprPtr object);
  ExprPtr subscript_part();
  ExprPtr call(ExprPtr callee);
  ExprPtr filters(ExprPtr input);
  ExprPtr filter(ExprPtr input);
  ExprPtr test(ExprPtr input);
  CallArguments arguments(std::size_t& depth);
  void argument(CallArguments& given, std::size_t& depth);
  std::string dotted_name(std::string_view what);

  TokenStream& tokens_;
};

ExprPtr ExpressionParser::conditional() {
  const TokenStream::Nesting nesting(tokens_);
  const int line = tokens_.peek().line;
  ExprPtr value = logical_or();
  while (tokens_.take_name("if")) {
    ExprPtr condition = logical_or();
    ExprPtr otherwise = tokens_.take_name("else") ? conditional() : nullptr;
    const std::initializer_list<const Expr*> parts = {value.get(), condition.get(),
                                                      otherwise.get()};
    value = make(line, Conditional{std::move(condition), std::move(value), std::move(otherwise)},
                 parts);
  }
  return value;
}

ExprPtr ExpressionParser::tuple(bool with_conditional, bool in_parentheses) {
  const TokenStream::Nesting nesting(tokens_);
  const int line = tokens_.peek().line;
  const auto at_end = [&] {
    const Token& token = tokens_.peek();
    return token.type == TokenType::kVariableEnd || token.type == TokenType::kBlockEnd ||
           token.type == TokenType::kEnd || token.is_operator(")") || token.is_operator("=");
  };
  std::vector<ExprPtr> items;
  std::size_t depth = 0;
  bool is_tuple = in_parentheses && at_end();
  while (!at_end()) {
    items.push_back(with_conditional ? conditional() : logical_or());
    depth = std::max(depth, items.back()->depth);
    if (!tokens_.take_operator(",")) break;
    is_tuple = true;
  }
  if (is_tuple) return make_deep(line, ListLiteral{std::move(items), true}, depth);
  if (items.empty()) tokens_.fail_expected("an expression");
  return std::move(items.front());
}

ExprPtr ExpressionParser::logical_or() {
  ExprPtr left = logical_and();
  while (tokens_.peek().is_name("or")) {
    const int line = tokens_.next().line;
    ExprPtr right = logical_and();
    const std::initializer_list<const Expr*> parts = {left.get(), right.get()};
    left = make(line, Logical{false, std::move(left), std::move(right)}, parts);
  }
  return left;
}

ExprPtr ExpressionParser::logical_and() {
  ExprPtr left = negation();
  while (tokens_.peek().is_name("and")) {
    const int line = tokens_.next().line;
    ExprPtr right = negation();
    const std::initializer_list<const Expr*> parts = {left.get(), right.get()};
    left = make(line, Logical{true, std::move(left), std::move(right)}, parts);
  }
  return left;
}

ExprPtr ExpressionParser::negation() {
  if (!tokens_.peek().is_name("not")) return comparison();
  const TokenStream::Nesting nesting(tokens_);
  const int line = tokens_.next().line;
  ExprPtr operand = negation();
  const Expr* below = operand.get();
  return make(line, Unary{'n', std::move(operand)}, {below});
}

std::optional<CompareOp> ExpressionParser::comparison_operator() {
  static constexpr std::array<std::pair<std::string_view, CompareOp>, 6> kOperators = {
      {{"==", CompareOp::kEqual},
       {"!=", CompareOp::kNotEqual},
       {"<", CompareOp::kLess},
       {"<=", CompareOp::kLessEqual},
       {">", CompareOp::kGreater},
       {">=", CompareOp::kGreaterEqual}}};
  for (const auto& [symbol, op] : kOperators) {
    if (tokens_.take_operator(symbol)) return op;
  }
  if (tokens_.take_name("in")) return CompareOp::kIn;
  if (tokens_.peek().is_name("not") && tokens_.peek(1).is_name("in")) {
    tokens_.next();
    tokens_.next();
    return CompareOp::kNotIn;
  }
  return std::nullopt;
}

ExprPtr ExpressionParser::comparison() {
  const int line = tokens_.peek().line;
  ExprPtr first = sum();
  std::vector<std::pair<CompareOp, ExprPtr>> rest;
  std::size_t depth = first->depth;
  while (const auto op = comparison_operator()) {
    rest.emplace_back(*op, sum());
    depth = std::max(depth, rest.back().second->depth);
  }
  if (rest.empty()) return first;
  return make_deep(line, Compare{std::move(first), std::move(rest)}, depth);
}

ExprPtr ExpressionParser::sum() {
  ExprPtr left = concat();
  while (tokens_.peek().is_operator("+") || tokens_.peek().is_operator("-")) {
    const Token& token = tokens_.next();
    const BinaryOp op = token.text == "+" ? BinaryOp::kAdd : BinaryOp::kSubtract;
    ExprPtr right = concat();
    const std::initializer_list<const Expr*> parts = {left.get(), right.get()};
    left = make(token.line, Binary{op, std::move(left), std::move(right)}, parts);
  }
  return left;
}

ExprPtr ExpressionParser::concat() {
  const int line = tokens_.peek().line;
  std::vector<ExprPtr> parts;
  std::size_t depth = 0;
  do {
    parts.push_back(product());
    depth = std::max(depth, parts.back()->depth);
  } while (tokens_.take_operator("~"));
  if (parts.size() == 1) return std::move(parts.front());
  return make_deep(line, Concat{std::move(parts)}, depth);
}

ExprPtr ExpressionParser::product() {
  static constexpr std::array<std::pair<std::string_view, BinaryOp>, 4> kOperators = {
      {{"*", BinaryOp::kMultiply},
       {"/", BinaryOp::kDivide},
       {"//", BinaryOp::kFloorDivide},
       {"%", BinaryOp::kModulo}}};
  ExprPtr left = power();
  while (true) {
    const Token& token = tokens_.peek();
    const auto* found = std::find_if(kOperators.begin(), kOperators.end(), [&](const auto& entry) {
      return token.is_operator(entry.first);
    });
    if (found == kOperators.end()) return left;
    const int line = tokens_.next().line;
    ExprPtr right = power();
    const std::initializer_list<const Expr*> parts = {left.get(), right.get()};
    left = make(line, Binary{found->second, std::move(left), std::move(right)}, parts);
  }
}

ExprPtr ExpressionParser::power() {
  ExprPtr left = sign(true);
  while (tokens_.peek().is_operator("**")) {
    const int line = tokens_.next().line;
    ExprPtr right = sign(true);
    const std::initializer_list<const Expr*> parts = {left.get(), right.get()};
    left = make(line, Binary{BinaryOp::kPower, std::move(left), std::move(right)}, parts);
  }
  return left;
}

ExprPtr ExpressionParser::sign(bool with_filters) {
  const Token& token = tokens_.peek();
  ExprPtr value;
  if (token.is_operator("-") || token.is_operator("+")) {
    const TokenStream::Nesting nesting(tokens_);
    tokens_.next();
    ExprPtr operand = sign(false);
    const Expr* below = operand.get();
    value = make(token.line, Unary{token.text[0], std::move(operand)}, {below});
  } else {
    value = primary();
  }
  value = postfix(std::move(value));
  return with_filters ? filters(std::move(value)) : std::move(value);
}

ExprPtr ExpressionParser::primary() {
  static constexpr std::array<std::string_view, 8> kReserved = {"and", "or",   "not",  "in",
                                                                "is",  "else", "elif", "if"};
  const Token& token = tokens_.peek();
  const int line = token.line;
  if (token.type == TokenType::kString) return string_literal();
  if (token.type == TokenType::kInt) return make(line, Literal{tokens_.next().integer});
  if (token.type == TokenType::kFloat) return make(line, Literal{tokens_.next().number});
  if (token.is_operator("[")) return list_literal();
  if (token.is_operator("{")) return dict_literal();
  if (tokens_.take_operator("(")) {
    ExprPtr inside = tuple(true, true);
    tokens_.expect_operator(")");
    return inside;
  }
  const bool is_reserved =
      std::find(kReserved.begin(), kReserved.end(), token.text) != kReserved.end();
  if (token.type != TokenType::kName || is_reserved) tokens_.fail_expected("an expression");
  const std::string& name = tokens_.next().text;
  if (name == "true" || name == "True") return make(line, Literal{true});
  if (name == "false" || name == "False") return make(line, Literal{false});
  if (name == "none" || name == "None") return make(line, Literal{std::monostate()});
  if (name == "varargs") tokens_.special_names.varargs = true;
  if (name == "kwargs") tokens_.special_names.kwargs = true;
  if (name == "caller") tokens_.special_names.caller = true;
  return make(line, Name{name});
}

/// Strings that stand side by side are one.
ExprPtr ExpressionParser::string_literal() {
  const int line = tokens_.peek().line;
  std::string text;
  while (tokens_.is(TokenType::kString)) text += tokens_.next().text;
  return make(line, Literal{std::make_shared<const Text>(std::move(text), Source::kTemplate)});
}

ExprPtr ExpressionParser::list_literal() {
  const int line = tokens_.next().line;
  std::vector<ExprPtr> items;
  std::size_t depth = 0;
  while (!tokens_.peek().is_operator("]")) {
    items.push_back(conditional());
    depth = std::max(depth, items.back()->depth);
    if (!tokens_.take_operator(",")) break;
  }
  tokens_.expect_operator("]");
  return make_deep(line, ListLiteral{std::move(items), false}, depth);
}

ExprPtr ExpressionParser::dict_literal() {
  const int line = tokens_.next().line;
  std::vector<std::pair<ExprPtr, ExprPtr>> items;
  std::size_t depth = 0;
  while (!tokens_.peek().is_operator("}")) {
    ExprPtr key = conditional();
    tokens_.expect_operator(":");
    ExprPtr value = conditional();
    depth = std::max({depth, key->depth, value->depth});
    items.emplace_back(std::move(key), std::move(value));
    if (!tokens_.take_operator(",")) break;
  }
  tokens_.expect_operator("}");
  return make_deep(line, DictLiteral{std::move(items)}, depth);
}

ExprPtr ExpressionParser::postfix(ExprPtr value) {
  while (true) {
    if (tokens_.take_operator(".")) {
      value = attribute(std::move(value));
    } else if (tokens_.take_operator("[")) {
      value = subscript(std::move(value));
    } else if (tokens_.peek().is_operator("(")) {
      value = call(std::move(value));
    } else {
      return value;
    }
  }
}

ExprPtr ExpressionParser::attribute(ExprPtr object) {
  const Expr* below = object.get();
  const int line = tokens_.peek().line;
  if (tokens_.is(TokenType::kInt)) {
    ExprPtr index = make(line, Literal{tokens_.next().integer});
    return make(line, Subscript{std::move(object), std::move(index)}, {below});
  }
  std::string name = tokens_.expect(TokenType::kName, "the name of an attribute").text;
  return make(line, Attribute{std::move(object), std::move(name)}, {below});
}

/// A slice with its object still missing, or an index.
ExprPtr ExpressionParser::subscript_part() {
  const int line = tokens_.peek().line;
  const auto part = [&]() -> ExprPtr {
    const Token& token = tokens_.peek();
    const bool is_absent =
        token.is_operator(":") || token.is_operator("]") || token.is_operator(",");
    return is_absent ? nullptr : conditional();
  };
  ExprPtr start = part();
  if (start && !tokens_.peek().is_operator(":")) return start;
  tokens_.expect_operator(":");
  ExprPtr stop = part();
  ExprPtr step = tokens_.take_operator(":") ? part() : nullptr;
  const std::initializer_list<const Expr*> parts = {start.get(), stop.get(), step.get()};
  return make(line, Slice{nullptr, std::move(start), std::move(stop), std::move(step)}, parts);
}

/// object[index], object[start:stop:step], or object[index, index], whose index is a tuple.
ExprPtr ExpressionParser::subscript(ExprPtr object) {
  const int line = tokens_.peek().line;
  std::vector<ExprPtr> parts;
  std::size_t depth = 0;
  while (!tokens_.peek().is_operator("]")) {
    parts.push_back(subscript_part());
    depth = std::max(depth, parts.back()->depth);
    const bool is_slice = std::holds_alternative<Slice>(parts.back()->node) &&
                          !std::get<Slice>(parts.back()->node).object;
    if (is_slice && (parts.size() > 1 || tokens_.peek().is_operator(","))) {
      tokens_.fail<Unsupported>("slices with commas are not covered. Use one index or a slice.");
    }
    if (!tokens_.take_operator(",")) break;
    if (tokens_.peek().is_operator("]")) tokens_.fail_expected("an expression");
  }
  tokens_.expect_operator("]");
  depth = std::max(depth, object->depth);
  if (parts.size() != 1) {
    ExprPtr tuple = make_deep(line, ListLiteral{std::move(parts), true}, depth);
    return make_deep(line, Subscript{std::move(object), std::move(tuple)}, depth + 1);
  }
  if (auto* slice = std::get_if<Slice>(&parts.front()->node); slice && !slice->object) {
    slice->object = std::move(object);
    return make_deep(line, std::move(*slice), depth);
  }
  return make_deep(line, Subscript{std::move(object), std::move(parts.front())}, depth);
}

ExprPtr ExpressionParser::call(ExprPtr callee) {
  const int line = tokens_.peek().line;
  std::size_t depth = callee->depth;
  CallArguments given = arguments(depth);
  return make_deep(line, Call{std::move(callee), std::move(given)}, depth);
}

CallArguments ExpressionParser::arguments(std::size_t& depth) {
  CallArguments given;
  tokens_.expect_operator("(");
  while (!tokens_.peek().is_operator(")")) {
    argument(given, depth);
    if (!tokens_.take_operator(",")) break;
  }
  tokens_.expect_operator(")");
  return given;
}

/// One of: value, name=value, *values, **names.
void ExpressionParser::argument(CallArguments& given, std::size_t& depth) {
  const auto value = [&] {
    ExprPtr out = conditional();
    depth = std::max(depth, out->depth);
    return out;
  };
  const bool is_items = tokens_.peek().is_operator("*");
  if (is_items || tokens_.peek().is_operator("**")) {
    if (given.spread_names || (is_items && given.spread_items)) {
      tokens_.fail<ConfigError>("'{}' stands after another spread argument.", tokens_.peek().text);
    }
    tokens_.next();
    (is_items ? given.spread_items : given.spread_names) = value();
    return;
  }
  if (tokens_.is(TokenType::kName) && tokens_.peek(1).is_operator("=")) {
    std::string name = tokens_.next().text;
    tokens_.next();
    if (given.spread_names) tokens_.fail<ConfigError>("an argument follows a '**' argument.");
    given.named.emplace_back(std::move(name), value());
    return;
  }
  if (!given.named.empty() || given.spread_items || given.spread_names) {
    tokens_.fail<ConfigError>(
        "an argument without a name follows one with a name or a '*'. Swap them.");
  }
  given.positional.push_back(value());
}

ExprPtr ExpressionParser::filters(ExprPtr input) {
  while (true) {
    if (tokens_.take_operator("|")) {
      input = filter(std::move(input));
    } else if (tokens_.take_name("is")) {
      input = test(std::move(input));
    } else if (tokens_.peek().is_operator("(")) {
      input = call(std::move(input));
    } else {
      return input;
    }
  }
}

std::string ExpressionParser::dotted_name(std::string_view what) {
  std::string name = tokens_.expect(TokenType::kName, what).text;
  while (tokens_.take_operator(".")) name += "." + tokens_.expect(TokenType::kName, what).text;
  return name;
}

ExprPtr ExpressionParser::filter(ExprPtr input) {
  const int line = tokens_.peek().line;
  std::string name = dotted_name("the name of a filter");
  std::size_t depth = input->depth;
  CallArguments given;
  if (tokens_.peek().is_operator("(")) given = arguments(depth);
  return make_deep(line, FilterCall{std::move(input), std::move(name), std::move(given)}, depth);
}

ExprPtr ExpressionParser::block_filters() {
  ExprPtr chain = make(tokens_.peek().line, BlockText{});
  do {
    chain = filter(std::move(chain));
  } while (tokens_.take_operator("|"));
  return chain;
}

ExprPtr ExpressionParser::test(ExprPtr input) {
  const int line = tokens_.peek().line;
  const bool is_negated = tokens_.take_name("not");
  std::string name = dotted_name("the name of a test");
  std::size_t depth = input->depth;
  CallArguments given;
  const Token& token = tokens_.peek();
  const bool is_word = token.is_name("else") || token.is_name("or") || token.is_name("and") ||
                       token.is_name("if") || token.is_name("is") || token.is_name("in") ||
                       token.is_name("not");
  if (token.is_operator("(")) {
    given = arguments(depth);
  } else if (token.type == TokenType::kString || token.type == TokenType::kInt ||
             token.type == TokenType::kFloat || token.is_operator("[") || token.is_operator("{") ||
             (token.type == TokenType::kName && !is_word)) {
    given.positional.push_back(postfix(primary()));  // `x is divisibleby 3`
    depth = std::max(depth, given.positional.back()->depth);
  }
  return make_deep(line, TestCall{std::move(input), std::move(name), std::move(given), is_negated},
                   depth);
}

}  // namespace

ExprPtr parse_expression(TokenStream& tokens) {
  return ExpressionParser(tokens).conditional();
}

ExprPtr parse_block_filters(TokenStream& tokens) {
  return ExpressionParser(tokens).block_filters();
}

ExprPtr parse_tuple(TokenStream& tokens, bool with_conditional) {
  return ExpressionParser(tokens).tuple(with_conditional, false);
}

}  // namespace pangu::jinja
