// SPDX-License-Identifier: Apache-2.0
// One function per kind of expression.
#include "jinja/expression_evaluator.h"

#include <type_traits>
#include <utility>

#include "jinja/arguments.h"
#include "jinja/filters.h"
#include "jinja/globals.h"
#include "jinja/methods.h"
#include "jinja/operators.h"
#include "jinja/predicates.h"
#include "jinja/text_operations.h"

namespace pangu::jinja {

Value ExpressionEvaluator::evaluate(const Expr& expr, Scope& scope) {
  const DepthGuard guard(context_);
  context_.line = expr.line;
  context_.charge(1);
  return std::visit([&](const auto& node) { return value_of(node, scope); }, expr.node);
}

Value ExpressionEvaluator::value_of(const Literal& node, Scope&) {
  return std::visit(
      [](const auto& value) {
        if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::monostate>) {
          return Value::none();
        } else {
          return Value(value);
        }
      },
      node.value);
}

Value ExpressionEvaluator::value_of(const Name& node, Scope& scope) {
  if (const Value* found = scope.find(node.name)) return *found;
  if (const GlobalFunction global = find_global(node.name)) {
    return context_.function(
        {.type = Function::Type::kGlobal, .name = node.name, .global = global});
  }
  return Value::undefined(node.name);
}

Value ExpressionEvaluator::value_of(const ListLiteral& node, Scope& scope) {
  std::vector<Value> items;
  for (const ExprPtr& item : node.items) items.push_back(evaluate(*item, scope));
  return context_.list(std::move(items), node.is_tuple ? List::Type::kTuple : List::Type::kList);
}

Value ExpressionEvaluator::value_of(const DictLiteral& node, Scope& scope) {
  Dict& dict = context_.dict();
  for (const auto& [key, value] : node.items) {
    const Value name = evaluate(*key, scope);
    if (!dict.set(context_, name, evaluate(*value, scope))) {
      context_.fail<ConfigError>("a {} cannot be the key of a dict, expected a str or number.",
                                 type_name(name));
    }
  }
  return Value(&dict);
}

Value ExpressionEvaluator::value_of(const Unary& node, Scope& scope) {
  const Value operand = evaluate(*node.operand, scope);
  if (node.op == 'n') return Value(!truthy(operand));
  return signed_value(context_, node.op, operand);
}

Value ExpressionEvaluator::value_of(const Binary& node, Scope& scope) {
  const int line = context_.line;
  const Value left = evaluate(*node.left, scope);
  const Value right = evaluate(*node.right, scope);
  context_.line = line;
  return binary(context_, node.op, left, right);
}

Value ExpressionEvaluator::value_of(const Logical& node, Scope& scope) {
  Value left = evaluate(*node.left, scope);
  return truthy(left) == node.is_and ? evaluate(*node.right, scope) : left;
}

Value ExpressionEvaluator::value_of(const Concat& node, Scope& scope) {
  std::vector<Value> parts;
  for (const ExprPtr& part : node.parts) parts.push_back(evaluate(*part, scope));
  return concatenate(context_, parts);
}

Value ExpressionEvaluator::value_of(const Compare& node, Scope& scope) {
  Value left = evaluate(*node.first, scope);
  for (const auto& [op, operand] : node.rest) {
    Value right = evaluate(*operand, scope);
    if (!compare(context_, op, left, right)) return Value(false);
    left = std::move(right);
  }
  return Value(true);
}

Value ExpressionEvaluator::value_of(const Conditional& node, Scope& scope) {
  static const std::string kNothing = "the value of an inline 'if' without 'else'";
  if (truthy(evaluate(*node.condition, scope))) return evaluate(*node.then, scope);
  return node.otherwise ? evaluate(*node.otherwise, scope) : Value::undefined(kNothing);
}

Value ExpressionEvaluator::value_of(const Attribute& node, Scope& scope) {
  const int line = context_.line;
  const Value object = evaluate(*node.object, scope);
  context_.line = line;
  return get_attribute(context_, object, node.name);
}

Value ExpressionEvaluator::value_of(const Subscript& node, Scope& scope) {
  const int line = context_.line;
  const Value object = evaluate(*node.object, scope);
  const Value index = evaluate(*node.index, scope);
  context_.line = line;
  return get_item(context_, object, index);
}

Value ExpressionEvaluator::value_of(const Slice& node, Scope& scope) {
  const int line = context_.line;
  const Value object = evaluate(*node.object, scope);
  const auto part = [&](const ExprPtr& expr) {
    return expr ? evaluate(*expr, scope) : Value::none();
  };
  const Value start = part(node.start);
  const Value stop = part(node.stop);
  const Value step = part(node.step);
  context_.line = line;
  return slice(context_, object, &start, &stop, &step);
}

Arguments ExpressionEvaluator::evaluate(const CallArguments& given, Scope& scope) {
  Arguments out;
  for (const ExprPtr& value : given.positional) out.positional.push_back(evaluate(*value, scope));
  if (given.spread_items) {
    for (Value& item : iterate(context_, evaluate(*given.spread_items, scope))) {
      out.positional.push_back(std::move(item));
    }
  }
  for (const auto& [name, value] : given.named)
    out.named.push_back({name, evaluate(*value, scope)});
  if (!given.spread_names) return out;
  const Value names = evaluate(*given.spread_names, scope);
  if (!names.is(Kind::kDict)) {
    context_.fail<ConfigError>("what follows '**' in a call is of type {}, expected a dict.",
                               type_name(names));
  }
  context_.charge_items(names.as_dict().entries().size());
  for (const auto& [key, value] : names.as_dict().entries()) {
    if (!key.is(Kind::kString)) {
      context_.fail<ConfigError>("a name of the dict after '**' is of type {}, expected a str.",
                                 type_name(key));
    }
    const Source source = key.as_string().empty() ? Source::kContent : key.as_text().source_at(0);
    out.named.push_back({context_.intern(key.as_string()), value, source});
  }
  return out;
}

Value ExpressionEvaluator::call(const Value& callee, const Arguments& arguments) {
  if (callee.is(Kind::kLoop)) {
    const Bound bound(context_, "'loop'", {"iterable"}, arguments, 1);
    return macros_.call_loop(callee.as_loop(), *bound.get(0));
  }
  if (callee.is(Kind::kHelper)) return call_joiner(context_, callee.as_helper(), arguments);
  const Function& function = callee.as_function();
  switch (function.type) {
    case Function::Type::kMacro:
      return macros_.call_macro(function, arguments);
    case Function::Type::kGlobal:
      return function.global(context_, arguments);
    case Function::Type::kMethod:
      return call_method(context_, function.receiver, function.name, arguments);
  }
  return Value();
}

/// Names the function or method that is missing, and the nearest one there is.
void ExpressionEvaluator::fail_uncallable(const Call& node, const Value& callee, Scope& scope) {
  if (callee.is(Kind::kUndefined)) {
    if (const auto* name = std::get_if<Name>(&node.callee->node)) {
      if (scope.find(name->name)) context_.fail_undefined(callee);
      fail_unknown_global(context_, name->name);
    }
    if (const auto* attribute = std::get_if<Attribute>(&node.callee->node)) {
      fail_unknown_method(context_, evaluate(*attribute->object, scope), attribute->name);
    }
    context_.fail_undefined(callee);
  }
  context_.fail<ConfigError>("a value of type {} is called, expected a function.",
                             type_name(callee));
}

Value ExpressionEvaluator::call(const Call& node, const Value* caller, Scope& scope) {
  const int line = context_.line;
  const Value callee = evaluate(*node.callee, scope);
  const bool is_joiner = callee.is(Kind::kHelper) && !callee.as_helper().is_cycler;
  if (!callee.is(Kind::kFunction) && !callee.is(Kind::kLoop) && !is_joiner) {
    fail_uncallable(node, callee, scope);
  }
  Arguments arguments = evaluate(node.arguments, scope);
  if (caller) arguments.named.push_back({"caller", *caller});
  context_.line = line;
  return call(callee, arguments);
}

Value ExpressionEvaluator::value_of(const Call& node, Scope& scope) {
  return call(node, nullptr, scope);
}

Value ExpressionEvaluator::call_with(const Expr& expr, const Value& caller, Scope& scope) {
  const DepthGuard guard(context_);
  context_.line = expr.line;
  return call(std::get<Call>(expr.node), &caller, scope);
}

Value ExpressionEvaluator::value_of(const FilterCall& node, Scope& scope) {
  const int line = context_.line;
  const Value input = evaluate(*node.input, scope);
  const Arguments arguments = evaluate(node.arguments, scope);
  context_.line = line;
  return get_filter(context_, node.name).apply(context_, input, arguments);
}

Value ExpressionEvaluator::value_of(const TestCall& node, Scope& scope) {
  const int line = context_.line;
  const Value input = evaluate(*node.input, scope);
  const Arguments arguments = evaluate(node.arguments, scope);
  context_.line = line;
  const bool holds = get_predicate(context_, node.name).holds(context_, input, arguments);
  return Value(holds != node.is_negated);
}

Value ExpressionEvaluator::value_of(const BlockText&, Scope&) {
  return block_text_;
}

Value ExpressionEvaluator::filter_block(const Expr& filters, const Value& text, Scope& scope) {
  // Arguments of the filters may call macros that filter blocks of their own.
  const Value outer = std::exchange(block_text_, text);
  Value result = evaluate(filters, scope);
  block_text_ = outer;
  return result;
}

}  // namespace pangu::jinja
