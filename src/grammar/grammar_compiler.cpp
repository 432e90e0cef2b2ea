// SPDX-License-Identifier: Apache-2.0
// From the sources of grammars to what holds replies to them.
#include <utility>

#include "grammar/compiled_grammar.h"
#include "grammar/grammar_source.h"
#include "pangu/grammar.h"

namespace pangu {

struct GrammarCompiler::Impl {
  std::shared_ptr<const grammar::TokenTrie> trie;
  GrammarLimits limits;

  std::shared_ptr<const OutputGrammar> hold(grammar::Program program) const {
    return std::make_shared<grammar::CompiledGrammar>(std::move(program), trie, limits);
  }
};

GrammarCompiler::GrammarCompiler(std::shared_ptr<const Tokenizer> tokenizer,
                                 const GrammarLimits& limits)
    : impl_(std::make_unique<Impl>(
          Impl{std::make_shared<grammar::TokenTrie>(std::move(tokenizer)), limits})) {}

GrammarCompiler::~GrammarCompiler() = default;
GrammarCompiler::GrammarCompiler(GrammarCompiler&&) noexcept = default;
GrammarCompiler& GrammarCompiler::operator=(GrammarCompiler&&) noexcept = default;

std::shared_ptr<const OutputGrammar> GrammarCompiler::json_schema(std::string_view schema) const {
  return impl_->hold(grammar::compile_json_schema(schema, impl_->limits));
}

std::shared_ptr<const OutputGrammar> GrammarCompiler::json_object() const {
  return json_schema(R"({"type": "object"})");
}

std::shared_ptr<const OutputGrammar> GrammarCompiler::regex(std::string_view expression) const {
  return impl_->hold(grammar::compile_regex(expression, impl_->limits));
}

std::shared_ptr<const OutputGrammar> GrammarCompiler::choices(
    std::span<const std::string> texts) const {
  return impl_->hold(grammar::compile_choices(texts, impl_->limits));
}

std::shared_ptr<const OutputGrammar> GrammarCompiler::gbnf(std::string_view source) const {
  return impl_->hold(grammar::compile_gbnf(source, impl_->limits));
}

}  // namespace pangu
