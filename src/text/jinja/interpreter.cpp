// SPDX-License-Identifier: Apache-2.0
// A walk over the tree: statements write to the current output, expressions give values.
#include "text/jinja/interpreter.h"

#include <algorithm>
#include <string>
#include <utility>

#include "text/jinja/expression_evaluator.h"
#include "text/jinja/format.h"
#include "text/jinja/operators.h"

namespace pangu::jinja {
namespace {

/// How a block was left.
enum class Flow { kNext, kBreak, kContinue };

class Interpreter final : public MacroCaller {
 public:
  explicit Interpreter(Context& context) : context_(context), evaluator_(context, *this) {}

  Text run(const Block& body, Scope& scope) {
    Writer out(context_);
    out_ = &out;
    scope_ = &scope;
    run_block(body);
    return out.take();
  }

  Value call_macro(const Function& function, const Arguments& given) override;

 private:
  Value evaluate(const Expr& expr) { return evaluator_.evaluate(expr, *scope_); }

  Flow run_block(const Block& block);
  Flow run_statement(const Statement& statement);

  Flow execute(const Output& node);
  Flow execute(const Print& node);
  Flow execute(const For& node);
  Flow execute(const If& node);
  Flow execute(const Set& node);
  Flow execute(const SetBlock& node);
  Flow execute(const Macro& node);
  Flow execute(const Generation& node);
  Flow execute(const Break&) { return Flow::kBreak; }
  Flow execute(const Continue&) { return Flow::kContinue; }

  void assign(const Target& target, const Value& value, Scope& scope);
  std::vector<Value> matching_items(const For& node, Scope& scope);
  Text capture(const Block& body, Scope& scope);

  Context& context_;
  ExpressionEvaluator evaluator_;
  Scope* scope_ = nullptr;
  Writer* out_ = nullptr;
};

Flow Interpreter::run_block(const Block& block) {
  for (const Statement& statement : block) {
    const Flow flow = run_statement(statement);
    if (flow != Flow::kNext) return flow;
  }
  return Flow::kNext;
}

Flow Interpreter::run_statement(const Statement& statement) {
  const DepthGuard guard(context_);
  context_.line = statement.line;
  context_.charge(1);
  return std::visit([&](const auto& node) { return execute(node); }, statement.node);
}

Flow Interpreter::execute(const Output& node) {
  out_->append(*node.text);
  return Flow::kNext;
}

Flow Interpreter::execute(const Print& node) {
  append_str(context_, *out_, evaluate(*node.value));
  return Flow::kNext;
}

Flow Interpreter::execute(const If& node) {
  for (const auto& [condition, body] : node.branches) {
    if (truthy(evaluate(*condition))) return run_block(body);
  }
  return run_block(node.otherwise);
}

/// The items that pass the loop's `if`, which sees the loop's variables but not `loop`.
std::vector<Value> Interpreter::matching_items(const For& node, Scope& scope) {
  std::vector<Value> items = iterate(context_, evaluate(*node.iterable));
  if (!node.condition) return items;
  std::vector<Value> matching;
  for (const Value& item : items) {
    context_.charge(1);
    assign(node.target, item, scope);
    if (truthy(evaluator_.evaluate(*node.condition, scope))) matching.push_back(item);
  }
  return matching;
}

Flow Interpreter::execute(const For& node) {
  Scope& inner = context_.scope(scope_);
  Loop& loop = context_.loop();
  loop.items = matching_items(node, inner);
  Scope* const outer = scope_;
  Flow flow = Flow::kNext;
  for (loop.at = 0; loop.at < loop.items.size() && flow != Flow::kBreak; ++loop.at) {
    context_.charge(1);
    inner.clear();
    inner.set("loop", Value(&std::as_const(loop)));
    assign(node.target, loop.items[loop.at], inner);
    scope_ = &inner;
    flow = run_block(node.body);
    scope_ = outer;
  }
  return loop.items.empty() ? run_block(node.otherwise) : Flow::kNext;
}

void Interpreter::assign(const Target& target, const Value& value, Scope& scope) {
  if (target.targets.empty() && target.attribute.empty()) return scope.set(target.name, value);
  if (target.targets.empty()) {
    const Value* object = scope.find(target.name);
    if (!object || !object->is(Kind::kNamespace)) {
      context_.fail<ConfigError>(
          "'{}.{}' is set, but '{}' is no namespace. Create it with namespace().", target.name,
          target.attribute, target.name);
    }
    object->as_namespace().attributes.set(context_, context_.string(target.attribute), value);
    return;
  }
  const std::vector<Value> items = iterate(context_, value);
  if (items.size() != target.targets.size()) {
    context_.fail<ConfigError>("{} values cannot be given to {} variables.", items.size(),
                               target.targets.size());
  }
  for (std::size_t i = 0; i < items.size(); ++i) assign(target.targets[i], items[i], scope);
}

Flow Interpreter::execute(const Set& node) {
  context_.charge(4);
  assign(node.target, evaluate(*node.value), *scope_);
  return Flow::kNext;
}

/// What a block writes, as text instead of output.
Text Interpreter::capture(const Block& body, Scope& scope) {
  Writer out(context_);
  Writer* const outer_out = std::exchange(out_, &out);
  Scope* const outer_scope = std::exchange(scope_, &scope);
  run_block(body);
  out_ = outer_out;
  scope_ = outer_scope;
  return out.take();
}

Flow Interpreter::execute(const SetBlock& node) {
  const Value text = context_.string(capture(node.body, context_.scope(scope_)));
  assign(node.target, text, *scope_);
  return Flow::kNext;
}

Flow Interpreter::execute(const Macro& node) {
  scope_->set(
      node.name,
      context_.function(
          {.type = Function::Type::kMacro, .name = node.name, .macro = &node, .scope = scope_}));
  return Flow::kNext;
}

Flow Interpreter::execute(const Generation& node) {
  Scope* const outer = std::exchange(scope_, &context_.scope(scope_));
  run_block(node.body);
  scope_ = outer;
  return Flow::kNext;
}

Value Interpreter::call_macro(const Function& function, const Arguments& given) {
  const DepthGuard guard(context_);
  const Macro& macro = *function.macro;
  Scope& scope = context_.scope(function.scope);
  if (given.positional.size() > macro.parameters.size()) {
    context_.fail<ConfigError>("macro '{}' takes at most {} arguments but got {}.", macro.name,
                               macro.parameters.size(), given.positional.size());
  }
  std::size_t named = 0;
  for (std::size_t i = 0; i < macro.parameters.size(); ++i) {
    const auto& [name, fallback] = macro.parameters[i];
    context_.charge(4 + given.named.size() / 8);
    const auto found =
        std::find_if(given.named.begin(), given.named.end(),
                     [&name = name](const auto& entry) { return entry.first == name; });
    named += found != given.named.end() ? 1 : 0;
    if (i < given.positional.size()) {
      if (found != given.named.end()) {
        context_.fail<ConfigError>("macro '{}' got its argument '{}' twice.", macro.name, name);
      }
      scope.set(name, given.positional[i]);
    } else if (found != given.named.end()) {
      scope.set(name, found->second);
    } else {
      scope.set(name, fallback ? evaluator_.evaluate(*fallback, scope) : Value::undefined(name));
    }
  }
  if (named != given.named.size()) {
    context_.fail<ConfigError>("macro '{}' got a named argument it does not have.", macro.name);
  }
  const int line = context_.line;
  Value result = context_.string(capture(macro.body, scope));
  context_.line = line;
  return result;
}

}  // namespace

Text interpret(Context& context, const Block& body, Scope& scope) {
  return Interpreter(context).run(body, scope);
}

}  // namespace pangu::jinja
