// SPDX-License-Identifier: Apache-2.0
// A walk over the tree: statements write to the current output, expressions give values.
#include "jinja/interpreter.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/clipped.h"
#include "jinja/expression_evaluator.h"
#include "jinja/format.h"
#include "jinja/markup.h"
#include "jinja/operators.h"

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
    top_ = &scope;
    run_block(body);
    return out.take();
  }

  Value call_macro(const Function& function, const Arguments& given) override;
  Value call_loop(const Loop& loop, const Value& iterable) override;

 private:
  Value evaluate(const Expr& expr) { return evaluator_.evaluate(expr, *scope_); }

  Flow run_block(const Block& block);
  Flow run_statement(const Statement& statement);

  Flow execute(const Output& node);
  Flow execute(const Print& node);
  Flow execute(const Do& node);
  Flow execute(const For& node);
  Flow execute(const If& node);
  Flow execute(const Set& node);
  Flow execute(const SetBlock& node);
  Flow execute(const FilterBlock& node);
  Flow execute(const With& node);
  Flow execute(const Macro& node);
  Flow execute(const CallBlock& node);
  Flow execute(const BlockTag& node);
  Flow execute(const Autoescape& node);
  Flow execute(const Generation& node);
  Flow execute(const OtherTemplate& node);
  Flow execute(const Break&) { return Flow::kBreak; }
  Flow execute(const Continue&) { return Flow::kContinue; }

  void assign(const Target& target, const Value& value, Scope& scope);
  std::vector<Value> matching_items(const For& node, const Value& iterable, Scope& scope);
  Flow run_loop(const For& node, const Value& iterable, std::int64_t depth0);
  Flow run_inside(const Block& body, Scope& scope);
  Flow capture(const Block& body, Scope& scope, Value& text);
  void print(const Value& value);
  Value macro(const Macro& node);
  void bind(const Macro& macro, const Arguments& given, Scope& scope);
  void bind_rest(const Macro& macro, const Arguments& given, Scope& scope);

  Context& context_;
  ExpressionEvaluator evaluator_;
  Scope* scope_ = nullptr;
  Scope* top_ = nullptr;
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

void Interpreter::print(const Value& value) {
  if (!context_.autoescape) return append_str(context_, *out_, value);
  out_->append(escaped_str(context_, value).as_text());
}

Flow Interpreter::execute(const Print& node) {
  for (const ExprPtr& value : node.values) print(evaluate(*value));
  return Flow::kNext;
}

Flow Interpreter::execute(const Do& node) {
  evaluate(*node.value);
  return Flow::kNext;
}

Flow Interpreter::execute(const If& node) {
  for (const auto& [condition, body] : node.branches) {
    if (truthy(evaluate(*condition))) return run_block(body);
  }
  return run_block(node.otherwise);
}

/// The items that pass the loop's `if`, which sees the loop's variables but not `loop`.
std::vector<Value> Interpreter::matching_items(const For& node, const Value& iterable,
                                               Scope& scope) {
  std::vector<Value> items = iterate(context_, iterable);
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
  return run_loop(node, evaluate(*node.iterable), 0);
}

Flow Interpreter::run_loop(const For& node, const Value& iterable, std::int64_t depth0) {
  Scope& inner = context_.scope(scope_);
  Loop& loop = context_.loop();
  loop.items = matching_items(node, iterable, inner);
  loop.depth0 = depth0;
  loop.scope = scope_;
  if (node.is_recursive) loop.statement = &node;
  Scope* const outer = scope_;
  Flow flow = Flow::kNext;
  for (loop.at = 0; loop.at < loop.items.size() && flow != Flow::kBreak; ++loop.at) {
    context_.charge(1);
    inner.clear();
    inner.set("loop", Value(&loop));
    assign(node.target, loop.items[loop.at], inner);
    scope_ = &inner;
    flow = run_block(node.body);
    scope_ = outer;
  }
  return loop.items.empty() ? run_block(node.otherwise) : Flow::kNext;
}

Value Interpreter::call_loop(const Loop& loop, const Value& iterable) {
  const DepthGuard guard(context_);
  if (!loop.statement) {
    context_.fail<ConfigError>("'loop' is called, but the loop is not marked 'recursive'.");
  }
  const int line = context_.line;
  Writer out(context_);
  Writer* const outer_out = std::exchange(out_, &out);
  Scope* const outer_scope = std::exchange(scope_, loop.scope);
  run_loop(*loop.statement, iterable, loop.depth0 + 1);
  out_ = outer_out;
  scope_ = outer_scope;
  context_.line = line;
  return out.value().as_markup(context_.autoescape);
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

Flow Interpreter::run_inside(const Block& body, Scope& scope) {
  Scope* const outer = std::exchange(scope_, &scope);
  const Flow flow = run_block(body);
  scope_ = outer;
  return flow;
}

/// What a block writes, as text instead of output.
Flow Interpreter::capture(const Block& body, Scope& scope, Value& text) {
  Writer out(context_);
  Writer* const outer = std::exchange(out_, &out);
  const Flow flow = run_inside(body, scope);
  out_ = outer;
  text = out.value().as_markup(context_.autoescape);
  return flow;
}

Flow Interpreter::execute(const SetBlock& node) {
  Value text;
  Scope& inner = context_.scope(scope_);
  if (const Flow flow = capture(node.body, inner, text); flow != Flow::kNext) return flow;
  if (node.filters) text = evaluator_.filter_block(*node.filters, text, inner);
  assign(node.target, text, *scope_);
  return Flow::kNext;
}

Flow Interpreter::execute(const FilterBlock& node) {
  Value text;
  Scope& inner = context_.scope(scope_);
  if (const Flow flow = capture(node.body, inner, text); flow != Flow::kNext) return flow;
  print(evaluator_.filter_block(*node.filters, text, inner));
  return Flow::kNext;
}

/// The values are computed outside, where none of the new names is known.
Flow Interpreter::execute(const With& node) {
  Scope& inner = context_.scope(scope_);
  for (const auto& [target, value] : node.values) assign(target, evaluate(*value), inner);
  return run_inside(node.body, inner);
}

Value Interpreter::macro(const Macro& node) {
  return context_.function({.type = Function::Type::kMacro,
                            .name = node.name,
                            .macro = &node,
                            .scope = scope_,
                            .autoescape = context_.autoescape});
}

Flow Interpreter::execute(const Macro& node) {
  scope_->set(node.name, macro(node));
  return Flow::kNext;
}

Flow Interpreter::execute(const CallBlock& node) {
  print(evaluator_.call_with(*node.call, macro(node.caller), *scope_));
  return Flow::kNext;
}

Flow Interpreter::execute(const BlockTag& node) {
  run_inside(node.body, context_.scope(node.is_scoped ? scope_ : top_));
  return Flow::kNext;
}

Flow Interpreter::execute(const Autoescape& node) {
  const bool outer = std::exchange(context_.autoescape, truthy(evaluate(*node.value)));
  const Flow flow = run_inside(node.body, context_.scope(scope_));
  context_.autoescape = outer;
  return flow;
}

Flow Interpreter::execute(const Generation& node) {
  run_inside(node.body, context_.scope(scope_));
  return Flow::kNext;
}

Flow Interpreter::execute(const OtherTemplate& node) {
  context_.fail<Unsupported>(
      "the tag '{}' asks for another template, and there is none. Put its text here.", node.tag);
}

/// Gives the parameters their values.
void Interpreter::bind(const Macro& macro, const Arguments& given, Scope& scope) {
  for (std::size_t i = 0; i < macro.parameters.size(); ++i) {
    const auto& [name, fallback] = macro.parameters[i];
    context_.charge(4 + given.named.size() / 8);
    const auto found =
        std::find_if(given.named.begin(), given.named.end(),
                     [&name = name](const auto& entry) { return entry.name == name; });
    if (i < given.positional.size()) {
      if (found != given.named.end()) {
        context_.fail<ConfigError>("macro '{}' got its argument '{}' twice.", macro.name, name);
      }
      scope.set(name, given.positional[i]);
    } else if (found != given.named.end()) {
      scope.set(name, found->value);
    } else {
      scope.set(name, fallback ? evaluator_.evaluate(*fallback, scope) : Value::undefined(name));
    }
  }
}

/// Gives `caller`, `kwargs` and `varargs` the arguments that no parameter took.
void Interpreter::bind_rest(const Macro& macro, const Arguments& given, Scope& scope) {
  static const std::string kNoCaller = "caller";
  const auto is_parameter = [&](std::string_view name) {
    return std::any_of(macro.parameters.begin(), macro.parameters.end(),
                       [&](const auto& parameter) { return parameter.first == name; });
  };
  if (macro.has_caller && !is_parameter("caller")) scope.set("caller", Value::undefined(kNoCaller));
  Dict& rest = context_.dict();
  for (const auto& [name, value, source] : given.named) {
    context_.charge(1 + macro.parameters.size() / 8);
    if (is_parameter(name)) continue;
    if (macro.has_caller && name == "caller") {
      scope.set("caller", value);
    } else if (macro.has_kwargs) {
      rest.set(context_, context_.string(name, source), value);
    } else {
      context_.fail<ConfigError>("macro '{}' has no argument '{}'.", macro.name, clipped(name));
    }
  }
  if (macro.has_kwargs) scope.set("kwargs", Value(&rest));
  const std::size_t taken = std::min(macro.parameters.size(), given.positional.size());
  if (!macro.has_varargs && given.positional.size() > taken) {
    context_.fail<ConfigError>("macro '{}' takes at most {} arguments but got {}.", macro.name,
                               macro.parameters.size(), given.positional.size());
  }
  if (!macro.has_varargs) return;
  std::vector<Value> more(given.positional.begin() + static_cast<std::ptrdiff_t>(taken),
                          given.positional.end());
  scope.set("varargs", context_.list(std::move(more), List::Type::kTuple));
}

Value Interpreter::call_macro(const Function& function, const Arguments& given) {
  const DepthGuard guard(context_);
  Scope& scope = context_.scope(function.scope);
  bind_rest(*function.macro, given, scope);
  bind(*function.macro, given, scope);
  const int line = context_.line;
  const bool outer = std::exchange(context_.autoescape, function.autoescape);
  Value result;
  capture(function.macro->body, scope, result);
  context_.autoescape = outer;
  context_.line = line;
  return result.as_markup(outer);
}

}  // namespace

Text interpret(Context& context, const Block& body, Scope& scope) {
  return Interpreter(context).run(body, scope);
}

}  // namespace pangu::jinja
