// SPDX-License-Identifier: Apache-2.0
// Computes the value of an expression.
#pragma once

#include "jinja/ast.h"
#include "jinja/context.h"

namespace pangu::jinja {

/// Runs macros and recursive loops; expressions call them but know nothing of statements.
class MacroCaller {
 public:
  virtual ~MacroCaller() = default;
  virtual Value call_macro(const Function& macro, const Arguments& arguments) = 0;
  /// What a recursive loop writes for the items of `iterable`.
  virtual Value call_loop(const Loop& loop, const Value& iterable) = 0;
};

class ExpressionEvaluator {
 public:
  ExpressionEvaluator(Context& context, MacroCaller& macros) : context_(context), macros_(macros) {}

  Value evaluate(const Expr& expr, Scope& scope);
  /// `filters` of what a block wrote.
  Value filter_block(const Expr& filters, const Value& text, Scope& scope);
  /// A call with one more named argument, `caller`.
  Value call_with(const Expr& call, const Value& caller, Scope& scope);

 private:
  Value value_of(const Literal& node, Scope& scope);
  Value value_of(const Name& node, Scope& scope);
  Value value_of(const ListLiteral& node, Scope& scope);
  Value value_of(const DictLiteral& node, Scope& scope);
  Value value_of(const Unary& node, Scope& scope);
  Value value_of(const Binary& node, Scope& scope);
  Value value_of(const Logical& node, Scope& scope);
  Value value_of(const Concat& node, Scope& scope);
  Value value_of(const Compare& node, Scope& scope);
  Value value_of(const Conditional& node, Scope& scope);
  Value value_of(const Attribute& node, Scope& scope);
  Value value_of(const Subscript& node, Scope& scope);
  Value value_of(const Slice& node, Scope& scope);
  Value value_of(const Call& node, Scope& scope);
  Value value_of(const FilterCall& node, Scope& scope);
  Value value_of(const TestCall& node, Scope& scope);
  Value value_of(const BlockText& node, Scope& scope);

  Arguments evaluate(const CallArguments& given, Scope& scope);
  Value call(const Value& callee, const Arguments& arguments);
  Value call(const Call& node, const Value* caller, Scope& scope);
  [[noreturn]] void fail_uncallable(const Call& node, const Value& callee, Scope& scope);

  Context& context_;
  MacroCaller& macros_;
  Value block_text_;
};

}  // namespace pangu::jinja
