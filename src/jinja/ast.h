// SPDX-License-Identifier: Apache-2.0
// The tree a template is parsed into. It never changes afterwards, so renderings may share it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "jinja/text.h"

namespace pangu::jinja {

struct Expr;
using ExprPtr = std::unique_ptr<Expr>;

struct CallArguments {
  std::vector<ExprPtr> positional;
  std::vector<std::pair<std::string, ExprPtr>> named;
  ExprPtr spread_items;  // f(*items), or null
  ExprPtr spread_names;  // f(**names), or null
};

/// none, a bool, a number or a string.
struct Literal {
  std::variant<std::monostate, bool, std::int64_t, double, TextPtr> value;
};
struct Name {
  std::string name;
};
struct ListLiteral {
  std::vector<ExprPtr> items;
  bool is_tuple;
};
struct DictLiteral {
  std::vector<std::pair<ExprPtr, ExprPtr>> items;
};
/// `not`, `-` or `+`.
struct Unary {
  char op;  // 'n' for not
  ExprPtr operand;
};
enum class BinaryOp { kAdd, kSubtract, kMultiply, kDivide, kFloorDivide, kModulo, kPower };
struct Binary {
  BinaryOp op;
  ExprPtr left, right;
};
/// `and` and `or` give one of their operands, unconverted.
struct Logical {
  bool is_and;
  ExprPtr left, right;
};
/// a ~ b ~ c.
struct Concat {
  std::vector<ExprPtr> parts;
};
enum class CompareOp { kEqual, kNotEqual, kLess, kLessEqual, kGreater, kGreaterEqual, kIn, kNotIn };
/// a < b <= c, each operand evaluated once.
struct Compare {
  ExprPtr first;
  std::vector<std::pair<CompareOp, ExprPtr>> rest;
};
/// `then if condition else otherwise`; without `otherwise` the value is undefined.
struct Conditional {
  ExprPtr condition, then, otherwise;
};
struct Attribute {
  ExprPtr object;
  std::string name;
};
struct Subscript {
  ExprPtr object, index;
};
/// object[start:stop:step]; absent parts are null.
struct Slice {
  ExprPtr object, start, stop, step;
};
struct Call {
  ExprPtr callee;
  CallArguments arguments;
};
struct FilterCall {
  ExprPtr input;
  std::string name;
  CallArguments arguments;
};
/// `input is [not] name(arguments)`.
struct TestCall {
  ExprPtr input;
  std::string name;
  CallArguments arguments;
  bool is_negated;
};

/// What a block wrote, where its filters stand apart from it: {% filter upper %}...{% endfilter %}.
struct BlockText {};

struct Expr {
  using Node =
      std::variant<Literal, Name, ListLiteral, DictLiteral, Unary, Binary, Logical, Concat, Compare,
                   Conditional, Attribute, Subscript, Slice, Call, FilterCall, TestCall, BlockText>;
  Node node;
  int line;
  /// Levels from here down to the deepest leaf.
  std::size_t depth;
};

struct Statement;
using Block = std::vector<Statement>;

/// Where `set` and `for` put values: a name, an attribute of a namespace, or a tuple of targets.
struct Target {
  std::string name;
  std::string attribute;        // empty unless `name.attribute`
  std::vector<Target> targets;  // for a tuple; `name` is empty then
};

struct Output {
  TextPtr text;
};
/// {{ value }}, or {% print value, value %}.
struct Print {
  std::vector<ExprPtr> values;
};
/// {% do value %}.
struct Do {
  ExprPtr value;
};
struct For {
  Target target;
  ExprPtr iterable;
  ExprPtr condition;  // null without `if`
  bool is_recursive = false;
  Block body, otherwise;
};
struct If {
  std::vector<std::pair<ExprPtr, Block>> branches;
  Block otherwise;
};
struct Set {
  Target target;
  ExprPtr value;
};
/// {% set x | filter %}...{% endset %}.
struct SetBlock {
  Target target;
  ExprPtr filters;  // of a BlockText, or null
  Block body;
};
/// {% filter name | name %}...{% endfilter %}.
struct FilterBlock {
  ExprPtr filters;  // of a BlockText
  Block body;
};
/// {% with a=1, b=2 %}...{% endwith %}.
struct With {
  std::vector<std::pair<Target, ExprPtr>> values;
  Block body;
};
struct Macro {
  std::string name;
  std::vector<std::pair<std::string, ExprPtr>> parameters;  // with default or null
  /// Whether the body names `varargs`, `kwargs` or `caller`; without that, it takes none of these.
  bool has_varargs = false;
  bool has_kwargs = false;
  bool has_caller = false;
  Block body;
};
/// {% call(parameters) macro(...) %}...{% endcall %}.
struct CallBlock {
  Macro caller;
  ExprPtr call;  // a Call
};
/// {% block name %}...{% endblock %}: its body, which sees variables of the template alone, or
/// where it is `scoped` those around it.
struct BlockTag {
  bool is_scoped;
  Block body;
};
/// {% autoescape true %}...{% endautoescape %}.
struct Autoescape {
  ExprPtr value;
  Block body;
};
/// A tag that needs other templates: include, import, from, extends. There are none.
struct OtherTemplate {
  std::string tag;
};
/// A block that only marks what the model generated: its body, in a scope of its own.
struct Generation {
  Block body;
};
struct Break {};
struct Continue {};

struct Statement {
  using Node =
      std::variant<Output, Print, Do, For, If, Set, SetBlock, FilterBlock, With, Macro, CallBlock,
                   BlockTag, Autoescape, Generation, OtherTemplate, Break, Continue>;
  Node node;
  int line;
};

}  // namespace pangu::jinja
