// SPDX-License-Identifier: Apache-2.0
// From the sources of grammars to what holds replies to them.
#include <algorithm>
#include <list>
#include <mutex>
#include <string>
#include <utility>

#include "grammar/compiled_grammar.h"
#include "grammar/grammar_source.h"
#include "pangu/grammar.h"

namespace pangu {

struct GrammarCompiler::Impl {
  using Grammar = std::shared_ptr<const OutputGrammar>;
  struct Kept {
    std::string source;  ///< behind the notation that it is in
    Grammar grammar;
  };

  Impl(std::shared_ptr<const grammar::TokenTrie> tokens, const GrammarLimits& most)
      : trie(std::move(tokens)), limits(most) {}

  /// The grammar of a source, by `compile()` unless it is kept.
  template <class Compile>
  Grammar get(std::string source, Compile compile) {
    if (Grammar known = find(source)) return known;
    Grammar made = std::make_shared<grammar::CompiledGrammar>(compile(), trie, limits);
    const std::lock_guard lock(mutex);
    kept.push_front({std::move(source), made});
    if (kept.size() > limits.kept) kept.pop_back();
    return made;
  }

  Grammar find(const std::string& source) {
    const std::lock_guard lock(mutex);
    const auto at = std::ranges::find(kept, source, &Kept::source);
    if (at == kept.end()) return nullptr;
    kept.splice(kept.begin(), kept, at);
    return kept.front().grammar;
  }

  const std::shared_ptr<const grammar::TokenTrie> trie;
  const GrammarLimits limits;
  std::mutex mutex;
  std::list<Kept> kept;  ///< the one that was asked for last is the first
};

GrammarCompiler::GrammarCompiler(std::shared_ptr<const Tokenizer> tokenizer,
                                 const GrammarLimits& limits)
    : impl_(std::make_unique<Impl>(std::make_shared<grammar::TokenTrie>(std::move(tokenizer)),
                                   limits)) {}

GrammarCompiler::~GrammarCompiler() = default;
GrammarCompiler::GrammarCompiler(GrammarCompiler&&) noexcept = default;
GrammarCompiler& GrammarCompiler::operator=(GrammarCompiler&&) noexcept = default;

std::shared_ptr<const OutputGrammar> GrammarCompiler::json_schema(std::string_view schema) const {
  return impl_->get("schema:" + std::string(schema),
                    [&] { return grammar::compile_json_schema(schema, impl_->limits); });
}

std::shared_ptr<const OutputGrammar> GrammarCompiler::json_object() const {
  return json_schema(R"({"type": "object"})");
}

std::shared_ptr<const OutputGrammar> GrammarCompiler::regex(std::string_view expression) const {
  return impl_->get("regex:" + std::string(expression),
                    [&] { return grammar::compile_regex(expression, impl_->limits); });
}

std::shared_ptr<const OutputGrammar> GrammarCompiler::choices(
    std::span<const std::string> texts) const {
  std::string source = "choices:";
  for (const std::string& text : texts) source += std::to_string(text.size()) + ":" + text;
  return impl_->get(std::move(source),
                    [&] { return grammar::compile_choices(texts, impl_->limits); });
}

std::shared_ptr<const OutputGrammar> GrammarCompiler::gbnf(std::string_view source) const {
  return impl_->get("gbnf:" + std::string(source),
                    [&] { return grammar::compile_gbnf(source, impl_->limits); });
}

}  // namespace pangu
